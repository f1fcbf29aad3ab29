"""Segments as files: what was written comes back, and what is none of ours is told from it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsfeed.eventlog.archive.rows import Row, Stored
from newsfeed.eventlog.archive.tables import BLOCK, NotATable, parquet, read_block, rows_in

WHOLE = st.integers(-(2**63), 2**63 - 1)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
ROWS = st.builds(
    Row,
    partition=st.integers(0, 2**16 - 1),
    position=WHOLE,
    event_id=WORDS,
    type=st.none() | WORDS,
    subject=st.none() | WORDS,
    article_id=st.none() | WORDS,
    version=WHOLE,
    previous=WHOLE,
    recorded_at=st.none() | WHOLE,
    occurred_at=st.none() | WHOLE,
    correlation_id=st.none() | WORDS,
    data=st.binary(max_size=40),
)

OLD = """
COPY (
  SELECT * REPLACE (
    make_timestamptz(recorded_at) AS recorded_at, make_timestamptz(occurred_at) AS occurred_at
  )
  FROM (VALUES
    (1::USMALLINT, 1::BIGINT, 'e1', 'article.ingested', 's', 'a', 1::BIGINT, 0::BIGINT,
     5::BIGINT, 6::BIGINT, 'c', 'x'::BLOB),
    (1::USMALLINT, 2::BIGINT, 'e2', NULL, NULL, NULL, 2::BIGINT, 1::BIGINT, NULL, NULL, NULL, 'y'::BLOB)
  ) AS rows(partition, position, event_id, type, subject, article_id, version, previous,
            recorded_at, occurred_at, correlation_id, data)
) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048)
"""


def numbered(count: int) -> list[Row]:
    return [
        Row(0, n, f"e{n}", "article.ingested", "s", "a", n, n - 1, n, n, "c", b"{}")
        for n in range(1, count + 1)
    ]


@given(st.lists(ROWS, min_size=1, max_size=20))
def test_rows_come_back_as_they_were(rows: list[Row]) -> None:
    assert rows_in(parquet(rows)) == rows
    assert parquet(rows) == parquet(rows)


def test_a_block_is_read_without_the_others(tmp_path: Path) -> None:
    rows = numbered(2 * BLOCK + 1)
    file = tmp_path / "rows.parquet"
    file.write_bytes(parquet(rows))

    blocks = [read_block(file, number) for number in range(4)]

    assert [len(block) for block in blocks] == [BLOCK, BLOCK, 1, 0]
    assert blocks[2] == [Stored(2 * BLOCK + 1, f"e{2 * BLOCK + 1}", 2 * BLOCK + 1, 2 * BLOCK, b"{}")]


def test_segments_of_duckdb_are_read_on(tmp_path: Path) -> None:
    """It wrote them first."""
    file = tmp_path / "rows.parquet"
    duckdb.execute(OLD.format(path=file))

    assert rows_in(file) == [
        Row(1, 1, "e1", "article.ingested", "s", "a", 1, 0, 5, 6, "c", b"x"),
        Row(1, 2, "e2", None, None, None, 2, 1, None, None, None, b"y"),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PAR1",
        b"an article" * 100,
        parquet(numbered(3))[:-20],
        parquet(numbered(3))[:-20] + b"\xff\xff\xff\x7fPAR1",
        parquet(numbered(3)).replace(b"event_id", b"event_no"),
    ],
    ids=["empty", "a mark", "text", "cut off", "a wrong footer", "other columns"],
)
def test_what_is_no_segment_is_told(data: bytes) -> None:
    with pytest.raises(NotATable):
        rows_in(data)
