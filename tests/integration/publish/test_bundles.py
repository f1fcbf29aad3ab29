"""A channel made of channels, scenario by scenario: an article once, under the first that it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from newsfeed.bundles import Bundle, assembled
from newsfeed.channels import Channel
from newsfeed.testing.channels import digests
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.values import TopicFound
from newsfeed.vocabulary import ancestors
from services.publish import selecting
from services.publish.candidates import Candidate
from services.publish.digests import Digest
from services.publish.matching import Placed, placed
from services.publish.publisher import ChannelPublisher
from services.publish.querying import Ancestors
from tests.integration.publish.narrating import TOPIC, Narrator
from tests.integration.publish.newsroom import Newsroom
from tests.integration.publish.scenarios import Scenario, channel_of, hold

MEMBERS = ({"name": "war", "topics": [TOPIC]}, {"name": "english", "languages": ["en"]})
BUNDLE: Mapping[str, Any] = {"bundle": ["war", "english"]}
"""Conflicts, and below them the rest of what is written in English."""

SCENARIOS = {
    "what belongs to two channels of a bundle is told once, under the first": Scenario(
        "0:01 article a; 0:02 article b score=0.9; 0:03 article c score=0.9 language=de; "
        "0:04 article d language=de; 1:02 publish",
        ["war: b, c, english: a"],
        BUNDLE,
        members=MEMBERS,
    ),
    "what tells the same as an article of the first section stands under it": Scenario(
        "0:01 article a score=0.4; 0:02 article b alike=a; 0:03 article c; 1:02 publish",
        ["war: a+b, english: c"],
        BUNDLE,
        members=MEMBERS,
    ),
    "what is corrected in a bundle is told as a notice, whichever section it would be in": Scenario(
        "0:05 article a score=0.9; 0:06 article b; 1:02 publish; "
        "1:10 article a; 1:11 article b score=0.9; 1:12 article c; 2:02 publish",
        ["war: a, english: b", "correction of a in 1, correction of b in 1, english: c"],
        BUNDLE,
        members=MEMBERS,
    ),
    "what is retracted in a bundle is told above its sections": Scenario(
        "0:05 article a score=0.9; 0:06 article b; 1:02 publish; 1:10 withdraw b; "
        "1:12 article c score=0.9; 2:02 publish; 2:10 withdraw c; 3:02 publish",
        ["war: a, english: b", "retraction of b in 1, war: c", "retraction of c in 2"],
        BUNDLE,
        members=MEMBERS,
    ),
    "what a bundle asks for itself must hold in every section": Scenario(
        "0:01 article a score=0.9 text=wind; 0:02 article b text=wind; 0:03 article c score=0.9; "
        "1:02 publish",
        ["war: a, english: b"],
        {**BUNDLE, "query": "wind"},
        members=MEMBERS,
    ),
    "what is beyond the limit of a bundle is taken from the longest section": Scenario(
        "1:00:00 article a score=0.9; 1:00:01 article b score=0.9; 1:00:02 article c score=0.9; "
        "1:00:03 article d; 12:00:06 publish; 13:00:00 article c; 36:00:06 publish",
        ["war: a, b, english: d, 1 more", "correction of c in 1"],
        {**BUNDLE, "cron": "0 12 * * *", "max_items": 3},
        members=MEMBERS,
    ),
}


@pytest.mark.parametrize("name", SCENARIOS)
async def test_scenario(timeline: Timeline, name: str) -> None:
    """With sound facts, streams and ledger in the end, as of any channel."""
    await hold(timeline, SCENARIOS[name])


async def test_without_a_bundle_each_channel_is_complete(timeline: Timeline) -> None:
    """The same article stands in both; the bundle of the two, beside them, has it once."""
    channels = assembled(map(channel_of, [*MEMBERS, {"name": "both", **BUNDLE}]))
    await timeline.at(1)
    await Narrator(timeline, channels["both"]).tell("0:01 article a score=0.9; 0:02 article b")
    for channel in channels.values():
        await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(62))

    told = {name: await digests(timeline.log.redis, name) for name in channels}
    items = {name: [one["article_id"] for one in digest["items"]] for name, [digest] in told.items()}
    assert items == {"war": ["a"], "english": ["a", "b"], "both": ["a", "b"]}
    assert [one["section"] for one in told["both"][0]["items"]] == ["war", "english"]
    assert all("section" not in one for name in ("war", "english") for one in told[name][0]["items"])


async def test_a_bundle_that_looks_at_its_last_member_first_would_be_noticed(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: the article is told once, but under the wrong heading."""

    def of_the_last(channel: Channel, candidate: Candidate, known: Ancestors) -> Placed | None:
        assert isinstance(channel, Bundle)
        turned = channel.model_copy(update={"members": channel.members[::-1]})
        return placed(turned, candidate, known)

    monkeypatch.setattr(selecting, "placed", of_the_last)

    with pytest.raises(AssertionError):
        await hold(
            timeline, SCENARIOS["what belongs to two channels of a bundle is told once, under the first"]
        )


