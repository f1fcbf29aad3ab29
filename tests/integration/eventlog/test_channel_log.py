"""A channel's projections are made anew from its facts, whoever else is at work."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, Cursor
from newsfeed.events import ChannelEvent
from newsfeed.testing.channels import bring_out
from newsfeed.testing.town import BRIDGE, build_town


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
