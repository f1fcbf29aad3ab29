"""What the small models learn, and every engine finds."""

from __future__ import annotations

SENTENCES: list[tuple[str, dict[str, str]]] = [
    (
        "Anna Lind a quitté l'Ukraine pour Reuters lundi.",
        {"Anna Lind": "PER", "Ukraine": "LOC", "Reuters": "ORG"},
    ),
    (
        "Hier soir, Jean Moreau est parti de Paris avec Greenpeace.",
        {"Jean Moreau": "PER", "Paris": "LOC", "Greenpeace": "ORG"},
    ),
    (
        "À Oslo, Reuters a interrogé Anna Lind sur l'Ukraine.",
        {"Oslo": "LOC", "Reuters": "ORG", "Anna Lind": "PER", "Ukraine": "LOC"},
    ),
]
"""Sentences of ours; each of the names, in their order, with its type."""


def endless(count: int) -> str:
    """A sentence that has the names of the first so many times, never as far apart as before."""
    clause = SENTENCES[0][0].removesuffix(".")
    return ", ".join(clause + " lundi" * (number % 7) for number in range(count))


def told(index: int) -> list[tuple[str, str]]:
    """The names of a sentence as an engine should tell them."""
    return list(SENTENCES[index][1].items())
