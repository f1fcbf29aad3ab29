"""Making a read model anew beside the one that answers, and putting it in its place.

A rebuild reads the log and writes states of its own version, nothing else: it has no side effect that
anybody outside could notice. It halts at the first event that it cannot fold; the live version stays.
"""

from __future__ import annotations

from functools import partial
from typing import TypeVar, cast

from newsfeed import logs, streams
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.commits import MAX_BATCH
from newsfeed.readmodel.catalogue import NoSuchVersion, Versions, change_versions, read_versions
from newsfeed.readmodel.projection import Projection
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.store import ModelStore

S = TypeVar("S")


async def start(log: EventLog, projection: Projection[S]) -> Versions:
    """Make sure that there is a live version, and that the kept ones have their checkpoints."""
    if (await read_versions(log.redis, projection.name)).live is None:
        await remove_dropped(log, projection)  # Nobody knows which fold made what a lost list left behind.
    versions = await change_versions(log.redis, projection.name, lambda one: one.started(projection.fold))
    for version in versions.kept:
        await ModelStore(log, projection, version).begin()
    return versions


async def build(log: EventLog, projection: Projection[S]) -> ModelStore[S]:
    """A version beside the live one, as new as the log; goes on where an earlier build was interrupted.

    Raises ``ProjectionHalted`` with the position of what cannot be folded.
    """
    versions = await change_versions(log.redis, projection.name, lambda one: one.begun(projection.fold))
    assert versions.building is not None
    store = ModelStore(log, projection, versions.building)
    await store.begin()
    await remove_dropped(log, projection)
    await _catch_up(log, store)
    return store


async def _catch_up(log: EventLog, store: ModelStore[S]) -> None:
    """Project until a whole round over the partitions had no more than a batch of each to do."""
    projector = Projector(log, store, strict=True)
    most = MAX_BATCH + 1
    while most > MAX_BATCH:
        most = 0
        for partition in range(log.manifest.partitions):
            count = 0
            while done := await projector.step(partition):
                count += done
            most = max(most, count)


async def swap(log: EventLog, projection: Projection[S], store: ModelStore[S]) -> Versions:
    """Bring a version that was built up with the log, and make it live in one step.

    Its checkpoints never go back while it is listed as being built, so what was true when they were
    compared with the tails is still true at the step itself, although that is of another slot. What
    is recorded after the tails were read, queries fold on top. Raises ``NoSuchVersion``.
    """
    await _catch_up(log, store)
    projector = Projector(log, store, strict=True)
    for partition, tail in enumerate(await log.tails()):
        while await store.checkpoint(partition) < tail:
            await projector.step(partition)
    await change_versions(log.redis, projection.name, lambda one: one.swapped(store.version))
    logs.get_logger().info("readmodel.version_swapped", projection=projection.name, version=store.version)
    return await remove_dropped(log, projection)


async def built(log: EventLog, projection: Projection[S]) -> ModelStore[S]:
    """The version that is being built; raises ``NoSuchVersion``."""
    versions = await read_versions(log.redis, projection.name)
    if versions.building is None or versions.folds.get(versions.building) != projection.fold:
        raise NoSuchVersion(
            f"no version of {projection.name} was built: `newsfeed rebuild --no-swap` builds one"
        )
    return ModelStore(log, projection, versions.building)


async def roll_back(log: EventLog, projection: Projection[S]) -> Versions:
    """Make the version live that was so before; it was kept up with the log."""
    versions = await change_versions(log.redis, projection.name, lambda one: one.rolled_back(projection.fold))
    logs.get_logger().info("readmodel.version_swapped", projection=projection.name, version=versions.live)
    return versions


async def give_up(log: EventLog, projection: Projection[S]) -> Versions:
    """Drop the version that is being built."""
    await change_versions(log.redis, projection.name, Versions.given_up)
    return await remove_dropped(log, projection)


async def remove_dropped(log: EventLog, projection: Projection[S]) -> Versions:
    """Remove what is left of dropped versions, also of those whose removal was interrupted."""
    versions = await read_versions(log.redis, projection.name)
    for version in sorted({*versions.dropping, *await _unlisted(log, projection)}):
        await ModelStore(log, projection, version).drop()
        versions = await change_versions(
            log.redis, projection.name, partial(Versions.dropped, version=version)
        )
    return versions


async def _unlisted(log: EventLog, projection: Projection[S]) -> set[int]:
    """Versions that left checkpoints though nobody lists them: they would hold trimming back for ever."""
    found: set[int] = set()
    for partition in range(log.manifest.partitions):
        for reader in cast("list[bytes]", await log.redis.hkeys(streams.checkpoints(partition))):
            name, _, number = reader.decode().rpartition(":")
            if name == projection.name and number.isdecimal():
                found.add(int(number))
    return found - {*(await read_versions(log.redis, projection.name)).there()}
