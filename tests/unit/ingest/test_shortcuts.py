"""The usual text takes a shorter way; it must lead to the same place as the long one."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest import charset, times
from services.ingest.article import ReadingHint
from services.ingest.formats import mail, table
from services.ingest.formats.shape import NEVER, Head
from services.ingest.prose import markup
from services.ingest.prose.sentences import collapse
from services.ingest.reading_child import answer

TEXTS = st.text(st.sampled_from("ab é\u00a0\u2028\x85\x0b\x1c\ufeff\x00\t\n\r –—\ufffd\u3000"), max_size=30)


@given(TEXTS)
def test_a_text_without_oddities_is_clean_as_it_is(text: str) -> None:
    """Whatever else it holds is found by the two patterns."""
    long_way = charset._CONTROLS.sub("", charset._NEWLINES.sub("\n", text))

    assert charset.clean(text)[0] == long_way


@given(TEXTS)
def test_a_line_of_single_blanks_is_collapsed_as_it_is(text: str) -> None:
    """Every other white space is made a blank."""
    assert collapse(text) == " ".join(text.split())


@given(TEXTS)
def test_few_letters_beyond_ascii_are_no_mojibake(text: str) -> None:
    """It takes two runs of two; a lost character is told by itself."""
    runs = [run.group() for run in charset._FOREIGN_RUN.finditer(text)]
    long_way = "\ufffd" in text or sum(map(charset._is_misread, runs)) >= 2

    assert charset.looks_garbled(text) == long_way


@given(
    st.datetimes(datetime(1950, 1, 1), datetime(2150, 1, 1)),  # noqa: DTZ001 - the zone is the other half
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(("seconds", "milliseconds")),
)
def test_a_time_in_full_is_read_as_any_other(naive: datetime, minutes: int, precision: str) -> None:
    """The long way mends what is odd, and finds nothing here."""
    at = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    moment = times.parse_time(at.isoformat(timespec=precision))

    assert moment is not None
    assert not moment.zone_assumed
    assert moment.at.replace(microsecond=0) == at.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize("text", ["2026-02-30T10:15:00Z", "20260305T256000Z", "0001-01-01T00:00:00Z"])
def test_a_time_that_no_calendar_has_stays_unreadable(text: str) -> None:
    """The shorter way leaves it to the longer one."""
    assert times.parse_time(text) is None


@pytest.mark.parametrize(
    "source",
    ['<a href="/b">c</a>', '<A HREF = "/b">c</A>', '<img src="d.png">', '<q cite="/e">f</q>', "<p>g</p>"],
)
def test_relative_addresses_are_found_before_a_base_is_thought_of(source: str) -> None:
    """HTML without any is cleaned without its base."""
    at_base = markup._cleaner(("rewrite_with_base", "https://n.example/")).clean(source).strip()

    assert markup.safe_html(source, "https://n.example/") == at_base


def test_prose_is_no_table_without_a_look_at_its_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sniffer of the standard library needs milliseconds, and every plain text came past it."""

    def refuse(*_: object) -> None:
        raise AssertionError("sniffed")

    monkeypatch.setattr(csv.Sniffer, "sniff", refuse)

    assert table.recognise(Head("The ferry, it said, is back; it runs.\nEvery hour.\n")) == NEVER


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_header_fields_are_counted_whatever_ends_their_lines(ending: str) -> None:
    """Old mail programs of every system wrote mailboxes."""
    fields = ["From: a@b.example", "Subject: Ferry", "Date: today", "Message-ID: <1@b>", "", "Text"]

    assert mail._fields(ending.join(fields)) == (3, 1)


def test_a_document_over_the_limit_is_bounded_though_it_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what is longer than the limit with all around it is looked at closely."""
    monkeypatch.setattr("services.ingest.reading_child.DOCUMENT_LIMIT_BYTES", 1000)
    text = f"Ferry\n\n{'It runs. ' * 200}"

    assert b"too_large_text" in answer(text.encode(), ReadingHint())
    assert b"too_large_text" not in answer(text[:200].encode(), ReadingHint())
    assert re.match(rb'{"format":"text"', answer(text[:200].encode(), ReadingHint()))
