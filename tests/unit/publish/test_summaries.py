"""The few words under a headline."""

from __future__ import annotations

import pytest

from newsfeed.documents import Mention
from newsfeed.testing.builders import document, enrichment
from services.publish.summaries import (
    CHOSEN_CHARACTERS,
    OPENING_CHARACTERS,
    SUMMARY_CHARACTERS,
    cut,
    summary_of,
)

LONG = (
    "A first sentence that is long enough to be understood on its own, because it says who did what, "
    "where and when, and even why it was done."
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("One. Two. Three.", "One. Two. Three."),
        (f"{LONG} Another. A third.", LONG),
        (f"Short. {LONG} A third.", f"Short. {LONG}"),
        ("The U.S. Senate met.\n\nIt voted.", "The U.S. Senate met. It voted."),
        ("هل انتهى الأمر؟ نعم.", "هل انتهى الأمر؟ نعم."),
        ("", None),
    ],
)
def test_without_a_summary_the_first_sentences_of_the_body_stand_in(body: str, expected: str | None) -> None:
    """One if it says enough, else as many as fit."""
    assert summary_of(document(body=body)) == expected


def test_the_articles_own_summary_comes_first_and_is_bounded() -> None:
    """Some sources put the whole article there."""
    assert summary_of(document(summary=" Its  own\nwords. ")) == "Its own words."
    assert len(summary_of(document(summary="word " * 1000)) or "") <= SUMMARY_CHARACTERS


def test_cross_headings_are_no_prose() -> None:
    """They name a part of the article and say nothing by themselves."""
    assert summary_of(document(body="A heading\n\nThe news.", headings=(0,))) == "The news."


@pytest.mark.parametrize("text", ["word " * 100, "x" * 400, "字" * 400])
def test_a_long_text_is_cut_at_a_word_where_there_are_words(text: str) -> None:
    """Never longer than the limit, always with a sign that something is missing."""
    short = cut(text.strip(), OPENING_CHARACTERS)

    assert len(short) <= OPENING_CHARACTERS
    assert short.endswith("…")
    assert short.removesuffix("…").split()[-1] in {"word", "x" * 299, "字" * 299}


@pytest.mark.parametrize(
    ("lengths", "chosen", "told"),
    [
        ((200, 200, 200), (0, 1, 2), "0 1 2"),
        ((200, 200, 200), (0, 2), "0 […] 2"),
        ((400, 400, 400), (0, 1, 2), "0 1"),
        ((400, 400, 400), (0, 2), "0 […] 2"),
        ((900, 200, 90), (0, 1, 2), "0"),
    ],
)
def test_sentences_that_enrichment_chose_are_told_whole(
    lengths: tuple[int, ...], chosen: tuple[int, ...], told: str
) -> None:
    """As many as fit: half a sentence may say the contrary of the whole."""
    sentences = [str(number) * (length - 1) + "." for number, length in enumerate(lengths)]
    article = document(title="T", body=" ".join(sentences))
    starts = [article.text.index(sentence) for sentence in sentences]
    summary = tuple(Mention(start=starts[one], end=starts[one] + lengths[one]) for one in chosen)
    found = enrichment().model_copy(update={"summary": summary})

    expected = " ".join(sentences[int(part)] if part.isdigit() else part for part in told.split())
    assert summary_of(article, found) == expected


def test_a_chosen_sentence_that_never_ends_is_cut() -> None:
    """Some texts have no full stops at all."""
    article = document(title="T", body="word " * 1000)
    summary = (Mention(start=article.text.index("word"), end=len(article.text)),)
    found = enrichment().model_copy(update={"summary": summary})

    assert len(summary_of(article, found) or "") <= CHOSEN_CHARACTERS
