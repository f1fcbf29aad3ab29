"""The way back for parked articles: what was passed by is folded, and they go on, in one step."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from newsfeed.errors import NewsfeedError, Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.dead_letters import DeadLetter, Waiting
from newsfeed.eventlog.entries import Entry
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.chains import first_of, named_before
from newsfeed.readmodel.parking import UNKNOWN, ParkedArticle, unknown
from newsfeed.readmodel.projection import Placed
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.store import ModelStore


class StillParked(NewsfeedError):
    """The cause was not mended: the article cannot be folded yet."""


async def kept_stores(log: EventLog) -> list[ModelStore[Any]]:
    """Every version of every projection that is kept up with the log."""
    return [
        ModelStore(log, projection, version)
        for projection in PROJECTIONS.values()
        for version in (await read_versions(log.redis, projection.name)).kept
    ]


class ParkedArticles:
    """The parked articles of every version of every read model, asked for as dead letters are."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def all(self) -> AsyncGenerator[ParkedArticle, None]:
        """Every parked article, in bounded memory."""
        for store in await kept_stores(self._log):
            for partition in range(self._log.manifest.partitions):
                async for letter in store.letters(partition):
                    yield ParkedArticle.model_validate_json(letter)

    async def get(self, group: str, partition: int, position: int) -> ParkedArticle | None:
        """The article that is parked since a position."""
        found = await self._find(group, partition, position)
        return ParkedArticle.model_validate_json(found[2]) if found else None

    async def requeue(self, group: str, partition: int, position: int) -> bool:
        """Fold what was passed by of an article and let it go on; False when it is not parked.

        Guarded by what is parked: that tells of every event that was passed by, so a projector that
        passes by another one meanwhile is noticed. Raises :class:`StillParked`.
        """
        while True:
            found = await self._find(group, partition, position)
            if found is None:
                return False
            store, parked_as, seen = found
            letter = ParkedArticle.model_validate_json(seen)
            subject, entries = await self._passed_by(store, letter, parked_as)
            placed = await self._folded(store, letter, subject, entries)
            if await store.release(partition, parked_as, seen, subject, placed):
                return True

    async def oldest_of(self, letter: DeadLetter) -> Waiting | None:
        """What a parked article waits behind: itself, with the events that were passed by since."""
        found = await self.get(letter.group, letter.partition, letter.position)
        return Waiting(found, found.waiting - 1) if found else None

    async def _find(
        self, group: str, partition: int, position: int
    ) -> tuple[ModelStore[Any], str, bytes] | None:
        """The version, what the article is parked as, and what stands there; by the entry at a position."""
        stores = [store for store in await kept_stores(self._log) if store.group == group]
        entry = await self._log.entry(partition, position)
        if not stores or entry is None:
            return None
        named = await named_before(self._log, partition, entry, {})
        first = await first_of(self._log, partition, entry, {})
        names = [name for name in (named.subject, unknown(first.position)) if name]
        parked = (await stores[0].stored(partition, (), names)).parked
        for name, letter in parked.items():
            if ParkedArticle.model_validate_json(letter).position == position:
                return stores[0], name, letter
        return None

    async def _passed_by(
        self, store: ModelStore[Any], letter: ParkedArticle, parked_as: str
    ) -> tuple[str, list[Entry]]:
        """The subject of a parked article, and its events up to the last that was passed by."""
        if parked_as.startswith(UNKNOWN):
            first = await self._log.entry(letter.partition, letter.position)
            if first is None or first.subject is None:
                raise StillParked(
                    f"position {letter.position} cannot be read yet, so nobody knows whose it is"
                )
            if not store.projection.wants(first):
                return parked_as, []
            subject = first.subject
        else:
            subject = parked_as
        history = [entry for entry in await self._log.history(subject) if entry.position <= letter.last]
        if all(entry.position != letter.position for entry in history):
            raise StillParked(f"position {letter.position} of {subject} is not in the log any more")
        return subject, history

    async def _folded(
        self, store: ModelStore[Any], letter: ParkedArticle, subject: str, history: list[Entry]
    ) -> Placed[Any] | None:
        """The state with what was passed by; from the beginning where what is stored is damaged."""
        kept = (await store.stored(letter.partition, [subject])).states.get(subject)
        try:
            placed = _unpacked(store, kept)
            for entry in history:
                if placed is None or entry.position > placed.position:
                    placed = store.projection.after(placed, entry)
        except Exception as error:
            why = str(error) if isinstance(error, Poisonous) else type(error).__name__
            raise StillParked(f"{subject} cannot be folded yet: {why}") from error
        return placed


def _unpacked(store: ModelStore[Any], kept: bytes | None) -> Placed[Any] | None:
    try:
        return store.projection.unpacked(kept) if kept else None
    except ValueError:
        return None
