"""Names put right by the rest of the article."""

from __future__ import annotations

import pytest

from newsfeed.documents import EntityType
from services.enrich.recognition.recognised import Recognised
from services.enrich.recognition.refining import refined
from services.enrich.text import tokenise


def names(text: str, *given: tuple[str, EntityType, float]) -> list[tuple[str, str]]:
    """What is left of the given names, each taken at its first place in the text."""
    tokens = tokenise(text)
    found = []
    for surface, kind, score in given:
        start = text.index(surface)
        end = start + len(surface)
        inside = [i for i, token in enumerate(tokens) if token.start >= start and token.end <= end]
        found.append(Recognised(inside[0], inside[-1] + 1, start, end, kind, score))
    return [(text[one.start : one.end], one.type) for one in refined(found, tokens, "fr")]


def test_a_surname_is_found_again() -> None:
    text = "Anna Kovač arrive. Kovač parle."

    assert names(text, ("Anna Kovač", "PER", 0.9)) == [("Anna Kovač", "PER"), ("Kovač", "PER")]


def test_a_double_surname_is_found_again_whole() -> None:
    text = "Éric Dupont-Moretti arrive. Dupont-Moretti parle."

    assert names(text, ("Éric Dupont-Moretti", "PER", 0.9))[1] == ("Dupont-Moretti", "PER")


def test_a_person_once_is_a_person_everywhere() -> None:
    text = "Elon Musk arrive. Hier, Elon Musk a parlé."
    late = text.rindex("Elon Musk")
    tokens = tokenise(text)
    first = next(index for index, token in enumerate(tokens) if token.start == late)
    found = [Recognised(0, 2, 0, 9, "PER", 0.9), Recognised(first, first + 2, late, late + 9, "LOC", 0.6)]

    assert [one.type for one in refined(found, tokens, "fr")] == ["PER", "PER"]


def test_a_person_is_seen_whole() -> None:
    """A given name alone links to nobody, and the surname further down is not found."""
    text = "La ministre Rosalba Quispel a parlé. Quispel partira."

    assert names(text, ("Rosalba", "PER", 0.5)) == [("Rosalba Quispel", "PER"), ("Quispel", "PER")]


@pytest.mark.parametrize(
    "text", ["Hier Kovač UMP a parlé.", "Hier Kovač, Lyon et Metz.", "Voici Kovač. Lyon dort."]
)
def test_what_only_stands_beside_a_person_is_no_part_of_the_name(text: str) -> None:
    assert names(text, ("Kovač", "PER", 0.9)) == [("Kovač", "PER")]


def test_a_noun_after_a_person_is_no_name_where_nouns_have_capitals() -> None:
    text = "Gestern kam Kovač Besuch holen."
    found = [Recognised(2, 3, 12, 17, "PER", 0.9)]

    assert [text[one.start : one.end] for one in refined(found, tokenise(text), "de")] == ["Kovač"]


def test_a_sure_place_stays_one_beside_its_namesake() -> None:
    text = "Denzel Washington arrive. Il vit à Washington."
    tokens = tokenise(text)
    start = text.rindex("Washington")
    index = next(i for i, token in enumerate(tokens) if token.start == start)
    found = [
        Recognised(0, 2, 0, 17, "PER", 0.9),
        Recognised(index, index + 1, start, start + 10, "LOC", 0.99),
    ]

    assert [one.type for one in refined(found, tokens, "fr")] == ["PER", "LOC"]


def test_titles_and_common_nouns_are_no_part_of_a_name() -> None:
    assert names("Selon Mr. Keen, tout va bien.", ("Mr. Keen", "PER", 0.9)) == [("Keen", "PER")]
    assert names("l'agence Reuters annonce", ("agence Reuters", "ORG", 0.9)) == [("Reuters", "ORG")]
    assert names("le président Macron parle", ("président Macron", "PER", 0.9)) == [("Macron", "PER")]
    assert names("Macron's plan", ("Macron's", "PER", 0.9)) == [("Macron", "PER")]


def test_a_kind_of_organisation_is_no_part_of_a_name() -> None:
    assert names("l'ONG Oxfam alerte", ("ONG Oxfam", "ORG", 0.9)) == [("Oxfam", "ORG")]


@pytest.mark.parametrize(
    ("text", "given", "name"),
    [
        ("Le ministère de la Santé alerte.", (), "ministère de la Santé"),
        ("Le ministère russe des Affaires étrangères dément.", (), "ministère russe des Affaires étrangères"),
        ("Au ministère de la Santé, on dort.", ("Santé", "LOC", 0.6), "ministère de la Santé"),
    ],
)
def test_a_ministry_is_seen_whole(
    text: str, given: tuple[str, EntityType, float] | tuple[()], name: str
) -> None:
    """The model rarely sees one, as its first word is written small."""
    assert names(text, *([given] if given else [])) == [(name, "ORG")]


def test_islands_are_seen_with_their_kind() -> None:
    text = "Vers les îles Kerguelen et la baie de Somme."

    assert names(text, ("Kerguelen", "LOC", 0.8), ("Somme", "LOC", 0.8)) == [
        ("îles Kerguelen", "LOC"),
        ("baie de Somme", "LOC"),
    ]


@pytest.mark.parametrize("text", ["Le ministère se tait. Kovač parle.", "Le ministère de Kovač se tait."])
def test_who_has_a_ministry_is_no_part_of_it(text: str) -> None:
    assert names(text, ("Kovač", "PER", 0.9)) == [("Kovač", "PER")]


def test_a_name_of_nothing_but_titles_is_none() -> None:
    assert names("le président parle", ("président", "PER", 0.9)) == []


def test_what_is_taken_is_not_taken_again() -> None:
    text = "Anna Lind arrive. Lind AB ferme."

    assert names(text, ("Anna Lind", "PER", 0.9), ("Lind AB", "ORG", 0.8)) == [
        ("Anna Lind", "PER"),
        ("Lind AB", "ORG"),
    ]
