"""A seed that takes long does not hold up those after it, and does not undo what they told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from services.ingest import patience
from services.ingest.article import Reading, ReadingHint
from services.ingest.handlers import Intake
from services.ingest.reader import SeedReader
from services.ingest.taken import Batch, Taken
from tests.integration.ingest.desk import INGESTED, Desk, feed, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

SLOW = b"slow"


@dataclass
class Gate(SeedReader):
    """A reader that reads a seed with the word in it only when something was recorded."""

    inner: SeedReader
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    children = 2
    formats = frozenset()

    async def read(self, data: bytes, hint: ReadingHint) -> Reading:
        if SLOW in data:
            await self.opened.wait()
        return await self.inner.read(data, hint)


class Opening(Intake):
    """Opens the gate with its first record."""

    async def _record(self, batch: Sequence[Taken]) -> None:
        await Intake._record(self, batch)
        if batch and isinstance(self.reader, Gate):
            self.reader.opened.set()


async def take(desk: Desk, seconds: float = 60) -> None:
    desk.reader = Gate(desk.reader)
    async with desk.intake(intake_type=Opening) as intake:
        intake.patience_seconds = 0.05
        async with asyncio.timeout(seconds):
            await intake.take(desk.due())


def save_slow_and_quick(desk: Desk) -> None:
    for number, word in enumerate(["slow", "quick", "quick too", "quick as well"]):
        os.utime(desk.save(f"{number}.txt", story(f"A {word} story")), (1 + number, 1 + number))


async def test_seeds_that_are_read_do_not_wait_for_one_that_is_not(desk: Desk) -> None:
    """Otherwise one poisoned file costs five hundred others its deadline."""
    save_slow_and_quick(desk)
    await take(desk)

    assert await desk.told() == [(INGESTED, f"{number}.txt") for number in range(4)]


async def test_a_planted_wait_for_the_slowest_would_be_noticed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: all wait for all before them."""

    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr(patience, "falls_behind", never)
    save_slow_and_quick(desk)

    with pytest.raises(TimeoutError):
        await take(desk, seconds=1)


def save_two_feeds(desk: Desk) -> None:
    os.utime(desk.save("0.xml", feed(("1", "A slow old text."), ("2", "Another."))), (1, 1))
    os.utime(desk.save("1.xml", feed(("1", "A new text."))), (2, 2))


async def test_what_a_later_seed_told_is_not_told_again_in_its_older_words(desk: Desk) -> None:
    """The old feed is read last, and its article is the older one all the same."""
    save_two_feeds(desk)
    await take(desk)

    assert await desk.texts() == {"1.xml": ["A new text."], "0.xml": ["Another."]}


async def test_a_planted_word_of_an_overtaken_seed_would_be_noticed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: who comes late has the last word."""
    monkeypatch.setattr(Batch, "told_of", lambda *_: frozenset())
    save_two_feeds(desk)
    await take(desk)

    assert (await desk.texts())["1.xml"] == ["A new text.", "A slow old text."]
