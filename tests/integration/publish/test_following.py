"""Which channels there are: the file, the registry, and what publish makes of a change."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from newsfeed.channels import Channel
from newsfeed.definitions import define, retire
from newsfeed.errors import ChannelInvalid
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.events import DigestPublished, WindowSkipped
from newsfeed.registry import ChannelDefined, Registry, RegistryEvent
from newsfeed.runtime import Runtime
from newsfeed.settings import Settings
from newsfeed.testing.channels import digests
from newsfeed.testing.facts import append_raw, document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish import beginning
from services.publish.following import FILE_TROUBLE, Following
from services.publish.handlers import Publishers
from services.publish.publisher import ChannelPublisher

NOW = datetime(2089, 12, 31, tzinfo=UTC)


def _table(name: str, title: str = "A title") -> str:
    return f'[[channels]]\nname = "{name}"\ntitle = "{title}"\nevery_seconds = 60\nsettle_seconds = 0\n'


class File:
    """A file of channels whose every change can be told from the one before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written_at = NOW

    def write(self, *tables: str) -> None:
        self.path.write_text("\n".join(tables))
        self._written_at += timedelta(seconds=1)
        os.utime(self.path, (self._written_at.timestamp(),) * 2)


@pytest.fixture
def file(tmp_path: Path) -> File:
    """With two channels."""
    one = File(tmp_path / "newsfeed.toml")
    one.write(_table("a"), _table("b"))
    return one


async def test_the_file_is_told_to_the_registry_once(log: EventLog, file: File) -> None:
    """Again only what is another: a definition, or the lack of one."""
    following = Following(log.redis, file.path)
    registry = RegistryLog(log.redis)

    assert [*await following.current(moment(0))] == ["a", "b"]
    assert [*await Following(log.redis, file.path).current(moment(0))] == ["a", "b"]
    assert (await registry.read()).position == 2
    file.write(_table("a", "Another title"))
    current = await following.current(moment(1))

    assert (await registry.read()).position == 4
    assert {name: one.channel.title for name, one in current.items()} == {"a": "Another title"}
    assert current["a"].defined_at == NOW + timedelta(seconds=2)


async def test_a_file_that_breaks_changes_nothing_but_is_told_of(log: EventLog, file: File) -> None:
    """An editor saves half a line; the channels go on."""
    following = Following(log.redis, file.path)
    await following.current(moment(0))
    file.write(_table("a"), "[[channels]]\nname = ")

    assert [*await following.current(moment(1))] == ["a", "b"]
    assert "not TOML" in following.troubles[FILE_TROUBLE]
    file.path.unlink()
    assert [*await following.current(moment(2))] == ["a", "b"]
    file.write(_table("a"))
    assert [*await following.current(moment(3))] == ["a"]
    assert following.troubles == {}


async def test_a_file_that_never_could_be_read_ends_the_program(log: EventLog, tmp_path: Path) -> None:
    """Somebody stands beside it who can mend it."""
    with pytest.raises(ChannelInvalid):
        await Following(log.redis, tmp_path / "missing.toml").current(moment(0))


async def test_the_file_leaves_alone_what_commands_defined(log: EventLog, file: File) -> None:
    """And takes over the names that it defines itself."""
    registry = RegistryLog(log.redis)
    mine = [Channel(name=name, title="Mine", every_seconds=60) for name in ("a", "mine")]
    await registry.change(lambda known: define(known, mine, "command", moment(0)))

    current = await Following(log.redis, file.path).current(moment(1))

    by = {name: (one.defined_by, one.channel.title) for name, one in current.items()}
    assert by == {"a": ("file", "A title"), "mine": ("command", "Mine"), "b": ("file", "A title")}


async def test_a_definition_that_cannot_be_read_leaves_the_others_alone(log: EventLog) -> None:
    """A newer program wrote it, with a key that this one does not know."""
    registry = RegistryLog(log.redis)
    sound = Channel(name="sound", title="Sound", every_seconds=60)

    def newer(known: Registry) -> Sequence[RegistryEvent]:
        [fact] = define(known, [sound], "command", moment(0))
        assert isinstance(fact, ChannelDefined)
        strange = {**fact.definition, "name": "strange", "mood": "good"}
        return [fact, fact.model_copy(update={"channel": "strange", "definition": strange})]

    await registry.change(newer)
    following = Following(log.redis, None)

    assert [*await following.current(moment(1))] == ["sound"]
    assert "mood" in following.troubles["strange"]


class Desk:
    """What publish does in a tick, at a time of the test's choice."""

    def __init__(self, log: EventLog) -> None:
        self.registry = RegistryLog(log.redis)
        self._following = Following(log.redis, None)
        self._publishers = Publishers(
            Runtime(Settings(redis_url="unix:///nowhere"), log.redis, log), ancestors
        )

    async def define(self, at: float, **fields: object) -> None:
        one = Channel.model_validate({"name": "desk", "title": "Desk", "every_seconds": 60, **fields})
        await self.registry.change(lambda known: define(known, [one], "command", moment(at)))

    async def tick(self, seconds: float) -> None:
        current = await self._following.current(moment(seconds))
        await self._publishers.follow(current, self._following.troubles)
        await self._publishers.publish_due(moment(seconds))


async def told(log: EventLog) -> list[list[str]]:
    """The articles of each digest."""
    return [[item["article_id"] for item in one["items"]] for one in await digests(log.redis, "desk")]


