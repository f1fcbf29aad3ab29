"""One way to open a log with its archive."""

from __future__ import annotations

from newsfeed.eventlog.archive.reader import Archive
from newsfeed.eventlog.archive.stores import open_store
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.log import EventLog
from newsfeed.eventlog.manifest import Manifest, open_manifest, read_manifest
from newsfeed.settings import Settings


def log_with_archive(redis: Client, manifest: Manifest, settings: Settings) -> EventLog:
    """The log of a manifest; raises :class:`ArchiveUnusable`. Opens nothing yet.

    Each log has a folder of its own in the archive, so that a new one never meets an old one's segments.
    """
    store = open_store(f"{settings.archive_url.rstrip('/')}/{manifest.log_id}")
    return EventLog(redis, manifest, Archive(store, manifest.log_id))


async def open_log(redis: Client, settings: Settings) -> EventLog:
    """The log there is, or a new one; raises :class:`LogMismatch`."""
    return log_with_archive(redis, await open_manifest(redis, settings.partitions), settings)


async def read_log(redis: Client, settings: Settings) -> EventLog:
    """The log there is; raises :class:`LogMismatch` when there is none that we know."""
    return log_with_archive(redis, await read_manifest(redis), settings)
