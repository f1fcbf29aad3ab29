"""``python -m benchmarks.loading``: the code of the enrich program, alone, until it has read an article.

It prints a :class:`Loaded` as JSON.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict, dataclass

import orjson

from benchmarks.newsroom import articles
from benchmarks.resident import resident


@dataclass(frozen=True, slots=True)
class Loaded:
    """Seconds of the processor until the first article was enriched; MiB after it, and at most after all."""

    seconds: float
    first_mebibytes: float
    most_mebibytes: float


def load() -> Loaded:
    """Load what the program loads, then read articles in eleven languages."""
    from services.enrich.app import spare_collections  # FastStream and all that comes with the program
    from services.enrich.enricher import Enricher

    first, *others = articles()
    spare_collections()
    enricher = Enricher()
    enricher.enrich(first)
    seconds, mebibytes = time.process_time(), resident("VmRSS")
    for article in others:
        enricher.enrich(article)
    return Loaded(seconds, mebibytes, resident("VmHWM"))


if __name__ == "__main__":
    os.write(sys.stdout.fileno(), orjson.dumps(asdict(load())) + b"\n")
