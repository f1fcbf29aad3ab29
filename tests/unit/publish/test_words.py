"""Where the words of a query are found in a text."""

from __future__ import annotations

import pytest

from newsfeed.testing.builders import document
from services.publish.words import FoldedText, keys_of

TEXT = document(
    "Neue Fähre nach Łódź",
    "Les garanties de sécurité, dit-on, sont prêtes.\n\n"
    "Сёмга не ёлка. قالَ الرئيسُ. 東京都で会議。 รัฐบาลไทย. L'Ukraine and O'Brien.",
)


def _found(wanted: str, part: str | None = None, *, is_prefix: bool = False) -> list[str] | None:
    mentions = FoldedText(TEXT).find(keys_of(wanted), part, is_prefix=is_prefix)  # type: ignore[arg-type] # a name
    return None if mentions is None else [TEXT.text[one.start : one.end] for one in mentions]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("FAHRE", ["Fähre"]),
        ("lodz", ["Łódź"]),
        ("garanties de securite", ["garanties de sécurité"]),
        ("sécurité dit on", ["sécurité, dit-on"]),
        ("se\u0301curite\u0301", ["sécurité"]),
        ("семга", ["Сёмга"]),
        ("قال الرئيس", ["قالَ الرئيسُ"]),
        ("東京", ["東京"]),
        ("京都で", ["京都で"]),
        ("ไทย", ["ไทย"]),
        ("ukraine", ["Ukraine"]),
        ("o'brien", ["O'Brien"]),
        ("ferr", None),
        ("garantie", None),
        ("de garanties", None),
        ("都会", None),
    ],
)
def test_words_meet_whole_whatever_their_case_and_accents(wanted: str, found: list[str] | None) -> None:
    """Marks that make another letter, as in Kana or Thai, are none of them."""
    assert _found(wanted) == found


def test_a_prefix_meets_the_beginning_of_a_word_only() -> None:
    assert _found("secur", is_prefix=True) == ["sécurité"]
    assert _found("garanties de sec", is_prefix=True) == ["garanties de sécurité"]
    assert _found("curite", is_prefix=True) is None


def test_title_and_lead_are_looked_into_alone() -> None:
    """The lead is the first paragraph of the body."""
    assert _found("fähre", "title") == ["Fähre"]
    assert _found("fähre", "lead") is None
    assert _found("sécurité", "lead") == ["sécurité"]
    assert _found("sécurité", "title") is None
    assert _found("ukraine", "lead") is None


def test_a_derived_title_that_was_cut_is_found_without_a_place() -> None:
    """It is the first words of the body, and an ellipsis."""
    cut = document("The ferry sails …", "The ferry sails again on Monday.", title_derived=True)

    assert FoldedText(cut).find(("ferry",), "title", is_prefix=False) == []
    assert FoldedText(cut).find(("monday",), "title", is_prefix=False) is None
