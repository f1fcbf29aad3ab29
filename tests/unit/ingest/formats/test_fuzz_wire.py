"""Damaged wire files: every mutation of a sample is an article or a reason, and nothing else."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.rejections import HINTS
from services.ingest.sniffing import read_seed

SAMPLES = sorted(
    path
    for pattern in ("nitf-*", "newsml-*", "g2-*", "7901-*", "anpa-*", "ninjs-*")
    for path in (Path(__file__).parent / "samples").glob(pattern)
)
CHARSETS = ["utf-8", "utf-16", "latin-1", "cp1251", "shift_jis", "utf-7"]
PIECES = [
    b"\0",
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\x7f",
    b"<",
    b"&",
    b"]]>",
    b"\xff\xfe",
    b"<p>",
    b"=\n",
    b"^",
    b"{",
    b"\r",
]

Mutation = tuple[str, int, int, int]
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "flip", "repeat", "nest", "insert", "recode", "drop"]),
        st.integers(0, 2**20),
        st.integers(0, 2**20),
        st.integers(0, 255),
    ),
    max_size=4,
)


def mutate(data: bytes, mutation: Mutation) -> bytes:
    """``data`` with one kind of damage; places are taken modulo its length."""
    kind, first, second, value = mutation
    size = len(data) or 1
    start, end = sorted((first % size, second % size))
    damaged = {
        "cut": data[:start],
        "drop": data[:start] + data[end:],
        "flip": data[:start] + bytes([value]) + data[start + 1 :],
        "insert": data[:start] + PIECES[value % len(PIECES)] * (value % 5 + 1) + data[start:],
        "nest": data[:start] + data[:4000] + data[start:],
        "recode": data.decode("utf-8", "replace").encode(CHARSETS[value % len(CHARSETS)], "replace"),
        "repeat": data[:end] + data[start:end][:4000] * (value % 8) + data[end:],
    }
    return damaged[kind]


def read_or_reason(name: str, data: bytes) -> tuple[tuple[Article, ...], str]:
    """The articles, or why there are none."""
    try:
        return read_seed(data, ReadingHint(file_name=name)).articles, ""
    except Rejection as rejection:
        return (), rejection.reason


def check(name: str, data: bytes) -> None:
    """Nothing but a rejection with a known code may come out, and no article without a title."""
    articles, reason = read_or_reason(name, data)

    assert articles or reason in HINTS
    assert all(article.document.title for article in articles)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(SAMPLES), mutations=MUTATIONS)
def test_a_damaged_file_is_read_or_refused(path: Path, mutations: list[Mutation]) -> None:
    """One poisoned file must cost one rejection, never the reader."""
    check(path.name, reduce(mutate, mutations, path.read_bytes()))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(max_examples=24_000, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(SAMPLES), mutations=MUTATIONS)
def test_a_damaged_file_is_read_or_refused_for_ten_minutes(path: Path, mutations: list[Mutation]) -> None:
    """The same for longer, by ``make soak``."""
    check(path.name, reduce(mutate, mutations, path.read_bytes()))


def test_an_exception_of_a_parser_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: a parser that stumbles over an empty headline."""

    def stumble(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr("services.ingest.formats.wire.nitf.read_nitf", stumble)

    with pytest.raises(IndexError):
        check("a.xml", next(path for path in SAMPLES if path.name.startswith("nitf")).read_bytes())
