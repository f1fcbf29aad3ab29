"""Names that begin with a common noun written small: ``ministère de la Santé``, ``îles Marquises``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from services.enrich.recognition.recognised import Recognised, place
from services.enrich.text import Token
from services.enrich.wordlists import sections

SCORE = 0.8
"""How sure a ministry is that the recogniser did not see."""

_MINISTRIES = {"fr": "ministère", "it": "ministero"}
_ISLANDS = {"fr": "îles"}
_ROMANCE = frozenset(("es", "fr", "it", "pt"))
"""Where a sea has its kind before it, written small."""

_OF = frozenset("d de des du l la da das do dos del dell della delle dello degli dei".split())
_ADJECTIVES = frozenset("nationale supérieur écologique étrangères sociale sociales publique publics".split())
"""Written small behind the capital: ``Éducation nationale``."""


def headed(found: Sequence[Recognised], tokens: Sequence[Token], language: str) -> list[Recognised]:
    """The names with the common noun before them, and ministries that were not seen; none overlap."""
    if language not in _ROMANCE:
        return list(found)
    ministry, kinds = _MINISTRIES.get(language), sections("rules.txt")["waters"] | {_ISLANDS.get(language)}
    names = {one.first: one for one in found}
    taken = {index for one in found for index in range(one.first, one.last)}
    for head, token in enumerate(tokens):
        if token.key != ministry and token.key not in kinds:
            continue
        first = _name_after(head, tokens, language)
        if first is None or not taken.isdisjoint(range(head, first)):
            continue
        seen = names.get(first)
        if seen and token.key in kinds:
            names[first] = replace(seen, first=head, start=token.start, type="LOC")
        elif token.key == ministry and first > head + 1 and (seen is None or seen.type != "PER"):
            names[first] = _ministry(seen, head, first, tokens)
    return sorted(names.values(), key=place)


def _name_after(head: int, tokens: Sequence[Token], language: str) -> int | None:
    """Where the capitals begin behind the noun and what links them to it; None if they do not."""
    demonyms = sections("demonyms.txt").get(language, frozenset())
    for index in range(head + 1, len(tokens)):
        token = tokens[index]
        if token.opens:
            break
        if token.text[0].isupper():
            return index
        if token.key.rstrip("'’") not in _OF and (index > head + 1 or token.key not in demonyms):
            break
    return None


def _ministry(seen: Recognised | None, head: int, first: int, tokens: Sequence[Token]) -> Recognised:
    last, score = (seen.last, max(seen.score, SCORE)) if seen else (first + 1, SCORE)
    if last < len(tokens) and tokens[last].key in _ADJECTIVES:
        last += 1
    return Recognised(head, last, tokens[head].start, tokens[last - 1].end, "ORG", score)
