"""Ten minutes of damaged seeds of each format, through the reader that ingest uses."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest

from services.ingest import intake
from services.ingest.article import ReadingHint, Rejection
from services.ingest.intake import Arrival
from services.ingest.reader import DEADLINE_SECONDS, SeedReader
from services.ingest.reading_child import DOCUMENT_LIMIT_BYTES
from services.ingest.rejections import HINTS
from tests.unit.ingest.formats.damage import SAMPLES, mutated

SECONDS = 600
BUGS = {"parser_failed", "parser_crashed", "timeout", "memory"}
EVENT_LIMIT_BYTES = 1024 * 1024


async def fault(reader: SeedReader, arrival: Arrival, name: str, data: bytes) -> str | None:
    """What is wrong with the outcome of one seed: a parser's bug, or an event or a text beyond its limit."""
    try:
        reading = await reader.read(data, ReadingHint(file_name=name))
    except Rejection as rejection:
        is_sound = rejection.reason in HINTS.keys() - BUGS
        return None if is_sound else f"{rejection.reason}: {rejection.detail}"
    articles = intake.identified(arrival, reading)
    for append in intake.decide(arrival, reading, articles, {}).appends:
        texts = [len(document.canonical_bytes()) for document in append.documents]
        if max(texts) > DOCUMENT_LIMIT_BYTES or len(append.event.model_dump_json()) > EVENT_LIMIT_BYTES:
            return "too large"
    return None if articles else "no articles"


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("form", SAMPLES)
async def test_ten_minutes_of_damaged_seeds_are_read_or_rejected(
    form: str, arrival: Arrival, record_property: Callable[[str, object], None]
) -> None:
    """No damage ends, hangs or bloats the reader; the number in the message makes a seed again.

    The deadline is of the clock: it is longer where more than the processors can do is asked of them.
    """
    busy = max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
    samples = list(SAMPLES[form].items())
    end, faults, count = time.monotonic() + SECONDS, dict[int, str](), 0
    async with SeedReader(deadline_seconds=DEADLINE_SECONDS * busy) as reader:
        while time.monotonic() < end and not faults:
            seed, count = random.randrange(2**48), count + 1
            if told := await fault(reader, arrival, *mutated(seed, samples)):
                faults[seed] = told

    record_property("seed_count", count)
    assert faults == {}
