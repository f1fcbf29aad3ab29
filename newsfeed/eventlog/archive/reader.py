"""Reading the archive: an index of its manifests, and a few decoded blocks; memory does not grow with it."""

from __future__ import annotations

import asyncio
import shutil
import threading
import weakref
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import AsyncGenerator, Iterable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

from newsfeed.errors import SegmentDamaged
from newsfeed.eventlog.archive.rows import Row, Stored, entry_of
from newsfeed.eventlog.archive.segments import (
    Piece,
    SegmentManifest,
    data_file,
    folder,
    manifest_file,
    pieces,
    sealed_names,
)
from newsfeed.eventlog.archive.stores import Store
from newsfeed.eventlog.archive.tables import BLOCK, NotATable, read_block, rows_in
from newsfeed.eventlog.entries import Entry

BLOCKS_KEPT = 8
"""Decoded blocks that are kept: about 2 MB each."""

FILES_KEPT = 8
"""Checked copies of segments that are kept on disk while this process runs: about 2 MB each."""


class Archive:
    """The sealed segments of one log. Safe to share between tasks; opens nothing by itself.

    Bytes of a segment are used only after they were found to have the hash that its manifest says.
    """

    def __init__(self, store: Store, log_id: UUID) -> None:
        self.store = store
        self.log_id = log_id
        self._pieces: dict[int, list[Piece]] = {}
        self._known: dict[str, SegmentManifest] = {}
        self._blocks: OrderedDict[tuple[str, int], Sequence[Stored]] = OrderedDict()
        self._files: OrderedDict[str, Path] = OrderedDict()
        self._spool: Path | None = None
        self._lock = threading.Lock()

    async def pieces(self, partition: int) -> list[Piece]:
        """Every archived position of a partition once, in order, as the place of the archive says now.

        Segments without their file, or whose manifest cannot be read, are left out: ``newsfeed verify``
        names them.
        """
        found = await asyncio.to_thread(self._manifests, partition)
        self._pieces[partition] = pieces(found)
        return self._pieces[partition]

    async def segments(self, partition: int) -> list[SegmentManifest]:
        """The manifests of a partition's segments, as the place of the archive says now."""
        return await asyncio.to_thread(self._manifests, partition)

    def _manifests(self, partition: int) -> list[SegmentManifest]:
        found: list[SegmentManifest] = []
        files = set(self.store.names(folder(partition)))
        for name in sealed_names(files):
            if data_file(name) not in files:
                continue
            manifest = self._known.get(name)
            if manifest is None:
                manifest = SegmentManifest.parse(name, self.store.read(manifest_file(name)) or b"")
            if manifest and manifest.log_id == self.log_id:
                self._known[name] = manifest
                found.append(manifest)
        return found

    async def find(self, partition: int, position: int) -> Piece | None:
        """Where a position is archived; the index is read anew before the answer is no."""
        return _covering(self._pieces.get(partition, ()), position) or _covering(
            await self.pieces(partition), position
        )

    async def read(self, partition: int, *, after: int, through: int) -> AsyncGenerator[Entry, None]:
        """The entries ``(after, through]`` in order, up to the first that is not archived.

        Raises :class:`SegmentDamaged`.
        """
        expected = after + 1
        while expected <= through and (piece := await self.find(partition, expected)):
            for stored in await self._block(piece.segment, expected):
                if expected <= stored.position <= through:
                    yield entry_of(stored)
                    expected += 1

    async def entries(self, partition: int, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at some positions; those that are not archived are left out.

        Raises :class:`SegmentDamaged`.
        """
        found: dict[int, Entry] = {}
        for position in sorted(positions):
            piece = await self.find(partition, position)
            if piece:
                block = await self._block(piece.segment, position)
                found[position] = entry_of(block[position - block[0].position])
        return found

    async def _block(self, segment: SegmentManifest, position: int) -> Sequence[Stored]:
        number = (position - segment.first) // BLOCK
        key = (segment.sha256, number)
        block = self._blocks.get(key)
        if block is None:
            block = await asyncio.to_thread(self._decoded, segment, number)
            self._blocks[key] = block
            if len(self._blocks) > BLOCKS_KEPT:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(key)
        return block

    def _decoded(self, segment: SegmentManifest, number: int) -> Sequence[Stored]:
        with self._lock:
            try:
                block = read_block(self._file(segment), number)
            except NotATable as error:
                raise SegmentDamaged(segment.name, "it is not a table of ours") from error
        first = segment.first + number * BLOCK
        last = min(first + BLOCK - 1, segment.last)
        if [stored.position for stored in block] != list(range(first, last + 1)):
            raise SegmentDamaged(segment.name, f"it does not hold the positions {first} to {last}")
        return block

    async def rows(self, segment: SegmentManifest) -> list[Row]:
        """Every row of a segment; raises :class:`SegmentDamaged`."""
        return await asyncio.to_thread(self._rows, segment)

    def _rows(self, segment: SegmentManifest) -> list[Row]:
        with self._lock:
            try:
                return rows_in(self._file(segment))
            except NotATable as error:
                raise SegmentDamaged(segment.name, "it is not a table of ours") from error

    def _file(self, segment: SegmentManifest) -> Path:
        """A checked copy of a segment on this machine's disk, whatever becomes of the archive's own."""
        path = self._files.get(segment.sha256)
        if path is None:
            path = self._folder() / f"{segment.sha256}.parquet"
            path.write_bytes(self.checked(segment))
            self._files[segment.sha256] = path
            if len(self._files) > FILES_KEPT:
                self._files.popitem(last=False)[1].unlink(missing_ok=True)
        self._files.move_to_end(segment.sha256)
        return path

    def checked(self, segment: SegmentManifest) -> bytes:
        """The bytes of a segment; raises :class:`SegmentDamaged`. It may block."""
        data = self.store.read(data_file(segment.name))
        if data is None:
            raise SegmentDamaged(segment.name, "its file is gone")
        if not segment.is_of(data):
            raise SegmentDamaged(segment.name, "its bytes are not those that its manifest says")
        return data

    def _folder(self) -> Path:
        if self._spool is None:
            self._spool = Path(mkdtemp(prefix="newsfeed-archive-"))
            weakref.finalize(self, shutil.rmtree, self._spool, ignore_errors=True)
        return self._spool


def _covering(found: Sequence[Piece], position: int) -> Piece | None:
    index = bisect_right(found, position, key=lambda piece: piece.first) - 1
    return found[index] if index >= 0 and position <= found[index].last else None
