"""Length-prefixed frames over a pipe: four bytes, big-endian, then that many bytes."""

from __future__ import annotations

import struct
from asyncio import IncompleteReadError, StreamReader
from typing import BinaryIO

_LENGTH = struct.Struct(">I")
GOING_ON = b""
"""The frame of a child that is still reading and has got further."""

FRAME_LIMIT_BYTES = 256 * 1024 * 1024


def framed(payload: bytes) -> bytes:
    """The bytes of one frame; raises ``ValueError`` beyond 256 MiB."""
    if len(payload) > FRAME_LIMIT_BYTES:
        raise ValueError(f"a frame of {len(payload)} bytes")
    return _LENGTH.pack(len(payload)) + payload


def write_frame(stream: BinaryIO, payload: bytes) -> None:
    """Send one frame at once."""
    stream.write(framed(payload))
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next frame; None when the stream ends before its end."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(length)
    payload = stream.read(size)
    return payload if len(payload) == size else None


async def receive_frame(stream: StreamReader) -> bytes:
    """The next frame; raises ``asyncio.IncompleteReadError`` when the stream ends before its end."""
    (size,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    if size > FRAME_LIMIT_BYTES:
        raise IncompleteReadError(b"", size)
    return await stream.readexactly(size)
