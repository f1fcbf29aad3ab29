"""What every way out must keep to. A test class of a transport inherits :class:`TransportConformance`.

It brings a fixture ``way`` that gives a :class:`Way`: the transport, a destination on the other side, and
what that side got. The suite needs pytest with pytest-asyncio in its mode ``auto``.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog

from newsfeed.registry import Destination
from newsfeed.testing.deliveries import delivery_fields

Behaviour = Callable[[str], None]
"""Has the other side ``take`` what comes, ``fail``, ``hang`` or ``cut`` from now on."""


@dataclass(frozen=True, slots=True)
class Way:
    """A transport and the other side of it; ``got`` gives (id, bytes without what an attempt may change)."""

    transport: Any
    destination: Destination
    delivery: Callable[..., Any]
    behave: Behaviour
    got: Callable[[], Sequence[tuple[str, bytes]]]
    waits: Callable[[], Awaitable[None]]
    """Returns as soon as the other side has something in hand."""


class TransportConformance:
    """The promises of a transport."""

    async def test_every_attempt_carries_the_same_id_and_bytes(self, way: Way) -> None:
        """So a receiver that got it twice can tell."""
        for attempt in (1, 2, 3):
            outcome = await self._sent(way, attempt=attempt)
            assert outcome.verdict == "delivered"
        assert len(way.got()) >= 3  # noqa: PLR2004 the attempts
        assert len(set(way.got())) == 1

    async def test_digests_have_ids_of_their_own(self, way: Way) -> None:
        """And bytes of their own."""
        for number in (3, 4):
            await self._sent(way, number=number)
        assert len({identity for identity, _ in way.got()}) == 2  # noqa: PLR2004 the digests
        assert len({body for _, body in way.got()}) == 2  # noqa: PLR2004 the digests

    async def test_what_the_other_side_does_is_an_outcome(self, way: Way) -> None:
        """Never an exception, and never taken for a success."""
        for behaviour in ("fail", "cut"):
            way.behave(behaviour)
            outcome = await self._sent(way)
            assert outcome.verdict in {"retry", "refused", "gone"}
            assert outcome.reason
        way.behave("take")
        assert (await self._sent(way)).verdict == "delivered"

    async def test_an_attempt_can_be_cancelled(self, way: Way) -> None:
        """At once, and the next one works."""
        way.behave("hang")
        attempt = asyncio.ensure_future(self._sent(way))
        await way.waits()
        attempt.cancel()
        with suppress(asyncio.CancelledError):
            await attempt
        assert attempt.cancelled()
        way.behave("take")
        assert (await self._sent(way)).verdict == "delivered"

    async def test_many_at_once_do_not_mix(self, way: Way) -> None:
        """Each outcome is that of its own attempt."""
        outcomes = await asyncio.gather(*(self._sent(way, number=number) for number in range(1, 21)))
        assert {one.verdict for one in outcomes} == {"delivered"}
        assert len({identity for identity, _ in way.got()}) == len(outcomes)

    async def test_no_address_and_no_secret_is_logged(self, way: Way, caplog: Any) -> None:  # noqa: ANN401 pytest's
        """Not by us, and not by a library at its most talkative that we let through."""
        caplog.set_level(logging.INFO)
        with structlog.testing.capture_logs() as told:
            for behaviour in ("take", "fail", "cut"):
                way.behave(behaviour)
                outcome = await self._sent(way)
                assert way.destination.address not in repr(outcome)
        everything = json.dumps(told, default=str) + caplog.text
        for secret in (way.destination.address, *way.destination.secrets):
            assert secret not in everything

    async def test_it_says_what_is_wrong_with_an_address(self, way: Way) -> None:
        """In sentences; about the one of this test it says nothing."""
        assert way.transport.problems(way.destination.address, {}) == []
        for nonsense in ("", "\r\n", "no address at all"):
            assert all(isinstance(one, str) and one for one in way.transport.problems(nonsense, {}))
            assert way.transport.problems(nonsense, {})

    async def test_it_can_be_closed_at_any_time(self, way: Way) -> None:
        """Also twice, and then be used again."""
        await way.transport.close()
        await way.transport.close()
        assert (await self._sent(way)).verdict == "delivered"

    async def _sent(self, way: Way, **fields: Any) -> Any:  # noqa: ANN401 of the publish room
        return await way.transport.send(way.delivery(**delivery_fields(**fields)), way.destination)
