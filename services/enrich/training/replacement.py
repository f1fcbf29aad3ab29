"""Sentences with other names in place of theirs, so that the place of a name is learned and not the name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from random import Random

from services.enrich.recognition.tags import Span
from services.enrich.training.corpora import Sentence
from services.enrich.training.pools import Pool, Words

REPLACED = frozenset("fr en de nl sv da nb pt es it".split())
"""Languages whose names do not inflect."""

_SYLLABLES = (
    "ba ko li ren mar to vi sha del gor an er os ka mi lu ne ta zi ro sa din berg ova ski enko ini ez ard "
    "aux ier ot eau kov wan chi yo okh"
).split()
_PARTICLES = "de van von Al bin El ben di da der al".split()
_VOWELS = frozenset("AEIOUYÉÈÊÎÔÂHaeiouyéèêîôâh")
_ELIDERS = frozenset(("l'", "d'", "l’", "d’", "'", "’"))
_TRIES = 12


class Replacer:
    """Replaces the names of sentences of one language by names of the pool."""

    def __init__(self, pool: Pool, others: Sequence[Pool], draw: Random) -> None:
        self._pool = pool
        self._given = sorted({name for one in others for name in one.given})
        self._surnames = sorted({name for one in others for name in one.surnames})
        self._bodies = sorted({words for one in others for words in one.bodies})
        self._draw = draw

    def __call__(self, sentence: Sentence, chance: float) -> Sentence:
        """The sentence with each name replaced at this chance, in [0, 1]."""
        words: list[str] = []
        spans: list[Span] = []
        done = 0
        for first, last, label in sentence.spans:
            words += sentence.words[done:first]
            old = sentence.words[first:last]
            before = sentence.words[first - 1] if first else ""
            new = (
                self._fitting(old, label, before, sentence.language) if self._draw.random() < chance else old
            )
            spans.append((len(words), len(words) + len(new), label))
            words += new
            done = last
        words += sentence.words[done:]
        return replace(sentence, words=tuple(words), spans=tuple(spans))

    def _fitting(self, old: Words, label: str, before: str, language: str) -> Words:
        """A name that can stand behind the word before it; the old one if there is none."""
        for _ in range(_TRIES):
            new = self._name(old, label)
            if not new or language != "fr" or _fits_french(new, before, label):
                break
        if not new:
            return old
        shouted = label != "PER" and all(word.isupper() and len(word) > 3 for word in old)  # noqa: PLR2004 - no acronym
        return tuple(word.upper() for word in new) if shouted else new

    def _name(self, old: Words, label: str) -> Words:
        if label == "PER":
            return self._person(alone=len(old) == 1 and self._draw.random() < 0.75)  # noqa: PLR2004
        if label == "LOC":
            return self._place()
        return self._body() if label == "ORG" else ()

    def _person(self, *, alone: bool) -> Words:
        draw, pool = self._draw, self._pool
        given = draw.choice(pool.given if draw.random() < 0.6 else self._given)  # noqa: PLR2004
        surname = draw.choice(pool.surnames if draw.random() < 0.6 else self._surnames)  # noqa: PLR2004
        if draw.random() < 0.05:  # noqa: PLR2004
            surname = "".join(draw.choices(_SYLLABLES, k=draw.choice((2, 3)))).capitalize()
        if alone:
            return (surname,) if draw.random() < 0.9 else (given,)  # noqa: PLR2004
        middle: tuple[Words, ...] = (
            (draw.choice(self._surnames),),
            (draw.choice(_PARTICLES),),
            (draw.choice("ABCDEFGHJKLMPRSTW") + ".",),
            (),
        )
        return (given, *draw.choices(middle, (8, 4, 3, 85))[0], surname)

    def _place(self) -> Words:
        pool = self._pool
        kinds = (pool.territories, pool.capitals, pool.towns or pool.capitals, pool.seen_places)
        return self._draw.choice(self._draw.choices(kinds, (38, 20, 28, 14))[0])

    def _body(self) -> Words:
        chance = self._draw.random()
        if chance < 0.12:  # noqa: PLR2004
            return (self.acronym(),)
        return self._draw.choice(self._pool.bodies if chance < 0.8 and self._pool.bodies else self._bodies)  # noqa: PLR2004

    def acronym(self) -> str:
        """Two to five random capitals."""
        return "".join(
            self._draw.choices("ABCDEFGHIJKLMNOPRSTUVWZ", k=self._draw.choice((2, 3, 3, 3, 4, 4, 5)))
        )


def _fits_french(words: Words, before: str, label: str) -> bool:
    """Only a vowel after ``l'`` and ``d'``, none after ``de`` and ``la``."""
    vowel = words[0][0] in _VOWELS
    if before.lower() in _ELIDERS:
        return vowel
    return label == "PER" or not vowel or before.lower() not in {"de", "la", "le"}


def replacers(pools: Mapping[str, Pool], draw: Random) -> dict[str, Replacer]:
    """One for each language whose names do not inflect."""
    everyone = [pool for language, pool in pools.items() if language in REPLACED]
    return {
        language: Replacer(pools[language], everyone, draw)
        for language in sorted(REPLACED)
        if language in pools
    }
