"""What subscribers get, when a channel has nothing to say, and when one of them is broken."""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import cast

import orjson
import pytest

from newsfeed import streams
from newsfeed.channels import Channel
from newsfeed.definitions import define
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, DigestsForeign
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.events import DigestPublished, WindowSkipped
from newsfeed.runtime import Runtime
from newsfeed.settings import Settings
from newsfeed.testing.channels import digests, kept
from newsfeed.testing.facts import NOON
from newsfeed.testing.timeline import START, Timeline, moment
from newsfeed.testing.waiting import until
from newsfeed.vocabulary import ancestors
from services.publish.digests import AlsoReported, Digest, Item, Notice, Reason
from services.publish.following import Following
from services.publish.handlers import publish_channels
from services.publish.publisher import ChannelPublisher
from services.publish.rendering import Rendered, render

pytestmark = pytest.mark.by_turns

NOON_EACH_DAY = Channel(name="latest", title="Latest", cron="0 12 * * *")


async def kinds(log: EventLog) -> list[type]:
    """The facts of the channel, by class."""
    return [type(fact) async for _, fact in ChannelLog(log.redis, "latest").facts()]


async def test_stream_message_and_stored_body_are_the_same_bytes(
    timeline: Timeline, channel: Channel
) -> None:
    """A listener gets each digest once, and can tell from it where to read on."""
    log = timeline.log
    async with log.redis.pubsub() as listener:
        await listener.subscribe(streams.digests("latest"))
        await listener.get_message(timeout=None)
        for minute in range(3):
            await timeline.at(60 * minute + 1)
            await timeline.article(f"article-{minute}")
            await ChannelPublisher(log, channel, ancestors).publish_due(moment(60 * minute + 61))
            await ChannelPublisher(log, channel, ancestors).publish_due(moment(60 * minute + 61))
        await log.redis.publish(streams.digests("latest"), b"the end")
        heard: list[bytes] = []
        while b"the end" not in heard:
            message = await listener.get_message(timeout=None)
            assert message is not None
            heard.append(message["data"])

    facts = ChannelLog(log.redis, "latest")
    public = [digest async for digest in facts.public()]
    published = [fact async for _, fact in facts.facts() if isinstance(fact, DigestPublished)]
    assert heard[:-1] == [digest.data for digest in public]
    assert [await facts.body(fact.bodies["json"]) for fact in published] == heard[:-1]
    assert [orjson.loads(one)["stream_id"] for one in heard[:-1]] == [one.stream_id for one in public]
    assert all(Digest.model_validate_json(one).is_intact for one in heard[:-1])


async def read_by(redis: Client, consumer: str, count: int) -> list[tuple[bytes, int]]:
    """What a consumer of the group gets next: ids and numbers."""
    name = streams.digests("latest")
    reply = await redis.xreadgroup("readers", consumer, {name: ">"}, count=count) or []
    pages = cast("list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]", reply)
    return [(entry_id, int(fields[b"number"])) for _, page in pages for entry_id, fields in page]


async def test_a_consumer_group_shares_the_digests_of_a_channel(timeline: Timeline, channel: Channel) -> None:
    """T1: each goes to one of the readers, and what one of them left unfinished another can take over."""
    redis, name = timeline.log.redis, streams.digests("latest")
    await redis.xgroup_create(name, "readers", id="0", mkstream=True)
    for minute in range(5):
        await timeline.at(60 * minute + 1)
        await timeline.article(f"article-{minute}")
        await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(60 * minute + 61))

    one, other = await read_by(redis, "one", 3), await read_by(redis, "other", 3)
    await redis.xack(name, "readers", *(entry_id for entry_id, _ in (*one[:1], *other)))
    _, taken, *_ = await redis.xautoclaim(name, "readers", "other", min_idle_time=0)

    assert [number for _, number in (*one, *other)] == [1, 2, 3, 4, 5]
    assert [int(fields[b"number"]) for _, fields in taken] == [2, 3]
    assert await read_by(redis, "one", 3) == []


def test_every_field_of_a_digest_is_documented() -> None:
    """T1: programs are written against the page, not against the code."""
    page = (Path(__file__).parents[3] / "docs" / "digests.md").read_text()
    told = set(re.findall(r"`([a-z0-9_]+)`", page.partition("## What is in it")[2].partition("\n## ")[0]))

    fields = [field for model in (Digest, Item, Notice, AlsoReported, Reason) for field in model.model_fields]
    assert [field for field in dict.fromkeys(fields) if field not in told] == []


