"""Given, when, then: stories of facts for folds and for handlers.

    folding(evolve).given(version_append("a"), withdrawn_append("a", 2)).then(status="withdrawn")

    await (
        handling(lambda log: enrich_handler(log, enricher))
        .given(version_append("a"))
        .when(version_append("a", 2))
        .then(expect(ArticleEnriched, version=2))
    )

Every event is handled twice, since the log promises no less: a fold must come to the same state, a
handler to the same ids and documents, and the log must keep what was derived once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeVar

from newsfeed.errors import Poisonous
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.consumer import Handler
from newsfeed.events import ArticleIngested, ArticleRevised, LogEvent
from newsfeed.testing.facts import NOON, enrichment_append
from newsfeed.testing.memory_log import MemoryLog
from newsfeed.values import EntityFound, TopicFound

S = TypeVar("S")

Later = Callable[[Sequence[LogEvent]], Append]
"""What follows from the events told so far."""

Told = Append | LogEvent | Later
"""A part of a story: an event, one with its documents, or one that follows from others."""


def enrichment_of(
    version: int, topics: tuple[TopicFound, ...] = (), entities: tuple[EntityFound, ...] = ()
) -> Later:
    """The enrichment of the newest text of that version that was told before."""

    def made(told: Sequence[LogEvent]) -> Append:
        texts = [event for event in told if isinstance(event, ArticleIngested | ArticleRevised)]
        return enrichment_append([one for one in texts if one.version == version][-1], topics, entities)

    return made


def _append(one: Told, told: Sequence[LogEvent]) -> Append:
    if isinstance(one, Append):
        return one
    return one(told) if callable(one) else Append(one)


def _recorded(story: Sequence[Told]) -> list[LogEvent]:
    """The events as a log would keep them, each recorded a second after the one before."""
    told: list[LogEvent] = []
    for position, one in enumerate(story, start=1):
        added = {"position": position, "recorded_at": NOON + timedelta(seconds=position)}
        told.append(_append(one, told).event.model_copy(update=added))
    return told


@dataclass(frozen=True, slots=True)
class FoldScenario(Generic[S]):
    """A fold and the story that it is told."""

    evolve: Callable[[S | None, LogEvent], S | None]
    story: tuple[Told, ...] = ()

    def given(self, *story: Told) -> FoldScenario[S]:
        """What happened, in order; it may be said in several parts."""
        return replace(self, story=(*self.story, *story))

    def then(self, **fields: object) -> S:
        """The state that the story comes to has these values; returns it."""
        state = self._state()
        assert state is not None, "the story comes to no state"
        _check("the state", state, fields)
        return state

    def then_nothing(self) -> None:
        """The story comes to no state."""
        state = self._state()
        assert state is None, f"the story comes to {state}"

    def _state(self) -> S | None:
        once: S | None = None
        twice: S | None = None
        for event in _recorded(self.story):
            once = self.evolve(once, event)
            twice = self.evolve(self.evolve(twice, event), event)
            assert once == twice, f"{event.type} at {event.position}, seen twice, changes the state twice"
        return once


def folding(evolve: Callable[[S | None, LogEvent], S | None]) -> FoldScenario[S]:
    """A scenario for a fold."""
    return FoldScenario(evolve)


@dataclass(frozen=True, slots=True)
class Expected:
    """A type of event, and values of some of its fields."""

    kind: type[object]
    fields: Mapping[str, object]


def expect(kind: type[LogEvent], **fields: object) -> Expected:
    """An event of that type with these values; any other field may be what it likes."""
    return Expected(kind, fields)


@dataclass(frozen=True, slots=True)
class HandlerScenario:
    """A handler, what was in the log before, and what comes to it.

    ``make`` gets the log, since most handlers read texts from it.
    """

    make: Callable[[ArticleLog], Handler]
    before: tuple[Told, ...] = ()
    events: tuple[Told, ...] = ()

    def given(self, *story: Told) -> HandlerScenario:
        """What is in the log, and the group is done with."""
        return replace(self, before=(*self.before, *story))

    def when(self, *events: Told) -> HandlerScenario:
        """What is delivered to the handler, in one batch."""
        return replace(self, events=(*self.events, *events))

    async def then(self, *expected: Expected) -> list[Append]:
        """The handler derives just these, in order, and the log keeps each once; returns them."""
        run = await _Run.begun(self)
        derived, again = await run.react(), await run.react()
        assert _essence(derived) == _essence(again), "handled twice, the same event derives something else"
        alone = [append for event in run.wanted for append in await run.react(event)]
        assert _essence(derived) == _essence(alone), "alone, the same event derives something else"
        kinds = [type(append.event).__name__ for append in derived]
        assert kinds == [one.kind.__name__ for one in expected], f"the handler derives {kinds}"
        for append, one in zip(derived, expected, strict=True):
            _check(append.event.type, append.event, one.fields)
        await run.commit(derived)
        return derived

    async def then_nothing(self) -> None:
        """The handler derives nothing."""
        await self.then()

    async def then_poisonous(self, reason: str) -> None:
        """Each of the events can never be handled, for that reason."""
        run = await _Run.begun(self)
        assert run.wanted, "no event is of a type that the handler reacts to"
        for event in (*run.wanted, *run.wanted):
            found = await _reason(run.react(event))
            assert found == reason, f"the reason is {found}" if found else "it is not poisonous"


def handling(make: Callable[[ArticleLog], Handler]) -> HandlerScenario:
    """A scenario for a handler that is made for a log."""
    return HandlerScenario(make)


@dataclass(frozen=True, slots=True)
class _Run:
    """One telling of a scenario, on a log of its own."""

    log: MemoryLog
    handler: Handler
    positions: Sequence[int]
    wanted: Sequence[LogEvent]

    @classmethod
    async def begun(cls, scenario: HandlerScenario) -> _Run:
        log = MemoryLog()
        handler = scenario.make(log)
        await _put(log, scenario.before)
        done = await log.deliver(handler.group, 0)
        lease = await log.acquire(handler.group, 0)
        await log.commit(0, [], lease=lease, acks=[entry.position for entry in done])
        await _put(log, scenario.events)
        entries = await log.deliver(handler.group, 0)
        events = [entry.readable() for entry in entries]
        wanted = [event for event in events if event.type in handler.types]
        return cls(log, handler, [entry.position for entry in entries], wanted)

    async def react(self, event: LogEvent | None = None) -> list[Append]:
        """What the handler derives from an event, or from all in one batch."""
        events = [event] if event else self.wanted
        reactions = await self.handler.react(0, events) if events else []
        assert len(reactions) == len(events), f"{len(events)} events, {len(reactions)} reactions"
        return [append for reaction in reactions for append in reaction]

    async def commit(self, derived: Sequence[Append]) -> None:
        """Commit as a consumer does, then again as one does whose reply was lost, and a third time."""
        tail = await self.log.tail(0)
        for _ in range(2):
            lease = await self.log.acquire(self.handler.group, 0)
            await self.log.commit(0, derived, lease=lease, acks=self.positions)
        await self.log.append(0, derived)
        grown = await self.log.tail(0) - tail
        assert grown == len(derived), f"{len(derived)} events were derived, the log keeps {grown}"


async def _reason(reacting: Awaitable[object]) -> str | None:
    """Why an event is poisonous; None when it is not."""
    try:
        await reacting
    except Poisonous as error:
        return error.reason
    return None


async def _put(log: MemoryLog, story: Sequence[Told]) -> None:
    for one in story:
        told = [entry.readable() async for entry in log.read(0)]
        await log.append(0, [_append(one, told)])


def _essence(appends: Sequence[Append]) -> list[tuple[object, ...]]:
    """All of some appends but for the writer's clock."""
    return [
        (
            append.event.model_copy(update={"occurred_at": NOON}),
            [document.sha256 for document in append.documents],
            append.cause,
            append.expected_version,
            [*append.erases],
        )
        for append in appends
    ]


def _check(what: str, found: object, fields: Mapping[str, object]) -> None:
    wrong = {name: getattr(found, name) for name, value in fields.items() if getattr(found, name) != value}
    assert not wrong, f"{what} has {wrong}, expected { ({name: fields[name] for name in wrong}) }"
