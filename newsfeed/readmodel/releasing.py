"""The way back for parked articles: what was passed by is folded, and they go on, in one step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from newsfeed.errors import NewsfeedError, Poisonous
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.entries import Entry
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.parking import UNKNOWN, ParkedArticle
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

    async def all(self) -> AsyncIterator[ParkedArticle]:
        """Every parked article."""
        for store in await kept_stores(self._log):
            for partition in range(self._log.manifest.partitions):
                for letter in (await store.parked(partition)).values():
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

    async def drop(self, group: str, partition: int, position: int) -> bool:
        """Never: the read model would say less than the log does, and nobody would know."""
        raise StillParked(
            f"{group}:{partition}:{position} is an article of a read model: it can only be requeued"
        )

    async def _find(
        self, group: str, partition: int, position: int
    ) -> tuple[ModelStore[Any], str, bytes] | None:
        for store in await kept_stores(self._log):
            if store.group == group and partition < self._log.manifest.partitions:
                for parked_as, letter in (await store.parked(partition)).items():
                    if ParkedArticle.model_validate_json(letter).position == position:
                        return store, parked_as, letter
        return None

    async def _passed_by(
        self, store: ModelStore[Any], letter: ParkedArticle, parked_as: str
    ) -> tuple[str, list[Entry]]:
        """The subject of a parked article, and its events up to the last that was passed by."""
        if parked_as.startswith(UNKNOWN):
            first = await self._log.entry(letter.partition, letter.position)
            if first is None or isinstance(first.event, Exception):
                raise StillParked(
                    f"position {letter.position} cannot be read yet, so nobody knows whose it is"
                )
            if not store.projection.wants(first):
                return parked_as, []
            subject = first.event.subject
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
