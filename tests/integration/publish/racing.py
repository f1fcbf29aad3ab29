"""Publishers that stand before the same window at the same moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from newsfeed.eventlog.channel_log import WindowClosed
from services.publish.publisher import ChannelPublisher


def close_together(
    publishers: Sequence[ChannelPublisher], monkeypatch: pytest.MonkeyPatch
) -> list[WindowClosed]:
    """Let all of them try to close at once, until one is refused; the refusals are told as they come."""
    barrier, refusals = asyncio.Barrier(len(publishers)), list[WindowClosed]()

    def together(close: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def wait_and_close(*args: Any) -> None:  # noqa: ANN401 whatever close takes
            if not refusals:
                await barrier.wait()
            try:
                await close(*args)
            except WindowClosed as refused:
                refusals.append(refused)
                raise

        return wait_and_close

    for publisher in publishers:
        monkeypatch.setattr(publisher._facts, "close", together(publisher._facts.close))
    return refusals
