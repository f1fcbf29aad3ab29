"""Following the log: every kept version of every projection, each partition in one process."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from newsfeed import logs, streams
from newsfeed.eventlog.archive.archiver import archive_log
from newsfeed.eventlog.cancelling import rest
from newsfeed.eventlog.channel_log import recorded_channels
from newsfeed.eventlog.leases import Leases
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.retention import Retention, let_go
from newsfeed.eventlog.shares import Shares
from newsfeed.health import instance_name, server_time
from newsfeed.readmodel.catalogue import read_versions
from newsfeed.readmodel.progress import VersionProgress, progress
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.rebuilding import remove_dropped, start
from newsfeed.readmodel.store import ModelStore, VersionGone
from newsfeed.runtime import Runtime

RETAIN_SECONDS = 60.0
"""How often digests that are too old are looked for."""

WAITING = "the partitions have not been taken yet"


async def archive(runtime: Runtime) -> None:
    """Seal what is due, and trim if that is set, until cancelled."""
    assert runtime.log.archive is not None
    owner = f"{instance_name()}:{uuid4().hex[:8]}"
    await archive_log(runtime.log, runtime.log.archive, runtime.settings, owner)


async def let_digests_go(runtime: Runtime, retention: Retention) -> None:
    """Remove what is too old of every channel, over and over; any number of processes may."""
    while True:
        now = datetime.fromtimestamp(await server_time(runtime.redis), UTC)
        for channel in await recorded_channels(runtime.redis):
            floor = await retention.floor(runtime.redis, channel, now)
            count = await let_go(runtime.redis, channel, floor) if floor else 0
            if count:
                logs.get_logger().info("keep.digests_let_go", channel=channel, count=count, kept_from=floor)
        await rest(RETAIN_SECONDS)


async def project(runtime: Runtime) -> None:
    """Keep the read models up with the log, for a fair share of the partitions, until cancelled."""
    runtime.troubles["project"] = WAITING
    for projection in PROJECTIONS.values():
        await start(runtime.log, projection)
        await remove_dropped(runtime.log, projection)
    owner = f"{instance_name()}:{uuid4().hex[:8]}"
    leases = Leases(runtime.redis, streams.PROJECT, owner, runtime.settings.lease_seconds)
    shares = Shares(leases, runtime.log.manifest.partitions, lambda partition: _follow(runtime, partition))

    async def tell() -> None:
        runtime.troubles.pop("project", None)
        runtime.details["projections"] = _told(await progress(runtime.log))

    await shares.run(runtime.settings.renew_seconds, tell)


def _told(found: Sequence[VersionProgress]) -> dict[str, object]:
    return {
        streams.model_reader(one.projection, one.version): {
            "state": one.state,
            "lag": one.lag,
            "parked": one.parked,
        }
        for one in found
    }


async def _follow(runtime: Runtime, partition: int) -> None:
    """Project a partition for every kept version; wake as soon as there is more."""
    while True:
        tail = await runtime.log.tail(partition)
        stores = await _stores(runtime.log)
        done = sum([await _step(runtime.log, store, partition) for store in stores])
        if not done:
            await runtime.log.wait({partition: tail}, runtime.settings.polling_seconds)
        await rest(0)


async def _stores(log: EventLog) -> list[ModelStore[Any]]:
    """The versions that are kept up; what another release's fold made is left to that release."""
    stores: list[ModelStore[Any]] = []
    for projection in PROJECTIONS.values():
        versions = await read_versions(log.redis, projection.name)
        if versions.live is None:
            versions = await start(log, projection)
        fitting = [version for version in versions.kept if versions.folds.get(version) == projection.fold]
        stores += [ModelStore(log, projection, version) for version in fitting]
    return stores


async def _step(log: EventLog, store: ModelStore[Any], partition: int) -> int:
    """A batch of one version; how many events."""
    try:
        return await Projector(log, store).step(partition)
    except VersionGone:  # It was dropped since the list was read; or somebody removed its checkpoint.
        await start(log, store.projection)
        return 0
