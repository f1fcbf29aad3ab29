"""`newsfeed rebuild --all`: every projection anew, and whether it came out as it was."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from newsfeed import streams
from newsfeed.cli.printing import emit
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import recorded_channels
from newsfeed.eventlog.channel_rebuild import rebuild_channel
from newsfeed.eventlog.delivery_rebuild import rebuild_deliveries
from newsfeed.eventlog.leases import SoleOwner
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import heartbeats, instance_name
from newsfeed.readmodel.current import Current, live_store
from newsfeed.readmodel.projection import Projection
from newsfeed.readmodel.projections import PROJECTIONS
from newsfeed.readmodel.rebuilding import build, swap
from newsfeed.settings import Settings


async def rebuild_all(log: EventLog, settings: Settings, *, as_json: bool) -> bool:
    """Rebuild the read models, the channels' cursors and ledgers, what is due, and drop ingest's ledger.

    True when everything that could be compared was the same before.
    """
    same = True
    for projection in PROJECTIONS.values():
        before, after = await _rebuilt(log, projection)
        same &= _told(projection.name, before, after, as_json=as_json)
    for channel in await recorded_channels(log.redis):
        rebuilt = await rebuild_channel(log.redis, channel)
        same &= _told(f"channel {channel}", rebuilt.sha256_before, rebuilt.sha256_after, as_json=as_json)
    await _rebuild_deliveries(log, as_json=as_json)
    dropped = await _drop_seeds(log, settings)
    note = "dropped: ingest makes it anew at its next start" if dropped else "left alone: ingest is running"
    emit({"rebuilt": "seeds", "note": note}, f"seeds  {note}", as_json=as_json)
    return same


async def _rebuild_deliveries(log: EventLog, *, as_json: bool) -> None:
    """How far each subscription is, by the facts; never under a publish, which has some of it in hand."""
    is_running = any(one.service == "publish" for one in await heartbeats(log.redis))
    registry = await RegistryLog(log.redis).read()
    for channel in sorted({one.channel for one in registry.subscriptions.values()}):
        note = "left alone: publish is running"
        if not is_running:
            note = f"made anew: {await rebuild_deliveries(log.redis, channel, registry)} in hand"
        what = f"deliveries of {channel}"
        emit({"rebuilt": what, "note": note}, f"{what}  {note}", as_json=as_json)


async def _rebuilt(log: EventLog, projection: Projection[Any]) -> tuple[str | None, str]:
    """What the live version and the new one say at the same end of the log; the new one is live then.

    None for a live version that another release's fold made: it may well say something else.
    """
    tails, live = await log.tails(), await live_store(log, projection)
    before = await Current(log, projection, live, tails).sha256() if live else None
    built = await build(log, projection)
    after = await Current(log, projection, built, tails).sha256()
    await swap(log, projection, built)
    return before, after


def _told(what: str, before: str | None, after: str, *, as_json: bool) -> bool:
    same = before in {None, after}
    verdict = f"as before: {after}" if same else f"it said {before}, the log says {after}"
    if before is None:
        verdict = f"nothing to compare with: {after}"
    document = {"rebuilt": what, "sha256_before": before, "sha256_after": after, "same": same}
    emit(document, f"{what}  {verdict}", as_json=as_json)
    return same


async def _drop_seeds(log: EventLog, settings: Settings) -> bool:
    """Whether the ledger of seeds was dropped: never under an ingest, which writes through from memory."""
    owner = f"{instance_name()}:{uuid4().hex[:8]}"
    sole = SoleOwner(log.redis, streams.INGEST, owner, settings.lease_seconds, log.manifest.partitions)
    if not await sole.acquire():
        return False
    try:
        await log.redis.unlink(streams.SEEDS, streams.SEEDS_CHECKPOINT)
    finally:
        await sole.release()
    return True