async def test_a_window_of_seconds_without_news_is_not_recorded(timeline: Timeline, channel: Channel) -> None:
    """A channel of one second would else write 86,400 facts a day."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    for minute in range(3):
        await publisher.publish_due(moment(60 * minute + 61))
    before = await kinds(timeline.log)
    await timeline.at(200)
    await timeline.version("not enriched yet")
    for minute in range(3, 6):
        await publisher.publish_due(moment(60 * minute + 61))

    assert before == []
    assert await kinds(timeline.log) == [WindowSkipped]
    assert await digests(timeline.log.redis, "latest") == []


async def test_what_matches_nothing_is_skipped(timeline: Timeline, channel: Channel) -> None:
    french = channel.model_copy(update={"languages": ("fr",)})
    await timeline.at(1)
    await timeline.article("in English")

    assert await ChannelPublisher(timeline.log, french, ancestors).publish_due(moment(61)) == 0

    assert await kinds(timeline.log) == [WindowSkipped]


async def test_a_calendar_records_its_empty_boundaries(timeline: Timeline) -> None:
    """Whoever waits for the digest of noon must see that there was nothing to say."""
    publisher = ChannelPublisher(timeline.log, NOON_EACH_DAY, ancestors)
    for day in range(3):
        for _ in range(2):
            await publisher.publish_due(START + timedelta(days=day, hours=13))

    assert await kinds(timeline.log) == [WindowSkipped] * 3


async def test_an_empty_digest_is_sent_where_one_is_wanted(timeline: Timeline) -> None:
    channel = NOON_EACH_DAY.model_copy(update={"on_empty": "send"})
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    for day in range(2):
        await publisher.publish_due(START + timedelta(days=day, hours=13))

    published = await digests(timeline.log.redis, "latest")
    assert [(digest["number"], digest["items"]) for digest in published] == [(1, []), (2, [])]


@pytest.mark.parametrize("dropped", [True, False])
async def test_a_dropped_cursor_and_ledger_change_no_digest(
    timeline: Timeline, channel: Channel, dropped: bool
) -> None:
    """With the ledger as it was, the revision is a correction of digest 1 and nothing comes twice."""
    log = timeline.log
    publisher = ChannelPublisher(log, channel, ancestors)
    await timeline.at(1)
    await timeline.article("a")
    await timeline.article("b")
    await publisher.publish_due(moment(61))
    before = await kept(log.redis, "latest")
    derived = [key for key in before if b":cursor:" in key or b":delivered:" in key]
    await log.redis.delete(*(derived if dropped else [b"nothing"]))
    await timeline.at(61)
    await timeline.article("a", 2)

    await publisher.publish_due(moment(121))

    [_, second] = await digests(log.redis, "latest")
    assert (second["number"], second["items"], len(derived)) == (2, [], 3)
    assert [(one["article_id"], one["corrects"]["digest"]) for one in second["notices"]] == [("a", 1)]
    assert before.keys() <= (await kept(log.redis, "latest")).keys()


async def test_missed_boundaries_give_one_digest(timeline: Timeline, channel: Channel) -> None:
    """The publisher was off for an hour."""
    for minute in range(60):
        await timeline.at(60 * minute + 1)
        await timeline.article(f"article-{minute:02}")

    assert await ChannelPublisher(timeline.log, channel, ancestors).publish_due(moment(3601)) == 1

    [digest] = await digests(timeline.log.redis, "latest")
    assert len(digest["items"]) == 60
    assert digest["stream_id"] == f"{int(moment(3600).timestamp()) * 1000}-0"


async def test_a_foreign_entry_delays_a_digest_at_most(timeline: Timeline, channel: Channel) -> None:
    """Somebody wrote to the public stream, with the time of his clock as the id."""
    publisher = ChannelPublisher(timeline.log, channel, ancestors)
    await timeline.at(1)
    await timeline.article("a")
    foreign = f"{int(moment(70).timestamp()) * 1000}-0"
    await timeline.log.redis.xadd(streams.digests("latest"), {"hello": "world"}, foreign)
    with pytest.raises(DigestsForeign):
        await publisher.publish_due(moment(61))
    await timeline.log.redis.xtrim(streams.digests("latest"), maxlen=0, approximate=False)

    await publisher.publish_due(moment(121))

    [digest] = await digests(timeline.log.redis, "latest")
    assert (digest["number"], [item["article_id"] for item in digest["items"]]) == (1, ["a"])


@pytest.mark.parametrize(
    ("failure", "trouble"),
    [(ZeroDivisionError, "ZeroDivisionError"), (FileNotFoundError, "RenderingFailed")],
)
async def test_a_broken_channel_does_not_silence_the_others(
    log: EventLog, monkeypatch: pytest.MonkeyPatch, failure: type[Exception], trouble: str
) -> None:
    """Its trouble is there for health to tell, and goes away when it is mended."""
    broken = True

    def render_or_fail(digest: Digest, channel: Channel) -> Rendered:
        if broken and channel.name == "broken":
            raise failure
        return render(digest, channel)

    monkeypatch.setattr("services.publish.pressing.render", render_or_fail)
    channels = [
        Channel(name=name, title=name, every_seconds=1, settle_seconds=0) for name in ("broken", "sound")
    ]
    runtime = Runtime(Settings(redis_url="unix:///nowhere"), log.redis, log)
    await RegistryLog(log.redis).change(lambda registry: define(registry, channels, "command", NOON))
    await Timeline(log).article("a")
    following = Following(log.redis, None)
    task = asyncio.create_task(publish_channels(runtime, following, ancestors, 0.01))

    async def is_out(name: str) -> bool:
        assert not task.done(), task.exception()
        return bool(await digests(log.redis, name))

    await until(lambda: is_out("sound"))
    await until(lambda: _is_told(runtime))
    troubles = dict(runtime.troubles)
    broken = False
    await until(lambda: is_out("broken"))
    await until(lambda: _is_well(runtime))
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert troubles == {"broken": f"channel broken: {trouble}"}


async def _is_told(runtime: Runtime) -> bool:
    return bool(runtime.troubles)


async def _is_well(runtime: Runtime) -> bool:
    return not runtime.troubles
