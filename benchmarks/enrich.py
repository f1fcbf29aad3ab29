"""Enrich: everything that is found in articles, against the bare entity model; each part, loading, memory."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import orjson

from benchmarks.loading import Loaded
from benchmarks.measuring import Ratio, alternate, speed_ratio
from benchmarks.newsroom import articles
from services.enrich.app import spare_collections
from services.enrich.enricher import Enricher
from services.enrich.likeness import signature
from services.enrich.parts import bounds
from services.enrich.phrases import find_phrases
from services.enrich.profiles import term_weights
from services.enrich.recognition.builtin import BuiltinRecogniser
from services.enrich.summary import summarise
from services.enrich.text import tokens_to_read

LOAD_SECONDS = 1.5
MEMORY_BYTES = 300_000_000


@dataclass(slots=True)
class Watch:
    """What a block took, when it is over."""

    seconds: float = 0.0


@contextmanager
def processor() -> Iterator[Watch]:
    """Measure seconds of the processor, of which one thread has no more than those of a core."""
    gc.collect()
    watch, began = Watch(), time.process_time()
    yield watch
    watch.seconds = time.process_time() - began


class Arms:
    """The same texts, understood, looked through for names, or only counted."""

    def __init__(self) -> None:
        spare_collections()  # As the program does.
        self._documents = articles()
        self._enricher = Enricher()
        self._model = BuiltinRecogniser.load()
        self._words = sum(len(document.text.split()) for document in self._documents)
        self._read = [
            (document, tokens_to_read(document.text), self._enricher.enrich(document))
            for document in self._documents
        ]

    async def ours(self) -> float:
        """All enrichers together: the document, and what copies and stories are found by."""
        with processor() as watch:
            for document in self._documents:
                found = self._enricher.enrich(document)
                tokens = tokens_to_read(document.text)
                signature(tokens)
                term_weights(tokens, found.language.code, 0)
        return watch.seconds / self._words

    async def bare(self) -> float:
        """The entity model alone, from the text to its names."""
        with processor() as watch:
            for document in self._documents:
                text = document.text
                self._model.recognise(text, tokens_to_read(text), "und")
        return watch.seconds / self._words

    async def likeness(self) -> float:
        """The signatures that copies are found by, and the terms that stories are."""
        with processor() as watch:
            for _, tokens, found in self._read:
                signature(tokens)
                term_weights(tokens, found.language.code, 0)
        return watch.seconds / self._words

    async def phrases(self) -> float:
        """Key phrases."""
        with processor() as watch:
            for document, tokens, found in self._read:
                text, code = document.text, found.language.code
                find_phrases(text, tokens, code, found.entities, bounds(document, text))
        return watch.seconds / self._words

    async def summary(self) -> float:
        """Three sentences."""
        with processor() as watch:
            for document, tokens, found in self._read:
                summarise(document, document.text, tokens, found.language.code)
        return watch.seconds / self._words

    async def counting(self) -> float:
        """As little as one can do with every word."""
        with processor() as watch:
            for document in self._documents:
                Counter(document.text.split())
        return watch.seconds / self._words


async def measure(rounds: int) -> list[Ratio]:
    """Words a second on one core; then loading, in processes of their own."""
    arms = Arms()
    parts = {"likeness": arms.likeness, "phrases": arms.phrases, "summary": arms.summary}
    figures = await alternate(
        {"ours": arms.ours, "bare": arms.bare, "counting": arms.counting, **parts}, rounds
    )
    return [
        speed_ratio("all enrichers / bare model", figures, ("ours", "bare"), "words", 0.4),
        speed_ratio("enrich / split and count", figures, ("ours", "counting"), "words"),
        *(speed_ratio(f"{part} / bare model", figures, (part, "bare"), "words") for part in parts),
        *of_loading([await loaded() for _ in range(max(1, rounds // 3))]),
    ]


async def loaded() -> Loaded:
    """What one process tells of its loading."""
    command = (sys.executable, "-m", "benchmarks.loading")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    return Loaded(**orjson.loads(told))


def of_loading(all_loaded: list[Loaded]) -> list[Ratio]:
    """Each figure as a share of what it may be at most."""
    seconds = [one.seconds for one in all_loaded]
    megabytes = [one.most_mebibytes * 2**20 / 1e6 for one in all_loaded]
    first = median(one.first_mebibytes for one in all_loaded)
    return [
        Ratio(
            "load time / 1.5 s",
            [one / LOAD_SECONDS for one in seconds],
            f"{median(seconds):.2f} s of the processor until the first article was enriched",
            1.0,
            at_most=True,
        ),
        Ratio(
            "resident memory / 300 MB",
            [one * 1e6 / MEMORY_BYTES for one in megabytes],
            f"{median(megabytes):.0f} MB after eleven languages, {first:.0f} MiB after one",
            1.0,
            at_most=True,
        ),
    ]
