"""All that the model is trained on, in the proportions of the recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from services.enrich.training.casing import recased
from services.enrich.training.corpora import Corpus, Sentence, corpora, read
from services.enrich.training.french import normalised
from services.enrich.training.pools import LOCALES, Pool, Seen, pool
from services.enrich.training.replacement import REPLACED, Replacer, replacers
from services.enrich.training.written import languages, written

WRITTEN = {"fr": 9000, "en": 4500, "de": 4000, "es": 4000, "it": 3000, "pt": 3000, "nl": 3000, "ru": 3000}
"""Sentences from templates by language, for each of two fillings; ``OTHERS`` for every other one."""

OTHERS = 1500
FILLINGS = 2
SILVER_PLAIN, SILVER_RENAMED = 3, 2
"""How often silver text is read as it is, and with other names."""

SHARES = {
    "modern": 0.45,
    "german": 0.45,
    "encyclopedic": 0.35,
    "silver": 0.45,
    "written": 0.4,
    "historic": 0.2,
    "tweets": 0.25,
    "hungarian": 0.2,
    "romanian": 0.45,
}
"""Family to the share of its sentences that each of the last trainings sees."""

LANGUAGE_SHARES = {"hr": 0.5, "sr": 0.5, "sk": 0.4, "da": 0.7, "sv": 0.7, "pt": 0.7}
"""Languages with more text than their part in the news."""

_NEAR = frozenset(("modern", "german", "encyclopedic"))
"""Families that are close to news: read twice as they are and twice with other names."""

_ONCE = (
    "europeana-newspapers/de",
    "europeana-newspapers/nl",
    "newseye/de",
    "newseye/fi",
    "newseye/sv",
    "english-small/btc",
    "english-small/wnut",
    "nerkor",
)
"""Old spelling, tweets, and the largest set: read once."""


def gold(folder: Path) -> dict[Corpus, list[Sentence]]:
    """Every training set, the historic French ones normalised."""
    sets: dict[Corpus, list[Sentence]] = {}
    for corpus in corpora(folder, "train"):
        old_french = corpus.family == "historic" and corpus.language == "fr"
        sets[corpus] = [normalised(one) if old_french else one for one in read(corpus)]
    return sets


def all_pools(sets: Mapping[Corpus, Sequence[Sentence]]) -> dict[str, Pool]:
    """Names of every language."""
    seen = Seen.of(sentence for sentences in sets.values() for sentence in sentences)
    return {language: pool(language, seen) for language in LOCALES}


def mixed(
    sets: Mapping[Corpus, Sequence[Sentence]], silver: Sequence[Sentence], draw: Random
) -> Iterator[Sentence]:
    """Gold as it is and with other names, filled templates, silver text; the same for the same ``draw``."""
    replacing = replacers(all_pools(sets), draw)
    for corpus, sentences in sets.items():
        yield from sentences
        if corpus.name.startswith(_ONCE):
            continue
        yield from _renamed(sentences, replacing, 0.9, draw)
        if corpus.family in _NEAR and corpus.language in REPLACED:
            yield from sentences
            yield from _renamed(sentences, replacing, 0.5, draw)
    for language in languages() * FILLINGS:
        own = written(language, WRITTEN.get(language, OTHERS), draw)
        yield from _renamed(own, replacing, 0.3, draw)
    for _ in range(SILVER_PLAIN):
        yield from silver
    for _ in range(SILVER_RENAMED):
        yield from _renamed(silver, replacing, 0.7, draw)


def thinned(sentences: Iterable[Sentence], draw: Random) -> Iterator[Sentence]:
    """The share of the sentences that a model is trained on further: mostly news."""
    for sentence in sentences:
        if draw.random() < SHARES[sentence.family] * LANGUAGE_SHARES.get(sentence.language, 1.0):
            yield sentence


def _renamed(
    sentences: Iterable[Sentence], replacing: Mapping[str, Replacer], chance: float, draw: Random
) -> Iterator[Sentence]:
    for sentence in sentences:
        replacer = replacing.get(sentence.language)
        yield recased(replacer(sentence, chance) if replacer else sentence, draw)
