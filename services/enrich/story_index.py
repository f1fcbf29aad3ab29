"""The index of stories on Redis: a projection of the log that every enrich process reads and writes.

All of it is under one hash tag. Who decides looks first and places then; the place is refused if an
article came or went meanwhile that would have been looked at, so that processes that work at the
same time come to the decisions that one would have come to. Names are hashes; an article that is
withdrawn or erased leaves none, nor anything else that was made of its words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, cast

from redis.commands.core import AsyncScript

from newsfeed import streams
from newsfeed.eventlog.connection import Client
from services.enrich.story_memory import MOST_OTHERS
from services.enrich.story_records import WINDOW_MS, Record, Seen

FOLD = "2"
"""Changes whenever the same articles would make another index: then it is filled anew."""

MOST_PER_NAME = 50
"""Of the articles that share a name, so many of the newest are looked at."""

FORGOTTEN_AT_ONCE = 20
TOUCHED = 20_000
"""Names whose last change is remembered: of some 400 articles, many times what is in hand at once."""

KEYS = (
    streams.STORY_STATE,
    streams.STORY_RECORDS,
    streams.STORY_NAMES,
    streams.STORY_TIMES,
    streams.STORY_POSTINGS,
    streams.STORY_TOUCHED,
)


def name_bytes(name: str) -> bytes:
    """The kind of a name and a hash of the rest: nine bytes."""
    return name[0].encode() + hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()


@lru_cache(maxsize=2_048)
def _record(stored: bytes) -> Record:
    """A record; those of the running stories are met again and again."""
    return Record.from_bytes(stored)


def _script(redis: Client, name: str) -> AsyncScript:
    text = files("services.enrich").joinpath("lua", f"{name}.lua").read_text(encoding="utf-8")
    return redis.register_script(text)


class RedisIndex:
    """Articles of the last 72 hours by what they have in common; safe to share between tasks."""

    def __init__(self, redis: Client) -> None:
        self._redis = redis
        self._look = _script(redis, "look")
        self._place = _script(redis, "place")

    async def look(self, article_id: str, names: Sequence[str], at_ms: int) -> Seen:
        """What is there now that has something in common with an article."""
        state, records, _, times, postings, _ = KEYS
        reply = await self._look(
            keys=[state, records, times, postings],
            args=[article_id, at_ms, WINDOW_MS, MOST_OTHERS, MOST_PER_NAME, *map(name_bytes, names)],
        )
        sequence, filled, total, known, counts, others = cast("list[Any]", reply)
        return Seen(
            sequence=int(sequence),
            filled=filled == FOLD.encode(),
            known=_record(known) if known else None,
            others=[_record(other) for other in others if other],
            counts=dict(zip(names, map(int, counts), strict=True)),
            total=int(total),
        )

    async def place(self, record: Record, seen: Seen) -> bool:
        """Put a record in the place of the article's one before; False if anything relevant changed since."""
        names = [name_bytes(name) for name in record.names]
        reply = await self._place(
            keys=list(KEYS),
            args=[
                seen.sequence,
                record.article_id,
                name_bytes(f"a:{record.article_id}"),
                record.at_ms,
                record.to_bytes(),
                WINDOW_MS,
                int(record.profile is None),
                FORGOTTEN_AT_ONCE,
                TOUCHED,
                *names,
            ],
        )
        return int(reply) == 1

    async def mark_filled(self) -> None:
        """Say that everything that the log has to tell is in the index."""
        await self._redis.hset(streams.STORY_STATE, "filled", FOLD)

    async def clear(self) -> None:
        """Forget everything, to be filled anew before the next decision; a place seen before is refused."""
        sequence = await self._redis.hincrby(streams.STORY_STATE, "sequence", 1)
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.hset(streams.STORY_STATE, "floor", str(sequence))
        pipeline.hdel(streams.STORY_STATE, "newest", "filled")
        pipeline.delete(*KEYS[1:])
        await pipeline.execute()
