"""Words as the model sees them: features, and tokens put together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrich.recognition.features import BUCKETS, FEATURES, features, shape
from services.enrich.recognition.units import LONGEST_SENTENCE, sentences
from services.enrich.text import tokenise


@given(st.text(min_size=1))
def test_every_word_has_a_bounded_number_of_features(word: str) -> None:
    """Whatever a file holds becomes a word some day."""
    found = features(word)

    assert 0 < len(found) <= FEATURES
    assert all(1 <= row < BUCKETS for row in found)


@pytest.mark.parametrize(
    ("one", "other"), [("d’", "d'"), ("«", '"'), ("–", "-"), ("Mar\u00adseille", "Marseille")]
)
def test_typography_makes_no_difference(one: str, other: str) -> None:
    """Half of the French press writes curly apostrophes, the training text straight ones."""
    assert features(one) == features(other)


def test_case_makes_a_difference() -> None:
    assert features("Orange") != features("orange")


@pytest.mark.parametrize(("word", "shaped"), [("McDonald", "XxXxx"), ("COVID-19", "XX-dd"), ("東京", "cc")])
def test_the_shape_of_a_word(word: str, shaped: str) -> None:
    assert shape(word) == shaped


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jean-Luc Mélenchon", ["Jean-Luc", "Mélenchon"]),
        ("avec M. Dupont", ["avec", "M.", "Dupont"]),
        ("John F. Kennedy spoke.", ["John", "F.", "Kennedy", "spoke", "."]),
        ("à 10,000 mètres", ["à", "10,000", "mètres"]),
        ("l'Ukraine", ["l'", "Ukraine"]),
        ("oui - non", ["oui", "-", "non"]),
        ("fin.", ["fin", "."]),
    ],
)
def test_tokens_become_the_words_of_the_training_text(text: str, words: list[str]) -> None:
    assert [unit.text for sentence in sentences(tokenise(text)) for unit in sentence] == words


@given(st.text(alphabet="aB.-' \n1,«é中", max_size=400))
def test_sentences_hold_every_token_once_and_in_order(text: str) -> None:
    """A token that is lost shifts every name behind it."""
    tokens = tokenise(text)

    units = [unit for sentence in sentences(tokens) for unit in sentence]

    assert [index for unit in units for index in range(unit.first, unit.last)] == list(range(len(tokens)))


def test_a_sentence_without_end_is_cut() -> None:
    """One batch must fit in memory."""
    cut = list(sentences(tokenise("mot " * 1000)))

    assert max(len(sentence) for sentence in cut) <= LONGEST_SENTENCE


def test_a_quotation_mark_stays_with_its_sentence() -> None:
    cut = list(sentences(tokenise("Il part. « Enfin ! » dit Anna.")))

    assert [sentence[0].text for sentence in cut][:2] == ["Il", "«"]
    assert cut[1][1].text == "Enfin"