async def new_channel_story(timeline: Timeline) -> list[list[str]]:
    """A channel that is defined between two articles."""
    desk = Desk(timeline.log)
    await timeline.at(10)
    await timeline.article("before")
    await append_raw(timeline.log, "odd", "{}")
    await timeline.at(100)
    await timeline.article("after")
    await desk.define(50)
    await desk.tick(130)
    return await told(timeline.log)


async def test_a_new_channel_begins_when_it_was_defined(timeline: Timeline) -> None:
    """Readers of a new channel do not get the news of years; what is left out is told as a skipped window."""
    assert await new_channel_story(timeline) == [["after"]]

    facts = [fact async for _, fact in ChannelLog(timeline.log.redis, "desk").facts()]
    assert [type(fact) for fact in facts] == [WindowSkipped, DigestPublished]
    assert facts[1].window.opened_at == facts[0].window.closed_at == moment(50)
    assert [one async for one in verify_channels(timeline.log)] == []


async def test_a_beginning_that_is_one_off_would_be_noticed(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: the last entry before the definition is left for the channel."""
    exact = beginning._last_before

    async def one_less(log: EventLog, partition: int, tail: int, at: datetime) -> int:
        return max(await exact(log, partition, tail, at) - 1, 0)

    monkeypatch.setattr(beginning, "_last_before", one_less)

    assert await new_channel_story(timeline) != [["after"]]


async def test_a_channel_that_was_there_first_begins_with_the_log(timeline: Timeline) -> None:
    """So the very first articles of a newsfeed come out."""
    desk = Desk(timeline.log)
    await desk.define(0)
    await timeline.at(10)
    await timeline.article("a")
    await desk.tick(70)

    assert await told(timeline.log) == [["a"]]


async def test_a_changed_channel_goes_on_where_it_was(timeline: Timeline) -> None:
    """The window that is open when it changes is the first of the new version."""
    desk = Desk(timeline.log)
    await desk.define(0)
    await timeline.at(10)
    await timeline.article("a")
    await desk.tick(70)
    await timeline.at(80)
    await timeline.article("b")
    await timeline.article("ferry")
    await desk.define(90, query="ferry")
    await desk.tick(130)

    published = await digests(timeline.log.redis, "desk")
    assert await told(timeline.log) == [["a"], ["ferry"]]
    assert published[0]["channel_version"] != published[1]["channel_version"]


async def test_a_retired_channel_stops_and_one_that_comes_back_goes_on(timeline: Timeline) -> None:
    """Its windows have no hole: what came in between is in the first digest after."""
    desk = Desk(timeline.log)
    await desk.define(0)
    await desk.tick(1)
    await desk.registry.change(lambda known: retire(known, ["desk"], moment(2)))
    await timeline.at(10)
    await timeline.article("a")
    await desk.tick(70)
    assert await told(timeline.log) == []

    await desk.define(100)
    await desk.tick(130)
    assert await told(timeline.log) == []
    await timeline.at(140)
    await timeline.article("b")
    await desk.tick(190)

    assert await told(timeline.log) == [["b"]]


async def test_what_is_published_of_a_new_channel_is_not_lost_to_a_second_publisher(
    timeline: Timeline,
) -> None:
    """Both skip what was before; one of them is first, and the other sees it."""
    channel = Channel(name="desk", title="Desk", every_seconds=60)
    await timeline.at(10)
    await timeline.article("before")
    await timeline.at(100)
    await timeline.article("after")
    publishers = [ChannelPublisher(timeline.log, channel, ancestors, begins_at=moment(50)) for _ in range(2)]
    counts = [await one.publish_due(moment(130)) for one in publishers]

    assert (counts, await told(timeline.log)) == ([1, 0], [["after"]])


async def test_a_bundle_follows_its_members(timeline: Timeline) -> None:
    """One that is defined anew counts from the next window on; without one that is retired it goes on.

    The operator is told of that once, and each digest names the version that it was made by.
    """
    desk = Desk(timeline.log)
    await desk.define(0, name="boats", query="ferry")
    await desk.define(0, name="rest")
    await desk.define(0, bundle=["boats", "rest"])
    await _minute(timeline, desk, 0)
    await desk.define(90, name="boats", query="bridge")
    await _minute(timeline, desk, 1)
    await desk.registry.change(lambda known: retire(known, ["boats"], moment(150)))
    with capture_logs() as logged:
        await _minute(timeline, desk, 2)
        await desk.define(200, name="other")
        await _minute(timeline, desk, 3)

    out = await digests(timeline.log.redis, "desk")
    assert [[(one["section"], one["article_id"]) for one in digest["items"]] for digest in out] == [
        [("boats", "ferry-0"), ("rest", "bridge-0")],
        [("boats", "bridge-1"), ("rest", "ferry-1")],
        [("rest", "bridge-2"), ("rest", "ferry-2")],
        [("rest", "bridge-3"), ("rest", "ferry-3")],
    ]
    one, two, three, four = [digest["channel_version"] for digest in out]
    assert len({one, two, three}) == 3
    assert three == four
    told = [line for line in logged if line["event"] == "publish.bundle_incomplete"]
    assert [(line["channel"], line["missing"]) for line in told] == [("desk", ["boats"])]
    assert [problem async for problem in verify_channels(timeline.log)] == []


async def _minute(timeline: Timeline, desk: Desk, number: int) -> None:
    """A ferry and a bridge, and the tick that brings them out."""
    await timeline.at(60 * number + 1)
    for name in ("ferry", "bridge"):
        await timeline.article(f"{name}-{number}", text=document(f"A {name}", f"The {name} {number}."))
    await desk.tick(60 * number + 62)
