"""The same name twice in an article is the same thing, as far as nothing says otherwise."""

from __future__ import annotations

import pytest

from newsfeed.documents import EntityType
from services.enrich.linking.agreeing import agreed
from services.enrich.linking.passage import Passage, Span
from services.enrich.matching import Known
from services.enrich.text import tokenise

Seen = tuple[str, EntityType, float]

CLUB = Known("test:1", "ORG", "Brelle")


def types(*seen: Seen, known: Known | None = None) -> list[EntityType]:
    """The types of some names, which follow each other in a text; ``known`` is the record of the first."""
    text = " and ".join(name for name, _, _ in seen)
    spans: list[Span] = []
    start = 0
    for name, kind, score in seen:
        start = text.index(name, start)
        spans.append(Span(0, 0, start, start + len(name), kind, score, None if spans else known))
        start += len(name)
    return [span.type for span in agreed(Passage(text, tokenise(text), "fr"), spans)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([("Brelle", "LOC", 0.6), ("Brelle", "PER", 0.3)], ["LOC", "LOC"]),
        ([("Brelle", "LOC", 0.3), ("Brelle", "PER", 0.6)], ["PER", "PER"]),
        ([("Brelle", "LOC", 0.3), ("Brelle", "PER", 0.5), ("Brelle", "LOC", 0.3)], ["LOC", "LOC", "LOC"]),
        ([("Brelle", "ORG", 0.5), ("Brelle", "PER", 0.5)], ["ORG", "ORG"]),
    ],
)
def test_the_surest_type_is_that_of_all(seen: list[Seen], expected: list[EntityType]) -> None:
    """A reader who meets one name in two lists takes the digest for careless."""
    assert types(*seen) == expected


def test_a_surname_of_somebody_in_the_article_stays_one() -> None:
    """The town and the family that is named for it."""
    seen: list[Seen] = [("Anne Brelle", "PER", 0.9), ("Brelle", "LOC", 0.9), ("Brelle", "PER", 0.5)]

    assert types(*seen) == ["PER", "LOC", "PER"]


def test_a_name_with_a_record_does_not_decide_for_others() -> None:
    """What the record is of is known; of the others it is not."""
    assert types(("Brelle", "ORG", 0.9), ("Brelle", "PER", 0.5), known=CLUB) == ["ORG", "PER"]
