"""A digest is found by its number, wherever its window closed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsfeed import streams
from newsfeed.eventlog import numbered
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.numbered import find_numbered, number_of

GAPS = st.lists(st.sampled_from([0, 0, 1, 2, 1000, 10**9]), min_size=1, max_size=30)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=GAPS, first=st.integers(1, 5), near=st.sampled_from([1, 100]))
async def test_every_number_is_found_and_no_other(
    redis: Client, monkeypatch: pytest.MonkeyPatch, gaps: list[int], first: int, near: int
) -> None:
    """Also where many share a millisecond, and where the first ones are not kept any more."""
    monkeypatch.setattr(numbered, "NEAR", near)
    stream = streams.digests("latest")
    await redis.delete(stream)
    milliseconds, sequence = 1, 0
    for number, gap in enumerate(gaps, start=first):
        milliseconds, sequence = milliseconds + gap, 0 if gap else sequence + 1
        await redis.xadd(stream, {"number": number, "__data__": "x"}, f"{milliseconds}-{sequence}")

    for number in range(first, first + len(gaps)):
        found = await find_numbered(redis, "latest", number)
        assert found is not None
        assert number_of(found) == number
    for number in (first - 1, first + len(gaps)):
        assert await find_numbered(redis, "latest", number) is None


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_nothing_is_found_in_nothing(redis: Client, number: int) -> None:
    assert await find_numbered(redis, "latest", number) is None


@pytest.mark.parametrize(("stored", "near"), [(3, 100), (40, 4)])
async def test_a_digest_is_found_while_others_come_out(
    redis: Client, monkeypatch: pytest.MonkeyPatch, stored: int, near: int
) -> None:
    """One that is not found counts as not kept any more, and is never delivered."""
    monkeypatch.setattr(numbered, "NEAR", near)
    stream, count = streams.digests("latest"), 0

    async def come_out() -> None:
        nonlocal count
        count += 1
        await redis.xadd(stream, {"number": count, "__data__": "x"}, f"{count}-0")

    def meanwhile(ask: Callable[..., Awaitable[object]]) -> Callable[..., Awaitable[object]]:
        async def asked(*arguments: object, **options: object) -> object:
            found = await ask(*arguments, **options)
            await come_out()
            return found

        return asked

    for _ in range(stored):
        await come_out()
    monkeypatch.setattr(redis, "xrange", meanwhile(redis.xrange))
    monkeypatch.setattr(redis, "xrevrange", meanwhile(redis.xrevrange))

    for number in range(1, stored + 1):
        found = await find_numbered(redis, "latest", number)
        assert found is not None
        assert number_of(found) == number
