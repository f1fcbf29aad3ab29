"""What ingest is told from outside, beside the settings that all programs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from newsfeed.settings import Seconds, Settings

MEBIBYTE = 1024 * 1024


class IngestSettings(Settings):
    """Settings of the ingest program."""

    seeds: Path = Path("seeds")
    """The watched folder."""
    on_done: Literal["keep", "move"] = "keep"
    """Whether seeds stay where they are, or move to ``.processed/`` and ``.quarantine/``."""
    settle_seconds: Seconds = 2.0
    """A seed is read when it looked the same twice, at least this long apart."""
    scan_seconds: Seconds = 2.0
    """How often the folder is listed when no change was announced."""
    empty_seconds: Seconds = 60.0
    """How long an empty seed may stay empty before it is rejected."""
    max_seed_bytes: Annotated[int, Field(gt=0)] = 10 * MEBIBYTE
    """A larger seed is rejected without being opened."""
    readers: Annotated[int, Field(ge=1, le=64)] = 2
    """How many seeds are read at once, each in a process of its own."""
    max_backlog: Annotated[int, Field(ge=1)] = 10_000
    """Nothing more is read while enrich is more events behind than this."""
    parse_seconds: Seconds = 10.0
    """A seed that gets no further for so long, article by article, is rejected and its reader killed."""
    parse_memory_bytes: Annotated[int, Field(gt=0)] = 512 * MEBIBYTE
    """A seed whose reading takes more memory is rejected."""
