"""What a sealed segment says of itself, what it is called, and which segments together hold a log."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

import orjson
from pydantic import AwareDatetime, Field, ValidationError

from newsfeed.envelope import Frozen, Sha256

FORMAT = 1
"""Of the columns of a segment and of its manifest."""

BEGINNING = "0" * 64
"""What stands for the hash of the segment before the first."""

_NAME = re.compile(r"p(\d+)/(\d{12})-(\d{12})")

Position = Annotated[int, Field(ge=1)]


class SegmentManifest(Frozen):
    """A sealed segment: the positions ``first`` to ``last`` of one partition in a file of that hash.

    ``previous_sha256`` is the hash of a segment that ends right before this one. The times are those
    of the first and the last entry that can be read.
    """

    format: int
    log_id: UUID
    partition: int
    first: Position
    last: Position
    count: int
    first_recorded_at: AwareDatetime | None
    last_recorded_at: AwareDatetime | None
    size_bytes: int
    sha256: Sha256
    previous_sha256: Sha256

    @property
    def name(self) -> str:
        """The segment's name, without the endings of its two files."""
        return segment_name(self.partition, self.first, self.last)

    def canonical_bytes(self) -> bytes:
        """The very bytes of the manifest's file."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS) + b"\n"

    @classmethod
    def parse(cls, name: str, data: bytes) -> Self | None:
        """Read a manifest; None for bytes that are not exactly those of a manifest of that name."""
        try:
            manifest = cls.model_validate_json(data)
        except ValidationError:
            return None
        sound = (
            manifest.format == FORMAT
            and manifest.name == name
            and manifest.count == manifest.last - manifest.first + 1
            and manifest.canonical_bytes() == data
        )
        return manifest if sound else None

    def is_of(self, data: bytes) -> bool:
        """Whether these are the bytes of the segment."""
        return len(data) == self.size_bytes and hashlib.sha256(data).hexdigest() == self.sha256


def folder(partition: int) -> str:
    """Where the segments of a partition are."""
    return f"p{partition}"


def segment_name(partition: int, first: int, last: int) -> str:
    """The name of the segment of these positions; names sort by position."""
    return f"{folder(partition)}/{first:012d}-{last:012d}"


def data_file(name: str) -> str:
    """The file that holds the entries of a segment."""
    return f"{name}.parquet"


def manifest_file(name: str) -> str:
    """The file that seals a segment."""
    return f"{name}.json"


def sealed_names(files: Iterable[str]) -> list[str]:
    """The names of the segments that have a manifest, whatever else they have, in order."""
    found = (file.removesuffix(".json") for file in files if file.endswith(".json"))
    return sorted(name for name in found if _NAME.fullmatch(name))


def span(name: str) -> range:
    """The positions that a segment's name speaks of."""
    found = _NAME.fullmatch(name)
    assert found is not None
    return range(int(found[2]), int(found[3]) + 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """The positions from ``first`` to the end of a segment, as far as no piece before has them."""

    segment: SegmentManifest
    first: int

    @property
    def last(self) -> int:
        """The last position."""
        return self.segment.last


def pieces(segments: Iterable[SegmentManifest]) -> list[Piece]:
    """Every archived position once, in order.

    Segments follow each other, unless two archivers sealed the same events in different portions:
    both are right then, and the longer one counts. Pure.
    """
    found: list[Piece] = []
    for segment in sorted(segments, key=lambda one: (one.first, -one.last)):
        first = max(segment.first, found[-1].last + 1 if found else 1)
        if first <= segment.last:
            found.append(Piece(segment, first))
    return found


def reach(spans: Iterable[tuple[int, int]]) -> int:
    """The last position up to which nothing is missing from some ranges of positions. Pure."""
    end = 0
    for first, last in sorted(spans):
        if first > end + 1:
            break
        end = max(end, last)
    return end
