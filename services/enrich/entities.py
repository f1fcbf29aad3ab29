"""Mentions of one article gathered into entities.

Known names keep the id and English name of their record. People the curated files do not know get
an id made of their name; a shorter name that ends a longer one (``Dragone``) is the same person.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from newsfeed.documents import Entity, EntityType, Mention
from services.enrich.gazetteer import Gazetteer
from services.enrich.guards import trusted
from services.enrich.inflection import stem
from services.enrich.matching import Hit, Known, NameIndex
from services.enrich.persons import Name, Spotter
from services.enrich.text import Token, tokenise
from services.enrich.uncased import arabic_names, chinese_names

TITLE_WEIGHT, LEAD_WEIGHT, BODY_WEIGHT = 3.0, 2.0, 1.0
SURNAME_SCORE_FACTOR = 0.95
SHORTEST_SURNAME = 3


@dataclass(frozen=True, slots=True)
class Found:
    """One mention: characters ``[start, end)``, what it names and how sure that is."""

    start: int
    end: int
    known: Known
    score: float
    method: str
    named_as: str | None = None
    """The surface form to name an unknown entity by; ``None`` for known ones and for surnames."""


def find_entities(
    text: str, tokens: Sequence[Token], language: str, title_end: int, lead_end: int
) -> tuple[Entity, ...]:
    """All entities of the text, the most salient first.

    ``title_end`` and ``lead_end`` are where headline and first paragraph end, in characters.
    """
    hits = trusted(Gazetteer.load(language).index.find(tokens), tokens)
    found = [_of_hit(hit) for hit in hits]
    blocked = frozenset(index for hit in hits for index in range(hit.first, hit.last))
    names = _spot(tokens, blocked, language)
    found += _unknown(text, tokens, names, language)
    blocked |= {index for name in names for index in range(name.first, name.last)}
    found += _surnames(text, tokens, blocked, found, language)
    return _gathered(found, title_end, lead_end)


def _of_hit(hit: Hit) -> Found:
    return Found(hit.start, hit.end, hit.known, hit.score, "gazetteer")


def _spot(tokens: Sequence[Token], blocked: frozenset[int], language: str) -> list[Name]:
    names = Spotter(tokens, blocked, language).names()
    if language in {"ar", "fa", "ur"}:
        names += arabic_names(tokens, blocked)
    if language == "zh":
        names += chinese_names(tokens, blocked)
    return sorted(names)


def _unknown(text: str, tokens: Sequence[Token], names: Sequence[Name], language: str) -> list[Found]:
    """Spotted names with local ids; the parts of one name share the id of its longest form."""
    forms: dict[tuple[str, ...], Counter[str]] = {}
    for name in names:
        key = _name_key(tokens, name, language)
        forms.setdefault(key, Counter())[text[tokens[name.first].start : tokens[name.last - 1].end]] += 1
    canonical = {key: _most_frequent(surfaces) for key, surfaces in forms.items()}
    found = []
    for name in names:
        key = _longest_form(_name_key(tokens, name, language), canonical)
        label = canonical[key]
        known = Known(local_id(name.type, label), name.type, label)
        start, end = tokens[name.first].start, tokens[name.last - 1].end
        found.append(Found(start, end, known, name.score, "name-rules", label))
    return found


def _name_key(tokens: Sequence[Token], name: Name, language: str) -> tuple[str, ...]:
    words = [token.key for token in tokens[name.first : name.last] if token.text[0].isalpha()]
    return (name.type, *(stem(word, language) for word in words))


def _longest_form(key: tuple[str, ...], forms: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """The longest name of the same type that ends with this one, or shares initial and surname."""
    return max((form for form in forms if _is_form_of(key, form)), key=lambda form: (len(form), form))


def _is_form_of(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    if short == long:
        return True
    if short[0] != "PER" or long[0] != "PER" or short[-1] != long[-1]:
        return False
    if len(short) == len(long):
        return len(short) > 2 and len(short[1]) == 1 and short[1] == long[1][:1]  # noqa: PLR2004 - type, initial
    return len(short) < len(long) and long[-len(short) + 1 :] == short[1:]


def _most_frequent(surfaces: Counter[str]) -> str:
    return min(surfaces, key=lambda form: (-surfaces[form], len(form), form))


def local_id(kind: EntityType, name: str) -> str:
    """``local:`` and 16 hexadecimal digits: the same for the same type and name, everywhere."""
    digest = hashlib.sha256(f"{kind}\x1f{name.casefold()}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"local:{digest[:16]}"


def _surnames(
    text: str,
    tokens: Sequence[Token],
    blocked: frozenset[int],
    found: Sequence[Found],
    language: str,
) -> list[Found]:
    """Later mentions by surname alone of people whose full name the article gives."""
    index = NameIndex(language)
    for full in sorted(found, key=lambda one: one.start):
        for surname in _surname_forms(text[full.start : full.end]) if full.known.type == "PER" else ():
            index.add(surname, full.known, full.score * SURNAME_SCORE_FACTOR)
    hits = [hit for hit in index.find(tokens) if not any(i in blocked for i in range(hit.first, hit.last))]
    return [
        replace(_of_hit(hit), method="surname") for hit in hits if not _has_capital_neighbour(hit, tokens)
    ]


def _surname_forms(full: str) -> tuple[str, ...]:
    """The last word of a full name, and the last with its particles (``von der Leyen``)."""
    words = [token for token in tokenise(full) if token.text[0].isalpha()]
    capitals = [index for index, word in enumerate(words) if not word.text[0].islower()]
    if len(capitals) < 2 or len(words[-1].text) < SHORTEST_SURNAME:  # noqa: PLR2004 - given name and surname
        dotted = full.rsplit("·", 1)
        return (dotted[1],) if len(dotted) > 1 and len(dotted[1]) > 1 else ()
    with_particles = full[words[capitals[-2] + 1].start :]
    last = full[words[-1].start :]
    return (last,) if with_particles == last else (with_particles, last)


def _has_capital_neighbour(hit: Hit, tokens: Sequence[Token]) -> bool:
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


def _gathered(found: Sequence[Found], title_end: int, lead_end: int) -> tuple[Entity, ...]:
    groups: dict[str, list[Found]] = {}
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        groups.setdefault(one.known.id, []).append(one)
    weights = {
        key: sum(_weight(one.start, title_end, lead_end) for one in group) for key, group in groups.items()
    }
    heaviest = max(weights.values(), default=1.0)
    entities = [_entity(group, weights[key] / heaviest) for key, group in groups.items()]
    return tuple(sorted(entities, key=lambda entity: (-entity.salience, entity.mentions[0].start, entity.id)))


def _weight(start: int, title_end: int, lead_end: int) -> float:
    if start < title_end:
        return TITLE_WEIGHT
    return LEAD_WEIGHT if start < lead_end else BODY_WEIGHT


def _entity(group: Sequence[Found], salience: float) -> Entity:
    best = max(group, key=lambda one: (one.score, -one.start))
    mentions = tuple(Mention(start=one.start, end=one.end) for one in group)
    known = best.known
    return Entity(
        id=known.id,
        type=known.type,
        name=known.name,
        score=round(best.score, 3),
        salience=round(salience, 3),
        method=best.method,
        mentions=mentions,
    )
