"""`newsfeed events` and `trace`."""

from __future__ import annotations

import signal

import orjson
import pytest

from newsfeed.envelope import derive_id
from newsfeed.eventlog import Append, EventLog
from newsfeed.events import SeedRejected
from newsfeed.testing.answers import Ask, start_command
from newsfeed.testing.facts import NOON, seed, version_append
from newsfeed.testing.town import BRIDGE, FAIR, Town

pytestmark = pytest.mark.by_turns


async def test_partitions_are_merged_in_the_order_of_recording(ask: Ask, town: Town) -> None:
    shown = (await ask("events", "--json")).json

    ranks = [(one["recorded_at"], one["partition"], one["position"]) for one in shown]
    assert len(shown) == sum(await town.log.tails())
    assert ranks == sorted(ranks)
    assert len({one["partition"] for one in shown}) == 2


@pytest.mark.usefixtures("town")
async def test_an_event_has_its_envelope_and_data(ask: Ask) -> None:
    first = (await ask("events", "--json")).json[0]

    assert first["type"] == "article.ingested"
    assert first["data"]["article_id"] == BRIDGE


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--article", BRIDGE], 4),
        (["--article", FAIR[:6]], 3),
        (["--type", "article.enriched"], 3),
        (["--limit", "2"], 2),
        (["--limit", "0"], 0),
        (["--since", "1h"], 7),
        (["--since", "2999-01-01T00:00Z"], 0),
        (["--since", "2020-01-01"], 7),
    ],
)
async def test_the_log_can_be_narrowed(ask: Ask, options: list[str], count: int) -> None:
    answer = await ask("events", "--json", *options)

    assert len(answer.json) == count


async def test_the_limit_keeps_the_newest(ask: Ask, town: Town) -> None:
    [newest] = (await ask("events", "--json", "--limit", "1")).json

    assert newest["event_id"] == str(town.fair_withdrawn.event_id)


@pytest.mark.usefixtures("town")
async def test_since_a_time_of_record_begins_with_that_event(ask: Ask) -> None:
    third = (await ask("events", "--json")).json[2]

    shown = (await ask("events", "--json", "--since", third["recorded_at"])).json

    assert shown[0]["recorded_at"] >= third["recorded_at"]
    assert third in shown


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("options", [["--since", "yesterday"], ["--type", "article.sung"], ["--limit", "-1"]])
async def test_wrong_options_are_wrong_usage(ask: Ask, options: list[str]) -> None:
    answer = await ask("events", *options)

    assert answer.status == 2


async def test_a_follower_sees_old_and_new_events_and_ends_well(
    log: EventLog, environment: dict[str, str]
) -> None:
    """Ctrl-C is how one leaves it: not an error, and no traceback."""
    await log.append(log.partition_of("a"), [version_append("a")])
    process = await start_command(environment, "events", "--follow", "--json")
    assert process.stdout is not None
    assert process.stderr is not None

    first = orjson.loads(await process.stdout.readline())
    await log.append(log.partition_of("b"), [version_append("b")])
    second = orjson.loads(await process.stdout.readline())
    process.send_signal(signal.SIGINT)
    status = await process.wait()

    assert [first["data"]["article_id"], second["data"]["article_id"]] == ["a", "b"]
    assert (status, await process.stderr.read()) == (0, b"")


async def test_a_trace_leads_from_the_file_to_every_digest(ask: Ask, town: Town) -> None:
    [one] = (await ask("trace", BRIDGE, "--json")).json

    first, second = one["versions"]
    assert (first["seed"]["path"], first["type"]) == (f"town/{BRIDGE}.txt", "article.ingested")
    assert first["enrichments"][0]["caused_by"] == {
        "event_id": str(town.bridge[0].event_id),
        "type": "article.ingested",
        "position": town.bridge[0].position,
    }
    assert [(d["channel"], d["number"], d["kind"]) for d in first["deliveries"]] == [("latest", 1, "item")]
    assert [(d["number"], d["kind"], d["corrects"]) for d in second["deliveries"]] == [
        (2, "correction", {"digest": 1, "version": 1})
    ]
    assert one["correlation_id"] == str(town.bridge[1].correlation_id)


@pytest.mark.usefixtures("town")
async def test_a_trace_reads_as_a_tree(ask: Ask) -> None:
    answer = await ask("trace", FAIR)

    assert "item in digest 1 of latest" in answer.out
    assert "retraction in digest 2 of latest" in answer.out
    assert "corrects digest 1" in answer.out


async def test_a_trace_of_a_rejected_seed_says_why(ask: Ask, log: EventLog) -> None:
    event = SeedRejected(
        event_id=derive_id("rejected"),
        occurred_at=NOON,
        correlation_id=derive_id("seed"),
        source_id="town",
        seed=seed("town/broken.xml"),
        code="not_news",
    )
    await log.append(log.partition_of(event.subject), [Append(event)])

    answer = await ask("trace", "town/broken.xml")

    assert answer.status == 1
    assert "not_news" in answer.out


@pytest.mark.usefixtures("town")
async def test_events_can_be_shown_as_cloudevents(ask: Ask) -> None:
    shown = (await ask("events", "--cloudevents", "--article", BRIDGE)).json
    told = (await ask("events", "--json", "--article", BRIDGE)).json

    assert [(one["specversion"], one["id"]) for one in shown] == [("1.0", one["event_id"]) for one in told]
