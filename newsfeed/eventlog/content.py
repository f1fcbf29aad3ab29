"""The claim check of texts: documents packed with zstd, under their sha256, once per partition."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import cast

from newsfeed import streams, zstd
from newsfeed.eventlog.connection import Client

ERASED = b""
"""What stands in place of a text that was taken down, so that a later ingest cannot restore it."""

MAX_DOCUMENT_BYTES = 64 * 1024 * 1024
"""More than any document we accept: a bound for the decompressor."""


class _Compressor(threading.local):
    """Making one costs as much as packing an article, and no two threads may use one at once."""

    def __init__(self) -> None:
        self.zstd = zstd.ZstdCompressor(level=3)


_compressor = _Compressor()


def pack(document: bytes) -> bytes:
    """The stored form of a document."""
    return _compressor.zstd.compress(document, zstd.ZstdCompressor.FLUSH_FRAME)


def unpack(stored: bytes) -> bytes:
    """The document in its stored form; raises ``ZstdError`` for anything but one whole frame."""
    decompressor = zstd.ZstdDecompressor()
    document = decompressor.decompress(stored, MAX_DOCUMENT_BYTES)
    if not decompressor.eof or decompressor.unused_data:
        raise zstd.ZstdError("this is not one whole document")
    return document


async def read_documents(redis: Client, partition: int, sha256s: Iterable[str]) -> Mapping[str, bytes]:
    """Documents by sha256; absent and erased ones are left out."""
    wanted = list(dict.fromkeys(sha256s))
    if not wanted:
        return {}
    keys = [streams.content(partition, sha256) for sha256 in wanted]
    stored = cast("list[bytes | None]", await redis.mget(keys))
    return {sha256: unpack(value) for sha256, value in zip(wanted, stored, strict=True) if value}
