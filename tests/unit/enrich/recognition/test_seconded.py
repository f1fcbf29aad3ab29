"""The model and the rules together, on words that a model might take for names."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.enrich.recognition.builtin import BuiltinRecogniser
from services.enrich.recognition.recognised import Recognised
from services.enrich.recognition.seconded import SecondedRecogniser
from services.enrich.text import Token, tokenise


class Seeing(BuiltinRecogniser):
    """Takes the given words for organisations, and is fairly sure."""

    def __init__(self, *words: str) -> None:
        self._words = words
        self.version = "1"

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        del text, language
        return [
            Recognised(index, index + 1, token.start, token.end, "ORG", 0.8)
            for index, token in enumerate(tokens)
            if token.text in self._words
        ]


def names(text: str, language: str, *seen: str) -> list[str]:
    found = SecondedRecogniser(Seeing(*seen)).recognise(text, tokenise(text), language)
    return [text[one.start : one.end] for one in found]


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("Его видели вчера.", "ru", "Его"),
        ("В шахте нашли следы метана.", "ru", "метана"),
        ("Він сказав це вчора.", "uk", "Він"),
    ],
)
def test_an_ordinary_word_is_no_name_where_the_model_saw_few(text: str, language: str, word: str) -> None:
    """One wrong name at the beginning of a sentence, and it stands in every digest."""
    assert names(text, language, word) == []


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("Вчера ООН собралась.", "ru", "ООН"),
        ("Вчера Брелла закрылась.", "ru", "Брелла"),
        ("On Monday May resigned.", "en", "May"),
    ],
)
def test_what_may_be_a_name_stays_one(text: str, language: str, word: str) -> None:
    """Acronyms, words with a capital, and in other languages whatever the model says."""
    assert names(text, language, word) == [word]
