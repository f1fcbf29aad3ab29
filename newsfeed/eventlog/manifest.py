"""What was fixed when the log was created and can never change: partitions and buckets."""

from __future__ import annotations

from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, ValidationError

from newsfeed import streams
from newsfeed.errors import LogMismatch
from newsfeed.eventlog.connection import Client

BUCKETS = 1024
"""Head buckets per partition: a hash of up to 512 articles keeps its compact form (2 M articles at P = 4)."""


class Manifest(BaseModel):
    """``log_id`` tells one log from another, for instance after everything was deleted."""

    model_config = ConfigDict(frozen=True)

    format: int = 1
    log_id: UUID
    partitions: int
    buckets: int = BUCKETS


async def open_manifest(redis: Client, partitions: int) -> Manifest:
    """The manifest of the log there is, or of a new one; raises :class:`LogMismatch`."""
    fresh = Manifest(log_id=uuid4(), partitions=partitions)
    await redis.set(streams.MANIFEST, fresh.model_dump_json(), nx=True)
    return await read_manifest(redis)


async def read_manifest(redis: Client) -> Manifest:
    """The manifest of the log there is; raises :class:`LogMismatch` when there is none we know."""
    stored = await redis.get(streams.MANIFEST)
    try:
        manifest = Manifest.model_validate_json(stored or b"")
    except ValidationError as error:
        raise LogMismatch("Redis holds no article log that this version can read") from error
    if manifest.format != 1:
        raise LogMismatch(f"the log has format {manifest.format}; this version reads format 1")
    return manifest
