"""Damaged feeds, mails, tables, documents and archives are read or rejected; no other error comes out."""

from __future__ import annotations

import os

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest import reading_child
from services.ingest.article import ReadingHint
from services.ingest.formats import mail_message
from services.ingest.reading_child import answer
from services.ingest.rejections import HINTS
from tests.unit.ingest.formats.damage import ALL, MAIL, mutated


def outcome(name: str, data: bytes) -> str:
    """The code of the rejection, or ``read``; an error of a parser is ``parser_failed``."""
    reply = orjson.loads(answer(data, ReadingHint(file_name=name)))
    return str(reply["reason"]) if "reason" in reply else "read" if reply["articles"] else "nothing"


GOOD = HINTS.keys() - {"parser_failed", "parser_crashed", "timeout"} | {"read"}


@pytest.mark.parametrize(("name", "data"), ALL, ids=[name for name, _ in ALL])
def test_every_sample_is_read_as_it_is(name: str, data: bytes) -> None:
    """Otherwise its mutations would prove nothing."""
    assert outcome(name, data) == "read"


@settings(max_examples=250)
@given(seed=st.integers(0, 2**48))
def test_a_damaged_seed_is_read_or_rejected(seed: int) -> None:
    """Whatever happens to a file on its way, it costs nothing but itself."""
    assert outcome(*mutated(seed)) in GOOD


HALF = [
    (
        "a.jsonl",
        b'{"title": "T\\ud800wo", "body": "x"}\n{"title":\n"\\udc00", "body": "It \\ud83d\\ude00 \\ud83d."}',
    ),
    (
        "a.html",
        b'<script type="application/ld+json">{"@type": "NewsArticle", "headline": "T\\ud800"}</script><p>Ja.',
    ),
    ("a.eml", b"Subject: a\nDate: Tue, 5 Mar 2024 10:15:00 +010024 10:15:00 +9900\n\nIt runs."),
]


@pytest.mark.parametrize(("name", "data"), HALF, ids=[name for name, _ in HALF])
def test_what_a_soak_found_is_read(name: str, data: bytes) -> None:
    """Halves of characters in JSON, and a zone a hundred hours away."""
    assert outcome(name, data) == "read"


def test_an_error_of_a_parser_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: a parser that breaks on a missing header field."""
    monkeypatch.setattr(mail_message, "field", lambda *_: os.environ["NO_SUCH_FIELD"])

    assert outcome("a.eml", MAIL) not in GOOD
    assert "KeyError" in reading_child.answer(MAIL, ReadingHint(file_name="a.eml")).decode()
