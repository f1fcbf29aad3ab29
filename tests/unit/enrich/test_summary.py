"""Summaries: sentences of the text, as they stand there, and nothing else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsfeed.documents import ArticleDocument
from services.enrich.summary import CUT, summarise
from services.enrich.text import tokenise

BODY = """\
HARWICH (Reuters) - A ferry with ninety passengers ran aground off Harwich early on Monday.

Rescue

By Ada Byron

Photo: a ferry in the harbour of Harwich.

The passengers of the ferry were taken to Harwich in lifeboats within two hours. Nobody was hurt. \
The lifeboats of three harbours took part. A baker gave out rolls to everybody who came off the boats. \
Divers will look at the ferry on Tuesday before a tug takes it to Harwich.
* Three lifeboats
"""
REPORT = ArticleDocument(title="Ferry runs aground off Harwich.", body=BODY.strip(), headings=(1,))
PIECES = "The ferry ran aground . \n\n * ( Reuters ) - PARIS « » 中文 。 ! ? … Dr. 3. ' — : 😀 \u200b".split(
    " "
)


def summary(document: ArticleDocument, language: str = "en") -> list[str]:
    text = document.text
    mentions, _ = summarise(document, text, tokenise(text), language)
    return [text[mention.start : mention.end] for mention in mentions]


def test_three_sentences_of_the_body_in_its_order() -> None:
    """Without headline, dateline, cross-heading, byline, caption and list."""
    found = summary(REPORT)

    assert len(found) == 3
    assert found[0] == "A ferry with ninety passengers ran aground off Harwich early on Monday."
    assert sorted(found, key=BODY.index) == found
    assert all(sentence.endswith(".") and "Photo" not in sentence for sentence in found)
    assert not any("baker" in sentence for sentence in found)


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("PARIS, 3 March (AFP) — ", "Le gouvernement a présenté mardi son budget."),
        ("Berlin (dpa) - ", "Der Bundestag hat am Dienstag über den Haushalt beraten."),
        ("МОСКВА, 3 мар - ", "Правительство во вторник представило проект нового бюджета."),
        ("العقبة - ", "زرع متطوعون ألف قطعة من المرجان قبالة الشاطئ."),
    ],
)
def test_a_dateline_is_left_out(line: str, rest: str) -> None:
    """Where a report was filed is no part of what it says."""
    assert summary(ArticleDocument(title="t", body=line + rest)) == [rest]


def test_scripts_without_spaces_have_sentences_too() -> None:
    body = "中国队在东京举行的锦标赛决赛中夺得金牌。国际奥委会祝贺冠军。日本和韩国分获银牌铜牌。观众很高兴。"

    assert len(summary(ArticleDocument(title="t", body=body), "zh")) == 3


def test_two_sentences_that_say_the_same_are_not_both_taken() -> None:
    """A wire repeats its lead."""
    body = "The ferry ran aground off Harwich early today. " * 2 + (
        "Divers will look at the hull tomorrow morning. A tug waits in the harbour for them. "
        "Nobody on board was hurt at all."
    )
    found = summary(ArticleDocument(title="t", body=body))

    assert len({*found}) == len(found) == 3


@pytest.mark.parametrize("body", ["", "Too short.", "* a list\n* of things", "😀" * 5000, "a" * 100_000])
def test_where_there_is_no_sentence_there_is_no_summary(body: str) -> None:
    assert summary(ArticleDocument(title="t", body=body)) == []


def test_a_very_long_text_is_read_as_far_as_it_goes() -> None:
    """Nobody waits for the end of a report of ten thousand sentences."""
    text = "".join(f"This is sentence number {number} of a long report. " for number in range(2_000))
    document = ArticleDocument(title="t", body=text)
    mentions, warnings = summarise(document, document.text, tokenise(document.text), "en")

    assert (len(mentions), warnings) == (3, (CUT,))


@given(st.lists(st.sampled_from(PIECES), max_size=80).map(" ".join) | st.text(max_size=200))
@settings(max_examples=150)
def test_any_text_gives_ranges_inside_its_body(body: str) -> None:
    document = ArticleDocument(title="Title.", body=body)
    mentions, _ = summarise(document, document.text, tokenise(document.text), "en")

    starts = [mention.start for mention in mentions]
    assert starts == sorted(starts)
    assert all(
        one.start < one.end <= len(document.text) and document.text[one.start : one.end].strip()
        for one in mentions
    )
    assert all(one.end <= other.start for one, other in pairwise(mentions))
