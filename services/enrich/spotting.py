"""The recogniser without a model: known names, and names that the words around them vouch for.

It serves languages for which nothing was learnt. What it returns has the shape of every recogniser:
sorted spans that do not overlap.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.enrich.gazetteer import Gazetteer
from services.enrich.guards import trusted
from services.enrich.matching import Hit, Known, NameIndex
from services.enrich.persons import Name, Spotter
from services.enrich.recognition.recognised import Recognised, place
from services.enrich.text import Token, tokenise
from services.enrich.uncased import arabic_names, chinese_names

SURNAME_SCORE_FACTOR = 0.95
SHORTEST_SURNAME = 3


def spot(text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
    """All names the rules find in the text (BCP 47 primary subtag, or ``und``), from left to right."""
    hits = trusted(Gazetteer.load(language).index.find(tokens), tokens)
    found = [_of_hit(hit, hit.score) for hit in hits]
    names = _names(tokens, _covered(found), language)
    found += [_of_name(name, tokens) for name in names]
    surnames = surname_hits(text, tokens, sorted(found, key=place), language)
    found += [_of_hit(hit, hit.score) for hit, _ in surnames]
    return sorted(found, key=place)


def _of_hit(hit: Hit, score: float) -> Recognised:
    return Recognised(hit.first, hit.last, hit.start, hit.end, hit.known.type, score)


def _of_name(name: Name, tokens: Sequence[Token]) -> Recognised:
    start, end = tokens[name.first].start, tokens[name.last - 1].end
    return Recognised(name.first, name.last, start, end, name.type, name.score)


def _covered(found: Sequence[Recognised]) -> frozenset[int]:
    return frozenset(index for one in found for index in range(one.first, one.last))


def _names(tokens: Sequence[Token], blocked: frozenset[int], language: str) -> list[Name]:
    names = Spotter(tokens, blocked, language).names()
    if language in {"ar", "fa", "ur"}:
        names += arabic_names(tokens, blocked)
    if language == "zh":
        names += chinese_names(tokens, blocked)
    return sorted(names)


def surname_hits(
    text: str, tokens: Sequence[Token], found: Sequence[Recognised], language: str
) -> list[tuple[Hit, int]]:
    """Mentions by surname alone of people found by full name, each with the index of that finding."""
    index, seen = NameIndex(language), set[str]()
    for number, full in enumerate(found):
        name = text[full.start : full.end]
        if full.type == "PER" and name not in seen:
            seen.add(name)
            known = Known(str(number), "PER", name)
            for surname in surname_forms(name):
                index.add(surname, known, full.score * SURNAME_SCORE_FACTOR)
    if not seen:
        return []
    blocked = _covered(found)
    return [
        (hit, int(hit.known.id))
        for hit in index.find(tokens)
        if not any(at in blocked for at in range(hit.first, hit.last)) and not _runs_on(hit, tokens)
    ]


def surname_forms(full: str) -> tuple[str, ...]:
    """The last word of a full name, and the last with its particles (``von der Leyen``)."""
    words = [token for token in tokenise(full) if token.text[0].isalpha()]
    capitals = [index for index, word in enumerate(words) if not word.text[0].islower()]
    if len(capitals) < 2 or len(words[-1].text) < SHORTEST_SURNAME:  # noqa: PLR2004 - given name and surname
        dotted = full.rsplit("·", 1)
        return (dotted[1],) if len(dotted) > 1 and len(dotted[1]) > 1 else ()
    with_particles = full[words[capitals[-2] + 1].start :]
    last = full[words[-1].start :]
    return (last,) if with_particles == last else (with_particles, last)


def _runs_on(hit: Hit, tokens: Sequence[Token]) -> bool:
    """Whether another capitalised word follows in the same breath: ``Macron Junior``, ``Kent Avenue``."""
    if hit.last >= len(tokens) or not tokens[hit.first].text[0].isupper():
        return False
    after = tokens[hit.last]
    return (
        not after.opens
        and after.start - hit.end == 1
        and after.text[0].isupper()
        and after.text[1:].islower()
    )
