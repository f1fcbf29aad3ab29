"""Making a channel's cursor and ledger anew from its windows, while publishers and readers go on.

Each hash is replaced whole, in one step, and only if no window was closed since it was folded. So at
every moment, also after a kill, all that a publisher reads is what the windows say: nothing is sent again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import cast

from newsfeed import streams
from newsfeed.eventlog.channel_log import LEDGER_BUCKETS, ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import Cursor, ledger_changes
from newsfeed.eventlog.scripts import script


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was made anew; the two sha256 are equal when all of it was as the windows say."""

    windows: int
    sha256_before: str
    sha256_after: str


@dataclass(slots=True)
class _Fold:
    """What the windows up to one say, by bucket of the ledger."""

    cursor: Cursor = field(default_factory=Cursor)
    windows: int = 0
    buckets: dict[int, dict[str, str]] = field(default_factory=dict)

    def held(self, bucket: int) -> dict[str, str]:
        """What readers hold of the articles of a bucket."""
        return self.buckets.get(bucket, {})


async def rebuild_channel(redis: Client, channel: str) -> Rebuilt:
    """Replace the cursor and every bucket of the ledger; what was there before is compared."""
    log, replace = ChannelLog(redis, channel), script(redis, "replace")
    fold = await _folded(log, _Fold())
    digests = hashlib.sha256(), hashlib.sha256()
    for bucket in (*range(LEDGER_BUCKETS), None):
        while True:
            key = streams.cursor(channel) if bucket is None else streams.delivered(channel, bucket)
            fields = fold.cursor.stored() if bucket is None else fold.held(bucket)
            arguments = [fold.cursor.window_id, *(part for pair in fields.items() for part in pair)]
            before = await replace(keys=[streams.windows(channel), key], args=arguments)
            if before is not None:
                break
            fold = await _folded(log, fold)  # What was replaced already, the newer windows kept up.
        texts = [value.decode() for value in cast("list[bytes]", before)]
        digests[0].update(_canonical(key, dict(zip(texts[::2], texts[1::2], strict=True))))
        digests[1].update(_canonical(key, fields))
    return Rebuilt(fold.windows, digests[0].hexdigest(), digests[1].hexdigest())


async def _folded(log: ChannelLog, fold: _Fold) -> _Fold:
    """The fold with the windows that are newer than its own."""
    after = fold.cursor.window_id if fold.windows else "-"
    async for window_id, fact in log.facts(after):
        fold.cursor = log.after(fold.cursor, window_id, fact)
        fold.windows += 1
        for article_id, delivered in ledger_changes(fact).items():
            bucket = streams.bucket_of(article_id, 1, LEDGER_BUCKETS)
            fold.buckets.setdefault(bucket, {})[article_id] = delivered.stored()
    return fold


def _canonical(key: str, fields: dict[str, str]) -> bytes:
    return repr((key, sorted(fields.items()))).encode()
