"""Server-sent events over real connections: each digest exactly once and in order, whatever is cut."""

from __future__ import annotations

import asyncio
import random
import resource

import orjson
import pytest

from newsfeed import streams
from newsfeed.eventlog.channel_log import PublicDigest
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import FIELD_DATA
from newsfeed.sse import Parser, ServerEvent
from newsfeed.testing.listening import Line, Web
from newsfeed.testing.waiting import until
from services.web.desk import Desk
from services.web.live import LiveChannel

EVENTS = "/channels/latest/events"
EARLIEST = f"{EVENTS}?last_event_id=earliest"


def told(number: int, size: int = 0) -> bytes:
    """The JSON of a digest, so long at least."""
    return orjson.dumps({"number": number, "stream_id": f"{number}000-0", "text": "é" * (size // 2)})


async def bring_out(redis: Client, *numbers: int, size: int = 0) -> None:
    """Publish digests as the freeze does: an entry, then a message of the same bytes."""
    name = streams.digests("latest")
    for number in numbers:
        data = told(number, size)
        async with redis.pipeline() as together:
            together.xadd(name, {"number": number, FIELD_DATA: data}, f"{number}000-0")
            together.publish(name, data)
            await together.execute()


async def heard(line: Line, parser: Parser, count: int) -> list[ServerEvent]:
    """So many events."""
    found: list[ServerEvent] = []
    while len(found) < count:
        chunk = await line.chunk()
        assert chunk, f"the stream ended after {len(found)} events"
        found += parser.feed(chunk)
    return found


async def nobody_subscribes(redis: Client) -> bool:
    """Whether no connection is subscribed to a channel."""
    return not await redis.pubsub_channels()


async def test_the_data_are_the_very_bytes_of_the_stream(redis: Client, web: Web) -> None:
    """One digest is one object on every way out."""
    await bring_out(redis, 1, 2)

    line = await web.listen(EARLIEST)
    parser = Parser()
    events = await heard(line, parser, 2)

    assert [(e.event, e.event_id, e.data.encode()) for e in events] == [
        ("digest", "1000-0", told(1)),
        ("digest", "2000-0", told(2)),
    ]
    assert line.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert (line.headers["last-event-id"], line.headers["cache-control"]) == ("earliest", "no-store")
    assert parser.retry_ms == 2000
    line.cut()


async def test_without_a_cursor_only_what_comes_out_is_sent(redis: Client, web: Web) -> None:
    """Who begins to listen did not ask for the archive."""
    await bring_out(redis, 1)
    line = await web.listen(EVENTS)
    await bring_out(redis, 2)

    [event] = await heard(line, Parser(), 1)

    assert (event.event_id, line.headers["last-event-id"]) == ("2000-0", "1000-0")
    line.cut()


async def test_the_header_wins_over_the_query(redis: Client, web: Web) -> None:
    """A browser that connects again keeps the address it began with."""
    await bring_out(redis, 1, 2, 3)

    line = await web.listen(EARLIEST, "2000-0")

    assert [e.event_id for e in await heard(line, Parser(), 1)] == ["3000-0"]
    line.cut()


@pytest.mark.parametrize(
    ("cursor", "reason"),
    [
        ("500-0", "evicted"),
        ("9000-0", "unknown"),
        ("2500-0", "unknown"),
        ("nonsense", "unknown"),
        ("2000", "unknown"),
    ],
)
async def test_a_cursor_that_leads_nowhere_is_told(redis: Client, web: Web, cursor: str, reason: str) -> None:
    """Silence would leave the client stuck, or let it believe that it missed nothing."""
    await bring_out(redis, 2, 3)

    line = await web.listen(EVENTS, cursor)
    reset, first, second = await heard(line, Parser(), 3)

    assert (reset.event, orjson.loads(reset.data)) == ("reset", {"reason": reason, "oldest": "2000-0"})
    assert line.headers["newsfeed-reset"] == "2000-0"
    assert [first.event_id, second.event_id] == ["2000-0", "3000-0"]
    line.cut()


async def test_a_foreign_entry_is_no_digest(redis: Client, web: Web) -> None:
    """Somebody else's entry in the public stream reaches nobody."""
    await bring_out(redis, 1)
    await redis.xadd(streams.digests("latest"), {"hello": "world"}, "1500-0")
    line = await web.listen(EARLIEST)
    await bring_out(redis, 2)

    assert [e.event_id for e in await heard(line, Parser(), 2)] == ["1000-0", "2000-0"]
    line.cut()


async def test_an_unknown_channel_has_no_events(web: Web) -> None:
    """An open stream would hide a slip of the pen for ever."""
    line = await web.listen("/channels/nope/events")

    assert line.status == 404
    line.cut()


async def test_a_quiet_line_is_kept_alive(web: Web, desk: Desk) -> None:
    """Proxies close what says nothing."""
    desk.settings = desk.settings.model_copy(update={"keep_alive_seconds": 0.05})

    line = await web.listen(EVENTS)
    chunks = [await line.chunk() for _ in range(4)]

    assert chunks[1:] == [b":\n\n"] * 3
    line.cut()


async def test_one_subscription_serves_all_and_ends_with_the_last(
    redis: Client, web: Web, desk: Desk
) -> None:
    """A Redis connection per client would make a crowd an outage; one left behind is a leak."""
    await bring_out(redis, 1)
    before = len(await redis.client_list())
    lines = [await web.listen(EVENTS) for _ in range(60)]
    await until(lambda: _subscribed(redis))
    await bring_out(redis, 2)
    got = await asyncio.gather(*(heard(line, Parser(), 1) for line in lines))

    numbers = dict(await redis.pubsub_numsub(streams.digests("latest")))
    connections = len(await redis.client_list()) - before
    for line in lines:
        line.cut()
    await until(lambda: nobody_subscribes(redis))

    assert {events[0].event_id for events in got} == {"2000-0"}
    assert list(numbers.values()) == [1]
    assert connections <= 12
    assert desk.live.count == 0


async def _subscribed(redis: Client) -> bool:
    return not await nobody_subscribes(redis)


async def test_what_comes_out_between_a_look_and_the_wait_is_not_slept_through(
    redis: Client, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seam between what was and what comes: a digest that falls into it must wake its listener."""
    looked = LiveChannel.after
    is_out = asyncio.Event()

    async def look_then_bring_out(self: LiveChannel, stream_id: str) -> list[PublicDigest]:
        found = await looked(self, stream_id)
        if not found and not is_out.is_set():
            is_out.set()
            await until(lambda: _subscribed(redis))
            await bring_out(redis, 1)
            while self._last_id != "1000-0":
                await asyncio.sleep(0)
        return found

    monkeypatch.setattr(LiveChannel, "after", look_then_bring_out)
    line = await web.listen(EVENTS)

    assert [event.event_id for event in await heard(line, Parser(), 1)] == ["1000-0"]
    line.cut()


async def cut_up(redis: Client, web: Web, count: int, cuts: int) -> list[ServerEvent]:
    """What a client has in the end whose connection is cut so often while digests come out."""
    dice = random.Random(count)  # the same cuts each time
    publishing = asyncio.create_task(_publish(redis, count, dice))
    parser, found = Parser("earliest"), list[ServerEvent]()
    for _ in range(cuts):
        line = await web.listen(EVENTS, parser.last_event_id)
        part = Parser(parser.last_event_id)
        wanted = min(dice.randint(0, 2 * count // cuts), count - 1 - len(found))
        got: list[ServerEvent] = []
        while len(got) < wanted:
            got += part.feed(await line.chunk())
        chunk = await line.chunk() if wanted < count - 1 - len(found) else b""
        got += part.feed(chunk[: dice.randint(0, len(chunk))])
        line.cut()
        found, parser = found + got, part
    line = await web.listen(EVENTS, parser.last_event_id)
    part = Parser(parser.last_event_id)
    while len(found) < count:
        found += part.feed(await line.chunk())
    await publishing
    line.cut()
    return found


async def _publish(redis: Client, count: int, dice: random.Random) -> None:
    for number in range(1, count + 1):
        await bring_out(redis, number, size=dice.randint(0, 4000))
        await asyncio.sleep(0)


@pytest.mark.parametrize(("count", "cuts"), [(200, 40), pytest.param(1000, 200, marks=pytest.mark.soak)])
async def test_every_digest_comes_once_and_in_order_however_often_it_is_cut(
    redis: Client, web: Web, count: int, cuts: int
) -> None:
    """Between what was and what comes there is no seam to fall into."""
    found = await cut_up(redis, web, count, cuts)

    assert [event.event_id for event in found] == [f"{number}000-0" for number in range(1, count + 1)]
    await until(lambda: nobody_subscribes(redis))


@pytest.mark.parametrize("crowd", [60, pytest.param(500, marks=pytest.mark.soak)])
async def test_who_does_not_read_is_dropped_and_costs_nobody_anything(
    redis: Client, web: Web, desk: Desk, crowd: int
) -> None:
    """Buffers that grow with the slowest reader are how such servers die."""
    desk.settings = desk.settings.model_copy(update={"stalled_seconds": 0.5})
    await bring_out(redis, 1)
    stalled = [await web.listen(EVENTS, limit=1024) for _ in range(crowd)]
    for line in stalled:
        line.stall()
    reading = await web.listen(EVENTS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    listening = asyncio.create_task(heard(reading, Parser(), 150))
    for number in range(2, 152):
        await bring_out(redis, number, size=100_000)
    events = await listening
    await until(lambda: _only(desk, 1))
    grown_bytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024

    assert [event.event_id for event in events] == [f"{number}000-0" for number in range(2, 152)]
    assert grown_bytes < 30_000_000 + crowd * 250_000  # of 15 MB that each of them was to get
    for line in (*stalled, reading):
        line.cut()
    await until(lambda: nobody_subscribes(redis))


async def _only(desk: Desk, count: int) -> bool:
    return desk.live.count == count
