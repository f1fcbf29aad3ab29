"""A channel's projections are made anew from its facts, whoever else is at work."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, DigestsForeign, WindowClosed
from newsfeed.eventlog.cursor import Cursor
from newsfeed.events import ChannelEvent
from newsfeed.testing.channels import bring_out, item, kept, notice
from newsfeed.testing.facts import document
from newsfeed.testing.town import BRIDGE, build_town, put_version


async def test_a_dropped_cursor_and_ledger_come_back_as_they_were(log: EventLog) -> None:
    await build_town(log)
    channel_log = ChannelLog(log.redis, "latest")
    cursor, held = await channel_log.cursor(), await channel_log.delivered([BRIDGE])
    keys = [key async for key in log.redis.scan_iter(match="newsfeed:delivered:*")]
    await log.redis.delete(streams.cursor("latest"), *keys)

    again = await channel_log.cursor()

    assert again == cursor
    assert await channel_log.delivered([BRIDGE]) == held


async def test_a_window_closed_during_a_rebuild_is_not_forgotten(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older cursor, written over the newer one, would let nobody close a window any more."""
    await bring_out(log, "latest", [])
    channel_log = ChannelLog(log.redis, "latest")
    facts = channel_log.facts
    closed: list[Cursor] = []

    async def facts_and_another_window(after: str = "-") -> AsyncGenerator[tuple[str, ChannelEvent], None]:
        async for fact in facts(after):
            yield fact
        if not closed:
            await bring_out(log, "latest", [])
            closed.append(await ChannelLog(log.redis, "latest").cursor())

    await log.redis.delete(streams.cursor("latest"))
    monkeypatch.setattr(channel_log, "facts", facts_and_another_window)

    assert await channel_log.cursor() == closed[0]


async def test_a_rebuild_that_dies_half_way_is_begun_again(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cursor of an old window would look whole, and every publisher would come too late for ever."""
    await build_town(log)
    cursor = await ChannelLog(log.redis, "latest").cursor()
    dying = ChannelLog(log.redis, "latest")
    facts = dying.facts

    async def first_fact(after: str = "-") -> AsyncGenerator[tuple[str, ChannelEvent], None]:
        async for fact in facts(after):
            yield fact
            raise ConnectionAbortedError

    await log.redis.delete(streams.cursor("latest"))
    monkeypatch.setattr(dying, "facts", first_fact)
    with pytest.raises(ConnectionAbortedError):
        await dying.cursor()

    assert await ChannelLog(log.redis, "latest").cursor() == cursor


async def test_a_cursor_of_an_older_window_is_replaced(log: EventLog) -> None:
    """It comes from a backup, or from a hand; without this every publisher would come too late for ever."""
    await bring_out(log, "latest", [])
    channel_log = ChannelLog(log.redis, "latest")
    old = await channel_log.cursor()
    await bring_out(log, "latest", [])
    newest = await channel_log.cursor()
    await log.redis.hset(streams.cursor("latest"), mapping={"id": old.window_id, "number": old.number})

    with pytest.raises(WindowClosed):
        await bring_out(log, "latest", [])

    assert await channel_log.cursor() == newest


async def test_no_window_closes_without_a_cursor(log: EventLog) -> None:
    """Whoever dropped the cursor dropped the ledger, too; a publisher that knew the cursor must not go on."""
    bridge = await put_version(log, BRIDGE, 1, document())
    await bring_out(log, "latest", [item(bridge)])
    channel_log = ChannelLog(log.redis, "latest")
    cursor = await channel_log.cursor()
    newest = await channel_log.newest()
    assert newest is not None
    keys = [key async for key in log.redis.scan_iter(match="newsfeed:delivered:*")]
    await log.redis.delete(streams.cursor("latest"), *keys)

    with pytest.raises(WindowClosed):
        await channel_log.close("9000000000000-0", cursor, newest[1], 2)

    assert await channel_log.cursor() == cursor
    assert BRIDGE in await channel_log.delivered([BRIDGE])


async def test_a_rebuild_writes_nothing_over_a_newer_window(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slept while another made the ledger anew and corrected the article; then there is nothing to do."""
    bridge = await put_version(log, BRIDGE, 1, document())
    await bring_out(log, "latest", [item(bridge)])
    slow = ChannelLog(log.redis, "latest")
    restore = slow._restore

    async def late(*, keys: list[str], args: list[str | int]) -> object:
        monkeypatch.setattr(slow, "_restore", restore)
        revised = await put_version(log, BRIDGE, 2, document("Bridge closed", "It is closed."))
        await bring_out(log, "latest", [], [notice(revised, 1, 1)])
        return await restore(keys=keys, args=args)

    await log.redis.delete(streams.cursor("latest"))
    monkeypatch.setattr(slow, "_restore", late)
    cursor = await slow.cursor()

    assert cursor == await ChannelLog(log.redis, "latest").cursor()
    assert cursor.number == 2
    assert (await ChannelLog(log.redis, "latest").delivered([BRIDGE]))[BRIDGE].version == 2


async def test_a_foreign_entry_leaves_no_half_closed_window(log: EventLog) -> None:
    """A subscriber may write to the public stream by mistake: Redis then refuses ids below that entry's."""
    await bring_out(log, "latest", [])
    await log.redis.xadd(streams.digests("latest"), {"hello": "world"}, "9000000000000-0")
    before = await kept(log.redis, "latest")
    facts = await log.redis.xlen(streams.windows("latest"))

    with pytest.raises(DigestsForeign):
        await bring_out(log, "latest", [])

    assert facts == await log.redis.xlen(streams.windows("latest"))
    assert before.items() <= (await kept(log.redis, "latest")).items()


async def test_what_is_dropped_during_a_rebuild_is_made_again(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the ledger and the cursor: a whole cursor over half a ledger would send digests again."""
    await build_town(log)
    channel_log = ChannelLog(log.redis, "latest")
    cursor, held = await channel_log.cursor(), await channel_log.delivered([BRIDGE])
    restore = channel_log._restore

    async def dropped_behind(*, keys: list[str], args: list[str | int]) -> object:
        monkeypatch.setattr(channel_log, "_restore", restore)
        written = await restore(keys=keys, args=args)
        await drop()
        return written

    async def drop() -> None:
        ledger = [key async for key in log.redis.scan_iter(match="newsfeed:delivered:*")]
        await log.redis.delete(streams.cursor("latest"), *ledger)

    await drop()
    monkeypatch.setattr(channel_log, "_restore", dropped_behind)

    assert await channel_log.cursor() == cursor
    assert await channel_log.delivered([BRIDGE]) == held
