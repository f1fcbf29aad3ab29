"""How far every version of every read model is, and which one answers."""

from __future__ import annotations

from dataclasses import dataclass

from newsfeed import streams
from newsfeed.eventlog import EventLog
from newsfeed.readmodel.catalogue import Versions, read_versions
from newsfeed.readmodel.projections import PROJECTIONS


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
    found: list[VersionProgress] = []
    for name in PROJECTIONS:
        versions = await read_versions(log.redis, name)
        found += [await _progress(log, name, versions, version) for version in versions.there()]
    return found


async def _progress(log: EventLog, name: str, versions: Versions, version: int) -> VersionProgress:
    """One version, asked for in one round trip; the tails come last, so that no lag is negative."""
    reader = streams.model_reader(name, version)
    partitions = range(log.manifest.partitions)
    pipeline = log.redis.pipeline(transaction=False)
    for partition in partitions:
        pipeline.hlen(streams.model_parked(partition, name, version))
    for partition in partitions:
        pipeline.hget(streams.checkpoints(partition), reader)
    for partition in partitions:
        pipeline.hget(streams.tail(partition), "n")
    answers = [int(one) if one is not None else None for one in await pipeline.execute()]
    count = len(partitions)
    parked, stored, tails = answers[:count], answers[count : 2 * count], answers[2 * count :]
    checkpoints = [one for one in stored if one is not None]
    whole = len(checkpoints) == count
    return VersionProgress(
        projection=name,
        version=version,
        state=versions.state_of(version),
        fits=versions.folds.get(version) == PROJECTIONS[name].fold,
        checkpoints=checkpoints if whole else None,
        lag=sum(one or 0 for one in tails) - sum(checkpoints) if whole else None,
        parked=sum(one or 0 for one in parked),
    )
