"""The word list of a language made ready: from the key of a token to what it says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from services.enrich.text import tokenise
from services.enrich.topics import labels
from services.enrich.topics.stems import COMPOUNDING, normal, stem
from services.enrich.topics.wordfile import FALLBACK, NEAR, Entry, entries, languages

MOST_KEYS = 100_000
"""Different keys whose meaning is kept; then all are forgotten, which costs only time."""

SHORTEST_TAIL = 5
"""Letters at the end of a compound that are looked up as a word."""

LABEL_WEIGHT = 0.2
"""What a word that only labels of one top topic hold counts beside a word of the list."""

SHORTEST_PREFIX = 4
"""Letters from which a Turkish word stands for all that begins like it."""

Weights = tuple[tuple[str, float], ...]


class Sense(NamedTuple):
    """What a word or phrase says: its ``name`` in the lexicon and the topics it speaks for."""

    name: str
    weights: Weights


class Word(NamedTuple):
    """What begins with one key: itself, phrases as (further stems, sense), a stem of labels or ``""``."""

    sense: Sense | None
    phrases: tuple[tuple[tuple[str, ...], Sense], ...]
    label: str


class Lexicon(dict[str, Word | None]):
    """Folded key to :class:`Word`, or None for a word that says nothing; filled as texts are read."""

    def __init__(self, language: str, listed: Iterable[Entry]) -> None:
        self.language = language
        self.labels = labels.of_language(language)
        self._whole: dict[str, dict[str, float]] = defaultdict(dict)
        self._starts: dict[str, dict[str, float]] = defaultdict(dict)
        self._tails: dict[str, dict[str, float]] = defaultdict(dict)
        phrases: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        for entry in listed:
            stems = tuple(stem(token.key, language) for token in tokenise(entry.text))
            target = phrases[stems] if len(stems) > 1 else self._place(entry)
            target[entry.topic] = max(entry.weight, target.get(entry.topic, 0.0))
        self._phrases = _by_first(phrases)
        self._lengths = sorted({len(start) for start in self._starts}, reverse=True)
        self._tail_lengths = sorted({len(tail) for tail in self._tails}, reverse=True)

    @staticmethod
    @cache
    def load(language: str) -> Lexicon:
        """The lexicon of the language, built on first use; a near one or English where there is none."""
        known = language if language in languages() else NEAR.get(language, FALLBACK)
        return Lexicon(known, entries(known))

    def __missing__(self, key: str) -> Word | None:
        if len(self) >= MOST_KEYS:
            self.clear()
        found = self[key] = self._word(key)
        return found

    def _place(self, entry: Entry) -> dict[str, float]:
        """Where a single word is kept: by stem, by beginning or by end."""
        bare = normal(entry.text, self.language)
        if entry.open_start:
            return self._tails[bare]
        if self.language == "tr" and len(bare) >= SHORTEST_PREFIX:
            return self._starts[bare.rstrip("kpçt") if len(bare) > SHORTEST_PREFIX else bare]
        return self._starts[bare] if entry.open_end else self._whole[stem(entry.text, self.language)]

    def _word(self, key: str) -> Word | None:
        root = stem(key, self.language)
        phrases = self._phrases.get(root, ())
        label = root if root in self.labels.stems else ""
        sense = self._sense(key, root)
        return Word(sense, phrases, label) if sense or phrases or label else None

    def _sense(self, key: str, root: str) -> Sense | None:
        """The word itself, else its beginning, else its end, else that it stands in labels."""
        if root in self._whole:
            return _sense(root, self._whole[root])
        bare = normal(key, self.language)
        for length in self._lengths:
            if bare[:length] in self._starts and len(bare) >= length:
                return _sense(bare[:length] + "*", self._starts[bare[:length]])
        return self._tail(bare, root) or self._labelled(root)

    def _tail(self, bare: str, root: str) -> Sense | None:
        for length in self._tail_lengths:
            if bare[-length:] in self._tails:
                return _sense("*" + bare[-length:], self._tails[bare[-length:]])
        if self.language in COMPOUNDING:
            for begin in range(2, len(root) - SHORTEST_TAIL + 1):
                if root[begin:] in self._whole:
                    return _sense("*" + root[begin:], self._whole[root[begin:]])
        return None

    def _labelled(self, root: str) -> Sense | None:
        top = self.labels.telling.get(root)
        return Sense(root, ((top, LABEL_WEIGHT),)) if top else None


def _sense(name: str, weights: dict[str, float]) -> Sense:
    """Topics share a word that speaks for several; the topic ``""`` is nothing."""
    spoken = {topic: weight for topic, weight in weights.items() if topic}
    return Sense(
        name, tuple((topic, weight / len(spoken) ** 0.5) for topic, weight in sorted(spoken.items()))
    )


def _by_first(
    phrases: dict[tuple[str, ...], dict[str, float]],
) -> dict[str, tuple[tuple[tuple[str, ...], Sense], ...]]:
    """First stem to the phrases that begin with it, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], Sense]]] = defaultdict(list)
    for stems in sorted(phrases, key=lambda each: (-len(each), each)):
        found[stems[0]].append((stems[1:], _sense(" ".join(stems), phrases[stems])))
    return {first: tuple(rest) for first, rest in found.items()}