@pytest.fixture
def room(timeline: Timeline) -> Newsroom:
    """The bundle, with somebody who has not got anything yet."""
    fields = {"name": "latest", **BUNDLE}
    return Newsroom(timeline, assembled(map(channel_of, [*MEMBERS, fields]))["latest"])


async def test_a_replacement_keeps_the_sections_of_what_it_replaces(room: Newsroom) -> None:
    """Also that of an article that was told under the one which is gone, and of one that was corrected."""
    war = (TopicFound(id=TOPIC, score=0.9),)
    await room.subscribe("ada")
    await room.timeline.at(1)
    await room.timeline.article("a", topics=war, story_id="town")
    await room.timeline.article("b", story_id="town")
    await room.timeline.article("c", topics=war)
    await room.timeline.article("d")
    await room.publish(61)
    await room.timeline.at(62)
    await room.timeline.article("c", 2)
    await room.publish(121)
    await room.withdraw("a", 130)
    await room.publish(131)

    one, _, three = await room.told()
    assert _placed(one) == [("war", "a", 1), ("war", "c", 1), ("english", "d", 1)]
    assert _placed(three) == [("war", "b", 1), ("war", "c", 2), ("english", "d", 1)]
    assert one["sections"] == three["sections"] == [_section("war"), _section("english")]
    assert await room.problems() == []


async def test_a_section_of_which_nothing_is_left_is_not_in_the_replacement(room: Newsroom) -> None:
    """And a member that is not there any more does not take its section out of it."""
    await room.subscribe("ada")
    await room.timeline.at(1)
    await room.timeline.article("a", topics=(TopicFound(id=TOPIC, score=0.9),))
    await room.timeline.article("d")
    await room.publish(61)
    await room.withdraw("a", 70)
    room.channel = assembled([channel_of({"name": "latest", **BUNDLE})])["latest"]
    await room.press().publish_due(moment(71))

    _, two = await room.told()
    assert _placed(two) == [("english", "d", 1)]
    assert two["sections"] == [_section("english")]
    text = (await room.shown(2))["text"].decode()
    assert "\nenglish\n-------\n" in text


async def test_what_is_retracted_leaves_its_section_where_it_was(room: Newsroom) -> None:
    """The archive shows a tombstone under the heading."""
    await room.timeline.at(1)
    await room.timeline.article("a", topics=(TopicFound(id=TOPIC, score=0.9),))
    await room.timeline.article("d")
    await room.publish(61)
    await room.withdraw("a", 70)
    await room.publish(121)

    bodies = await room.shown(1)
    shown = orjson.loads(bodies["json"])
    assert (shown["revision"], _placed(shown)) == (2, [("war", "a", 1), ("english", "d", 1)])
    assert shown["items"][0]["title"] is None
    assert Digest.model_validate_json(bodies["json"]).is_intact
    assert "\nwar\n---\n" in bodies["text"].decode()


def _placed(digest: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    return [(item["section"], item["article_id"], item["version"]) for item in digest["items"]]


def _section(name: str) -> dict[str, str]:
    return {"name": name, "title": name}
