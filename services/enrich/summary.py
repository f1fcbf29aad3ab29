"""Three sentences of a text that say most of it: LexRank, as the text has them.

Sentences are linked by the words they share; the rank of a sentence is how often a reader comes by who
follows links at random and returns, now and then, to the beginning of the text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from newsfeed.documents import ArticleDocument, Mention
from services.enrich.background import idf, term_stems
from services.enrich.sentences import Sentence, sentences
from services.enrich.text import Token

SENTENCES = 3
CUT = "summary_cut"
"""Warning: only the first 300 sentences were read."""

LEAST_SIMILAR = 0.05
"""Cosine from which two sentences are linked."""

TOO_SIMILAR = 0.6
"""A sentence that says the same as one that was chosen is taken only if there are no others."""

DAMPING = 0.7
ROUNDS = 20
_Matrix = NDArray[np.float32]


def summarise(
    document: ArticleDocument, text: str, tokens: Sequence[Token], language: str
) -> tuple[tuple[Mention, ...], tuple[str, ...]]:
    """Up to three sentences in the order of the text, and warnings; fewer if there are not so many."""
    found, is_cut = sentences(document, text, tokens)
    chosen = sorted(_chosen(found, language))
    mentions = tuple(Mention(start=found[number].start, end=found[number].end) for number in chosen)
    return mentions, (CUT,) if is_cut else ()


def _chosen(found: Sequence[Sentence], language: str) -> list[int]:
    """The sentences to take, by number."""
    if len(found) <= SENTENCES:
        return list(range(len(found)))
    similar = _similarities(found, language)
    ranks = _ranks(similar).round(6)
    ranked = sorted(range(len(found)), key=lambda one: (-ranks[one], one))
    chosen: list[int] = []
    for number in ranked:
        if len(chosen) < SENTENCES and all(similar[number, other] < TOO_SIMILAR for other in chosen):
            chosen.append(number)
    rest = [number for number in ranked if number not in chosen]
    return [*chosen, *rest][:SENTENCES]


def _similarities(found: Sequence[Sentence], language: str) -> _Matrix:
    """The cosine of every two sentences by their stems, weighted by how rare these are."""
    stems = term_stems(language)
    places: dict[str, int] = {}
    rows = [
        (number, places.setdefault(stem, len(places)))
        for number, sentence in enumerate(found)
        for token in sentence.tokens
        if (stem := stems[token.key])
    ]
    weights = np.array([idf(stem, language) for stem in places], np.float32)
    vectors = np.zeros((len(found), len(places)), np.float32)
    if rows:
        numbers, columns = np.array(rows).T
        np.add.at(vectors, (numbers, columns), weights[columns])
    lengths = np.sqrt((vectors * vectors).sum(axis=1, keepdims=True))
    vectors /= np.maximum(lengths, 1e-6)
    similar: _Matrix = vectors @ vectors.T
    return similar


def _ranks(similar: _Matrix) -> _Matrix:
    """How central each sentence is; the first ones have a start."""
    links = np.where(similar >= LEAST_SIMILAR, similar, 0)
    np.fill_diagonal(links, 0)
    links += 1e-6
    links /= links.sum(axis=1, keepdims=True)
    start = 1 / np.sqrt(np.arange(1, len(links) + 1, dtype=np.float32))
    start /= start.sum()
    ranks = start
    for _ in range(ROUNDS):
        ranks = DAMPING * (ranks @ links) + (1 - DAMPING) * start
    return np.asarray(ranks, np.float32)
