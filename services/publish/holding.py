"""Holding deliveries while their attempts take place: by short leases that are renewed.

Who is killed in an attempt cannot give back what it held. A lease as long as the slowest attempt would
put that off by a minute; a short one is over a moment after its holder has died.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from newsfeed.eventlog.cancelling import end, rest
from newsfeed.eventlog.connection import PASSING_ERRORS
from newsfeed.eventlog.delivery_log import Claim, DeliveryLog

LEASE_MS = 4_000
"""With a round of the loop less than the five seconds by which a crash may put an attempt off."""
RENEWED_SECONDS = 1.0
"""Several renewals may come late before a lease is over."""


@asynccontextmanager
async def holding(log: DeliveryLog, claims: Sequence[Claim], now: int) -> AsyncIterator[None]:
    """Keep claims of a time (ms) for as long as the block takes; what is settled is let go of."""
    renewing = asyncio.create_task(_renew(log, claims, now))
    try:
        yield
    finally:
        await end(renewing)


async def _renew(log: DeliveryLog, claims: Sequence[Claim], now: int) -> None:
    """For ever; an error that does not pass is met again by whoever settles."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while claims:
        await rest(RENEWED_SECONDS)
        with suppress(*PASSING_ERRORS):
            await log.hold(claims, now + int((loop.time() - began) * 1000) + LEASE_MS)
