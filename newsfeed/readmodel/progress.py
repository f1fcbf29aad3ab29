"""How far every version of every read model is, and which one answers."""

from __future__ import annotations

from dataclasses import dataclass

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.store import ModelStore


@dataclass(frozen=True, slots=True)
class VersionProgress:
    """One version; ``checkpoints`` and ``lag`` are None for one that nobody began to fill.

    ``state`` is live, previous or building; ``fits`` tells whether this release's fold made it.
    """

    projection: str
    version: int
    state: str
    fits: bool
    checkpoints: list[int] | None
    lag: int | None
    parked: int


async def progress(log: EventLog) -> list[VersionProgress]:
    """Every version that is there, by projection and number."""
    return [
        await _progress(log, name, version)
        for name in PROJECTIONS
        for version in (await read_versions(log.redis, name)).there()
    ]


async def _progress(log: EventLog, name: str, version: int) -> VersionProgress:
    versions = await read_versions(log.redis, name)
    store = ModelStore(log, PROJECTIONS[name], version)
    partitions = range(log.manifest.partitions)
    stored = [await log.redis.hget(streams.checkpoints(partition), store.reader) for partition in partitions]
    checkpoints = [int(one) for one in stored if one is not None]
    whole = len(checkpoints) == len(stored)
    return VersionProgress(
        projection=name,
        version=version,
        state=versions.state_of(version),
        fits=versions.folds.get(version) == PROJECTIONS[name].fold,
        checkpoints=checkpoints if whole else None,
        lag=sum(await log.tails()) - sum(checkpoints) if whole else None,
        parked=await store.parked_count(),
    )
