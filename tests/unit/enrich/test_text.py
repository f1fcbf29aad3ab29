"""Tokens and sentences in several scripts."""

from __future__ import annotations

import pytest

from services.enrich.text import tokenise


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("l’Ukraine qu'il aujourd'hui", ["l’", "Ukraine", "qu'", "il", "aujourd'hui"]),
        ("dell'Italia O'Brien", ["dell'", "Italia", "O'Brien"]),
        ("Macron's Türkiye'nin", ["Macron", "'s", "Türkiye", "'nin"]),
        ("'s ʼs d’ʼs", ["'", "s", "ʼs", "d’", "ʼs"]),
        ("EU-Kommission 2.5", ["EU", "-", "Kommission", "2", ".", "5"]),
        ("U.S. troops", ["U.S.", "troops"]),
        ("中国ウクライナ", ["中", "国", "ウクライナ"]),
        ("e\u0301te", ["e\u0301te"]),
    ],
)
def test_words_are_cut_where_a_reader_would(text: str, tokens: list[str]) -> None:
    """Names are looked up by token: a wrong cut hides them."""
    assert [token.text for token in tokenise(text)] == tokens


@pytest.mark.parametrize(
    ("text", "openers"),
    [
        ("M. Dupont est là. Il parle.", ["M", "Il"]),
        ("Am 3. Mai kam er. Dann ging er.", ["Am", "Dann"]),
        ("One\nTwo", ["One", "Two"]),
        ("他来了。她走了。", ["他", "她"]),
        ("He left (at last). J. Smith stayed!", ["He", "J"]),
    ],
)
def test_sentences_begin_after_their_ends_only(text: str, openers: list[str]) -> None:
    """A capital says nothing at the beginning of a sentence."""
    assert [token.text for token in tokenise(text) if token.opens and token.text[0].isalpha()] == openers


@pytest.mark.parametrize("text", ["a'" * 250_000, "Left." + "”" * 100_000, "a" + "'" * 100_000])
def test_what_nobody_wrote_is_not_looked_through_at_each_of_its_marks(text: str) -> None:
    """It would take an hour."""
    assert "".join(token.text for token in tokenise(text)) == text
