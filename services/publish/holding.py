"""Holding deliveries while their attempts take place: by short leases that are renewed.

Who is killed in an attempt cannot give back what it held. A lease as long as the slowest attempt would
put that off by a minute; a short one is over a moment after its holder has died.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.delivery_log import Claim, DeliveryLog

LEASE_MS = 4_000
"""With a round of the loop less than the five seconds by which a crash may put an attempt off."""
RENEWED_SECONDS = 1.0
"""Several renewals may come late before a lease is over."""


@dataclass(frozen=True, slots=True)
class Round:
    """One look at what is due: at a time (ms), and when that was on the loop's clock."""

    now: int
    began: float

    @classmethod
    def at(cls, now: int) -> Round:
        """The one that begins here."""
        return cls(now, asyncio.get_running_loop().time())

    @property
    def lease_ms(self) -> int:
        """How long after its time what is claimed or renewed at this moment is held."""
        return int((asyncio.get_running_loop().time() - self.began) * 1000) + LEASE_MS


@asynccontextmanager
async def holding(log: DeliveryLog, claims: Sequence[Claim], looked: Round) -> AsyncIterator[None]:
    """Keep the claims of a round for as long as the block takes; what is settled is let go of."""
    renewing = asyncio.create_task(_renew(log, claims, looked))
    try:
        yield
    finally:
        await end(renewing)


async def _renew(log: DeliveryLog, claims: Sequence[Claim], looked: Round) -> None:
    """For ever; an error that does not pass is met again by whoever settles."""
    while claims:
        await rest(RENEWED_SECONDS)
        with suppress(*PASSING_ERRORS):
            await log.hold(claims, looked.now + looked.lease_ms)
