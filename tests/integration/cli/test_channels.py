"""Channels by command: defined, tried out and ended; what the file defines is left to the file."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsfeed.channels import Channel
from newsfeed.cli.defining import seconds_of
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.registry import ChannelDefined
from newsfeed.settings import Settings
from newsfeed.testing.answers import Ask
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline
from newsfeed.testing.town import BRIDGE
from newsfeed.testing.waiting import until
from newsfeed.tokens import Links, link_key

pytestmark = pytest.mark.by_turns


async def test_a_channel_is_defined_once_and_listed(ask: Ask, log: EventLog) -> None:
    """Defining it again with other words is a new version, with the same ones nothing."""
    define = ["channels", "define", "ferries", "--query", "ferry OR boat*", "--every", "10m"]
    first = await ask(*define, "--set", "max_items=5", "--set", "language=fr")
    again = await ask(*define, "--set", "max_items=5", "--set", "language=fr", "--json")
    changed = await ask(*define, "--json")

    assert (first.status, first.out) == (0, "ferries is defined: every 600 s\n")
    assert [answer.json[0]["changed"] for answer in (again, changed)] == [False, True]
    registry = await RegistryLog(log.redis).read()
    fact = registry.channels["ferries"]
    assert isinstance(fact, ChannelDefined)
    assert (registry.position, fact.defined_by) == (2, "command")
    assert Channel.model_validate(fact.definition).version == changed.json[0]["version"]
    listed = (await ask("channels", "list", "--json")).json
    assert [(one["name"], one["defined_by"], one["query"]) for one in listed] == [
        ("latest", "file", ""),
        ("ferries", "command", "ferry OR boat*"),
    ]


async def test_a_retired_channel_is_gone_from_the_list(ask: Ask) -> None:
    """Ending what is not there is bad news."""
    await ask("channels", "define", "ferries", "--immediate")

    assert (await ask("channels", "retire", "ferries")).out == "ferries is retired\n"
    assert [one["name"] for one in (await ask("channels", "list", "--json")).json] == ["latest"]
    assert (await ask("channels", "retire", "ferries")).status == 1


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["define", "latest", "--immediate"], 1, "latest is defined by"),
        (["retire", "latest"], 1, "latest is defined by"),
        (["define", "x", "--query", "(ferry", "--immediate"], 2, "never closed"),
        (["define", "x"], 2, "exactly one of"),
        (["define", "x", "--every", "soon"], 2, "no span of time"),
        (["define", "x", "--immediate", "--set", "max_items=many"], 2, "max_items"),
        (["define", "x", "--immediate", "--set", "max_items"], 2, "KEY=VALUE"),
        (["test"], 2, "name a channel"),
        (["test", "--query", "topc:1"], 2, "did you mean topic"),
        (["backtest", "latest", "--query", "ferry"], 2, "name a channel"),
    ],
)
async def test_what_cannot_be_done_is_told(ask: Ask, arguments: list[str], status: int, told: str) -> None:
    answer = await ask("channels", *arguments)

    assert answer.status == status
    assert told in " ".join(answer.err.replace("│", " ").split())


@pytest.mark.usefixtures("town")
async def test_a_query_is_tried_on_the_newest_articles(ask: Ask) -> None:
    """The fair was withdrawn; the bridge stands in its corrected version."""
    matched = await ask("channels", "test", "--query", "bridge topic:16000000 score>=0.4", "--json")
    missed = await ask(
        "channels", "test", "--query", "bridge (ferry OR boat) score>=0.6 topic:16000000", "--json"
    )

    [one] = matched.json
    assert (one["article_id"], one["version"], one["matches"]) == (BRIDGE, 2, True)
    assert [reason["clause"] for reason in one["why"]] == ["bridge", "topic:16000000"]
    [one] = missed.json
    assert one["lacks"] == ["ferry OR boat", "topic:16000000 with score>=0.6"]
    assert "1 of the newest 1 articles" in (await ask("channels", "test", "latest")).out
    assert "there is no channel 'nothing'" in (await ask("channels", "test", "nothing")).err


@pytest.mark.usefixtures("town")
async def test_people_see_the_clause_and_the_words_that_met_it(ask: Ask) -> None:
    """In a line for each article."""
    answer = await ask("channels", "test", "--query", "title:bridg* OR ferry")

    assert "title:bridg* (bridg*): 'bridge' at 14" in answer.out


async def test_a_back_test_shows_what_would_have_come_out(ask: Ask, log: EventLog) -> None:
    """Of a query that nobody defined yet; it needs a boundary to pass."""
    backtest = ["channels", "backtest", "--query", "ferry", "--every", "1s"]
    timeline = Timeline(log)
    for article_id in ("ferry-1", "rain"):
        await timeline.article(article_id, text=document(article_id, f"{article_id} again."))

    async def is_out() -> bool:
        return bool((await ask(*backtest, "--json")).json)

    await until(is_out)

    [digest] = (await ask(*backtest, "--json")).json
    shown = (await ask(*backtest)).out.splitlines()
    assert [(item["article_id"], item["why"][0]["clause"]) for item in digest["items"]] == [
        ("ferry-1", "ferry")
    ]
    assert shown[1:] == ["    ferry-1", "1 digests with 1 items"]


def test_spans_of_time_are_read_in_their_units() -> None:
    spans = {"90s": 90, "10m": 600, "2h": timedelta(hours=2).seconds, "1d": 86_400}

    assert {span: seconds_of(span) for span in spans} == spans


async def test_the_token_of_editors_is_that_of_the_link_key(ask: Ask) -> None:
    """The web program of the same folder takes it; asking again gives the same."""
    first, again = await ask("channels", "token"), await ask("channels", "token")

    assert first.out == again.out
    assert Links(link_key(Settings().var)).is_editors(first.out.strip())


async def test_a_bundle_is_defined_listed_and_goes_on_without_a_member(ask: Ask) -> None:
    """Whoever retires a member is told which bundles had it, and `doctor` remembers."""
    await ask("channels", "define", "boats", "--query", "ferry OR boat*", "--every", "10m")
    define = ["channels", "define", "morning", "--immediate", "--set", 'bundle=["boats", "latest"]']
    first = (await ask(*define, "--json")).json[0]
    listed = (await ask("channels", "list", "--json")).json[-1]
    table = (await ask("channels", "list")).out
    retired = await ask("channels", "retire", "boats")
    later = (await ask("channels", "list", "--json")).json[-1]

    assert (listed["name"], listed["bundle"]) == ("morning", ["boats", "latest"])
    assert first["version"] == listed["version"] != later["version"]
    assert "morning (boats, latest)" in table
    assert (retired.out, retired.err) == (
        "boats is retired\n",
        "the bundle morning goes on without it\n",
    )


@pytest.mark.parametrize(
    ("name", "bundle", "told"),
    [
        ("evening", "latst", "there is no channel 'latst'; did you mean 'latest'?"),
        ("evening", "evening", "a bundle is not made of itself"),
        ("evening", "morning", "'morning' is a bundle itself"),
        ("boats", "latest", "the bundle 'morning' is made of it"),
    ],
)
async def test_a_bundle_that_cannot_be_is_refused(ask: Ask, name: str, bundle: str, told: str) -> None:
    await ask("channels", "define", "boats", "--every", "10m")
    await ask("channels", "define", "morning", "--immediate", "--set", 'bundle=["boats"]')

    answer = await ask("channels", "define", name, "--every", "10m", "--set", f'bundle=["{bundle}"]')

    assert answer.status == 2
    assert told in " ".join(answer.err.replace("│", " ").split())


@pytest.mark.usefixtures("town")
async def test_a_bundle_is_tried_out_by_its_members(ask: Ask) -> None:
    """With the member whose clause was met, and what the nearest one lacks."""
    await ask("channels", "define", "opening", "--every", "10m", "--query", "opens")
    await ask("channels", "define", "tides", "--every", "10m", "--query", "tide AND moon")
    await ask("channels", "define", "both", "--every", "10m", "--set", 'bundle=["tides", "opening"]')

    await ask("channels", "define", "sea", "--every", "10m", "--set", 'bundle=["tides"]')

    [found] = (await ask("channels", "test", "both", "--json")).json
    [missed] = (await ask("channels", "test", "sea", "--json")).json
    people = (await ask("channels", "test", "both")).out

    assert [(reason["member"], reason["clause"]) for reason in found["why"]] == [("opening", "opens")]
    assert missed["lacks"] == ["tides: tide", "tides: moon"]
    assert "opening: opens" in people
