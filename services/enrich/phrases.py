"""Key phrases: the entities of a text, and the runs of its words that stand out.

A run has up to three words that say something, in one breath, at most one of them joined by a word
such as ``of`` or ``de``. It counts by how often it stands in the text, how early, and how rare its
words are in the language. Where words are not spaced a run is two to six characters that come again.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from newsfeed.documents import Entity, Mention, Phrase
from services.enrich.background import RAREST, idf, stopwords, term_stems
from services.enrich.characters import runs_of_characters
from services.enrich.text import Token, is_segmented

MOST_PHRASES, MOST_ENTITIES = 10, 5
MOST_TOKENS = 20_000
CUT = "phrases_cut"
"""Warning: only the first 20,000 tokens were read."""

LONGEST = 3
LENGTH_FACTORS = (0.8, 1.3, 1.4)
"""What one, two and three words are worth: two together say more than each."""

TITLE_FACTOR, LEAD_FACTOR = 2.0, 1.5
ENTITY_FACTOR, TERRITORY_FACTOR = 1.2, 0.7
ONCE_FACTOR = 0.7
"""What comes once may be there by chance."""

MOST_MENTIONS = 100
_LINKS = frozenset("of de des du d' di del della delle dei do da dos das van von til af".split())


@dataclass(slots=True)
class Candidate:
    """A phrase that may be chosen: the ranges where it stands, its stems, and what its words are worth."""

    stems: frozenset[str]
    worth: float
    ranges: list[tuple[int, int]]
    is_entity: bool = False


def find_phrases(
    text: str, tokens: Sequence[Token], language: str, entities: Sequence[Entity], bounds: tuple[int, int]
) -> tuple[tuple[Phrase, ...], tuple[str, ...]]:
    """At most ten phrases, the most telling first, none inside another, and warnings.

    ``bounds`` are where headline and lead end, in characters.
    """
    read = tokens[:MOST_TOKENS]
    scored = [(_entity_score(entity, bounds), _of_entity(entity)) for entity in entities[: 2 * MOST_PHRASES]]
    scored.sort(key=lambda pair: (-pair[0], pair[1].ranges[0]))
    del scored[MOST_ENTITIES:]
    taken = [one for entity in entities for one in ((m.start, m.end) for m in entity.mentions)]
    scored += [(_score(one, bounds), one) for one in _runs(read, language, taken, bounds[1])]
    chosen = _apart(sorted(scored, key=lambda pair: (-pair[0], pair[1].ranges[0])))
    best = max((score for score, _ in chosen), default=1.0)
    phrases = tuple(_phrase(text, score / best, candidate) for score, candidate in chosen)
    return phrases, (CUT,) if len(tokens) > MOST_TOKENS else ()


def _of_entity(entity: Entity) -> Candidate:
    ranges = [(mention.start, mention.end) for mention in entity.mentions]
    factor = TERRITORY_FACTOR if entity.id.startswith("iso3166:") else ENTITY_FACTOR
    return Candidate(frozenset({entity.id}), factor * RAREST, ranges, is_entity=True)


def _entity_score(entity: Entity, bounds: tuple[int, int]) -> float:
    return _score(_of_entity(entity), bounds)


def _runs(
    tokens: Sequence[Token], language: str, taken: Sequence[tuple[int, int]], lead_end: int
) -> Iterator[Candidate]:
    """The runs of words or characters outside of entities that count, with all their places.

    A run of words counts if it comes more than once, or has several words and begins in the lead.
    """
    blocked = _blocked(tokens, taken)
    places: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for first, last, stems in _spans(tokens, language, blocked):
        places[stems].append((tokens[first].start, tokens[last].end))
    for stems, ranges in places.items():
        if len(ranges) > 1 or (len(stems) > 1 and ranges[0][0] < lead_end):
            mean = sum(idf(stem, language) for stem in stems) / len(stems)
            yield Candidate(frozenset(stems), mean * LENGTH_FACTORS[len(stems) - 1], ranges)
    for run, ranges in runs_of_characters(tokens, language, blocked):
        yield Candidate(frozenset({run}), RAREST / 2 * (1 + math.log(len(run))), ranges)


def _blocked(tokens: Sequence[Token], taken: Sequence[tuple[int, int]]) -> set[int]:
    """The numbers of the tokens that are part of an entity."""
    starts = [token.start for token in tokens]
    blocked: set[int] = set()
    for start, end in taken:
        first = bisect_left(starts, start)
        if starts[first : first + 1] == [start]:
            blocked.update(range(first, bisect_left(starts, end)))
    return blocked


def _spans(
    tokens: Sequence[Token], language: str, blocked: set[int]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """First and last token of each run of spaced words, and the stems in it."""
    known = term_stems(language)
    stems = [known[token.key] for token in tokens]
    words = [
        number
        for number, stem in enumerate(stems)
        if stem and number not in blocked and not is_segmented(tokens[number].text[0])
    ]
    links = _LINKS & stopwords(language)
    breaths = _breaths(tokens)
    follows = {
        left: right
        for left, right in pairwise(words)
        if right - left <= 1 + (tokens[left + 1].key in links) and breaths[left] == breaths[right]
    }
    for first in words:
        run: tuple[str, ...] = (stems[first],)
        last = first
        yield first, last, run
        while len(run) < LONGEST and (last := follows.get(last, 0)) and stems[last] not in run:
            run = (*run, stems[last])
            yield first, last, run


def _breaths(tokens: Sequence[Token]) -> list[int]:
    """The number of the breath that each token is in; sentences and gaps begin another."""
    breaths: list[int] = []
    breath = last = 0
    for start, end, _, _, opens in tokens:
        breath += opens or start - last > 1
        breaths.append(breath)
        last = end
    return breaths


def _score(candidate: Candidate, bounds: tuple[int, int]) -> float:
    start = candidate.ranges[0][0]
    place = TITLE_FACTOR if start < bounds[0] else LEAD_FACTOR if start < bounds[1] else 1.0
    times = ONCE_FACTOR if len(candidate.ranges) == 1 else 1 + math.log(len(candidate.ranges))
    return candidate.worth * times * place


def _apart(ranked: Sequence[tuple[float, Candidate]]) -> list[tuple[float, Candidate]]:
    """The best that share no word and no place with a better one."""
    chosen: list[tuple[float, Candidate]] = []
    stems: set[str] = set()
    places: list[tuple[int, int]] = []
    for score, candidate in ranked:
        overlaps = any(
            start < other_end and other_start < end
            for start, end in candidate.ranges[:MOST_MENTIONS]
            for other_start, other_end in places
        )
        if not overlaps and not stems & candidate.stems:
            chosen.append((score, candidate))
            stems |= candidate.stems
            places += candidate.ranges[:MOST_MENTIONS]
        if len(chosen) == MOST_PHRASES:
            break
    return chosen


def _phrase(text: str, score: float, candidate: Candidate) -> Phrase:
    """An entity in the longest form that the text gives it, other words in the one that comes most often."""
    ranges = candidate.ranges[:MOST_MENTIONS]
    forms = [text[start:end] for start, end in ranges]
    return Phrase(
        text=max(dict.fromkeys(forms), key=len if candidate.is_entity else forms.count),
        score=round(score, 3),
        mentions=tuple(Mention(start=start, end=end) for start, end in ranges),
    )
