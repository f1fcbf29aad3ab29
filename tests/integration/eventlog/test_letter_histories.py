"""Whatever is poison, requeued and dropped, and whenever: each article's order is that of a small model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsfeed.eventlog import EventLog
from newsfeed.eventlog import dead_letters as module
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.consumer import PartitionConsumer
from newsfeed.eventlog.dead_letters import Chosen, Taken
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.eventlog.parking import Parking
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.groups import GROUP, VersionId, Worker, dead_letters, enriched, serve, take_over
from newsfeed.testing.letters import append_versions, letters_of

Step = tuple[str, str, int]
"""What happens, to which article, and a number: which version, or how many steps before it is cut off.

``meanwhile`` is a requeue of everything while the next batch is in hand, ``restart`` a new process;
``cut`` is a requeue that dies after some steps, of two letters each.
"""

DEEDS = ["append"] * 4 + ["turn", "turn", "work", "work", "requeue", "requeue all", "cut", "cut all"]
DEEDS += ["drop", "drop article", "meanwhile", "restart"]
STEPS = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.sampled_from("abc"), st.integers(1, 4)), min_size=10, max_size=40
)


@dataclass
class Model:
    """What becomes of each event when articles are served in order and nothing can go wrong."""

    events: list[VersionId] = field(default_factory=list)
    waiting: set[VersionId] = field(default_factory=set)
    letters: set[VersionId] = field(default_factory=set)
    done: list[VersionId] = field(default_factory=list)

    def append(self, article: str) -> int:
        """The next version of an article."""
        version = 1 + sum(one == article for one, _ in self.events)
        self.events.append((article, version))
        self.waiting.add((article, version))
        return version

    def work(self, poison: set[VersionId]) -> None:
        """Serve what waits, oldest first: an event behind a letter of its article is a letter, too."""
        for event in [event for event in self.events if event in self.waiting]:
            parked = any(one == event[0] and version < event[1] for one, version in self.letters)
            if parked or event in poison:
                self.letters.add(event)
            else:
                self.done.append(event)
        self.waiting.clear()

    def take(self, article: str = "", at_most: int | None = None) -> list[VersionId]:
        """Take letters away, oldest first."""
        chosen = [one for one in self.events if one in self.letters and article in {"", one[0]}][:at_most]
        self.letters.difference_update(chosen)
        return chosen

    def of(self, article: str) -> list[VersionId]:
        """What was done of an article, in its order."""
        return [event for event in self.done if event[0] == article]


class Reality:
    """The same on a real Redis."""

    def __init__(self, log: EventLog, consumer: PartitionConsumer, worker: Worker) -> None:
        self.model = Model()
        self._log = log
        self._consumer = consumer
        self._worker = worker
        self._positions: dict[int, VersionId] = {}

    async def take(self, step: Step) -> None:
        """Do a step, here and in the model."""
        what, article, number = step
        await getattr(self, f"_{what.replace(' ', '_')}")(article, number)

    async def compare(self) -> None:
        """The letters, and the effects of each article in their order."""
        found = {self._positions[letter.position] for letter in await dead_letters(self._log)}
        effects = await enriched(self._log)

        assert found == self.model.letters
        for article in "abc":
            assert [one for one in effects if one[0] == article] == self.model.of(article)

    async def _append(self, article: str, _: int) -> None:
        version = self.model.append(article)
        [position] = await append_versions(self._log, article, version=version)
        self._positions[position] = (article, version)

    async def _turn(self, article: str, number: int) -> None:
        """A version becomes poison, or is cured."""
        self._worker.poison ^= {(article, number)}

    async def _work(self, _: str, __: int) -> None:
        await serve(self._log, self._consumer)
        self.model.work(self._worker.poison)
        await self.compare()

    async def _restart(self, _: str, __: int) -> None:
        self._consumer = await take_over(self._log, self._worker)

    async def _requeue(self, article: str, _: int) -> None:
        await self._cut(article, 100)

    async def _requeue_all(self, _: str, __: int) -> None:
        await self._cut("", 100)

    async def _cut(self, article: str, steps: int) -> None:
        self.model.waiting.update(self.model.take(article, 2 * steps))
        await _cut(letters_of(self._log).requeue(Chosen(GROUP, 0, article)), steps)

    async def _cut_all(self, _: str, steps: int) -> None:
        await self._cut("", steps)

    async def _drop(self, article: str, _: int) -> None:
        dropped = self.model.take(article, 1)
        places = {event: position for position, event in self._positions.items()}
        for event in dropped:
            await _cut(letters_of(self._log).drop(Chosen.only(GROUP, 0, places[event])), 100)

    async def _drop_article(self, article: str, _: int) -> None:
        self.model.take(article)
        await _cut(letters_of(self._log).drop(Chosen(GROUP, 0, article)), 100)

    async def _meanwhile(self, _: str, __: int) -> None:
        self._worker.meanwhile = [lambda: self._requeue_all("", 0)]


async def _cut(steps: AsyncGenerator[Taken, None], at_most: int) -> None:
    """Take so many steps and no more."""
    for _ in range(at_most):
        if await anext(steps, None) is None:
            return


async def live_through(url: str, history: list[Step]) -> None:
    """Let a history happen, then mend and requeue everything: what was not dropped is done, in order."""
    redis = connect(url)
    try:
        await redis.flushall()
        log, worker = EventLog(redis, await open_manifest(redis, 1)), Worker()
        reality = Reality(log, await take_over(log, worker), worker)
        for step in history:
            await reality.take(step)
        worker.poison.clear()
        for deed in ("work", "requeue all", "work"):
            await reality.take((deed, "", 0))
        assert reality.model.letters == set()
    finally:
        await redis.aclose()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=STEPS)
def test_every_history_keeps_the_order_of_every_article(server: EmbeddedRedis, history: list[Step]) -> None:
    """Nobody thinks of all of them."""
    with patch.object(module, "STEP_LETTERS", 2):
        asyncio.run(live_through(server.url, history))


HISTORY: list[Step] = [
    *[("append", "a", 1)] * 2,
    ("turn", "a", 1),
    ("work", "", 1),
    ("append", "a", 1),
    ("work", "", 1),
]


async def nobody(_: Parking, __: object) -> dict[str, int]:
    """A planted bug: it believes that nobody is parked."""
    return {}


def test_a_history_tells_a_consumer_that_does_not_ask(server: EmbeddedRedis) -> None:
    """Otherwise the test above would prove little."""
    with patch.object(Parking, "lowest", nobody), pytest.raises(AssertionError):
        asyncio.run(live_through(server.url, HISTORY))

    asyncio.run(live_through(server.url, HISTORY))
