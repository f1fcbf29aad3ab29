"""When a known name does not mean what it usually means.

``Washington`` after a given name is a person, ``Chad Smith`` no country, ``"X"`` needs its quotes
and ``Orange`` its company. Each guard looks at the tokens around a hit and at the other hits.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from services.enrich.inflection import has_cases, stem
from services.enrich.matching import Hit
from services.enrich.text import Token, fold
from services.enrich.wordlists import sections

_COMPASS = frozenset("nord sud est ouest süd ost west north south east norte sur".split())
_QUOTES = frozenset("\"'«»“”„‘’‹›「」『』")
_PLATFORMS = frozenset(
    """
    plateforme platform plattform plataforma piattaforma réseau network netzwerk red rede
    rete соцсети соцмережі
    """
    "soziale social platformie platformunda".split(),
)


def is_given_name(key: str, language: str = "und") -> bool:
    """Whether the folded word is on the list of given names, or a case form of one."""
    return key in given_names("und") or (has_cases(language) and stem(key, language) in given_names(language))


@cache
def given_names(language: str) -> frozenset[str]:
    """All given names as keys, cut to their stems in the language."""
    names = frozenset().union(*sections("given_names.txt").values())
    return frozenset(stem(name, language) for name in names)


def trusted(hits: Sequence[Hit], tokens: Sequence[Token]) -> list[Hit]:
    """The hits that pass every guard, in their order."""
    kept = [hit for hit in hits if _stands_alone(hit, tokens) and not _is_bare_letter(hit, tokens)]
    weak = any(hit.weak for hit in kept)
    lowered = frozenset(token.text for token in tokens if token.text[0].islower()) if weak else frozenset()
    sure = {hit.known.id for hit in kept if not hit.weak or _is_clear(hit, tokens, lowered)}
    return [hit for hit in kept if not hit.weak or hit.known.id in sure]


def _is_clear(hit: Hit, tokens: Sequence[Token], lowered: frozenset[str]) -> bool:
    """A weak name that does not owe its capital to its place, and is no word of this article."""
    token = tokens[hit.first]
    return not token.opens and (hit.last - hit.first > 1 or token.key not in lowered)


def _stands_alone(hit: Hit, tokens: Sequence[Token]) -> bool:
    """A one-word name that is not part of somebody's name."""
    if hit.last - hit.first > 1 or not tokens[hit.first].text[0].isupper():
        return True
    if _is_second_half(hit, tokens):
        return False
    before = neighbour(tokens, hit.first, -1)
    after = neighbour(tokens, hit.first, 1)
    if (
        before is not None
        and is_given_name(before.key)
        and before.key not in sections("rules.txt")["function"]
    ):
        return False
    return not (
        _is_capitalised(after)
        and hit.known.type == "LOC"
        and (hit.weak or is_given_name(tokens[hit.first].key))
    )


def _is_second_half(hit: Hit, tokens: Sequence[Token]) -> bool:
    """``France`` of ``Météo-France``: a place joined by a hyphen to a word that is not all capitals."""
    if hit.first < 2 or hit.known.type != "LOC":  # noqa: PLR2004 - a word and a hyphen
        return False
    word, hyphen = tokens[hit.first - 2], tokens[hit.first - 1]
    joined = hyphen.text == "-" and word.end == hyphen.start and hyphen.end == tokens[hit.first].start
    return joined and word.text[0].isupper() and not word.text.isupper() and word.key not in _COMPASS


def neighbour(tokens: Sequence[Token], index: int, step: int) -> Token | None:
    """The capitalised-or-not word next to the token with one blank between, in the same sentence."""
    other = index + step
    if not 0 <= other < len(tokens):
        return None
    first, second = (tokens[index], tokens[other]) if step > 0 else (tokens[other], tokens[index])
    if second.start - first.end != 1 or second.opens or not tokens[other].text[0].isupper():
        return None
    return tokens[other]


def _is_capitalised(token: Token | None) -> bool:
    return token is not None and len(token.text) > 1 and token.text[1:].islower()


def _is_bare_letter(hit: Hit, tokens: Sequence[Token]) -> bool:
    """A one-letter name without quotation marks and without a word such as *platform* before it."""
    token = tokens[hit.first]
    if hit.last - hit.first > 1 or len(token.text) > 1 or not token.text.isascii():
        return False
    around = tokens[max(hit.first - 1, 0) : hit.first] + tokens[hit.last : hit.last + 1]  # type: ignore[operator] # lists
    if len(around) == 2 and all(mark.text in _QUOTES for mark in around):  # noqa: PLR2004 - one on each side
        return False
    return not any(fold(word.text) in _PLATFORMS for word in tokens[max(hit.first - 2, 0) : hit.first])
