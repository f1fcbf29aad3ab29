"""One Hypothesis state machine that any log can be put to: what it tries, no one would think of.

It needs Hypothesis, which is why nothing else of the kit imports it:

    TestMyLog = log_machine(open_my_log).TestCase

where ``open_my_log()`` is an asynchronous context manager of an empty
:class:`~newsfeed.testing.under_test.LogUnderTest`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.errors import LeaseLost, LogBehind, LogConflict, LogDamaged, LogForgotten, LogLost, Poisonous
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.dead_letters import DeadLetter
from newsfeed.eventlog.leases import Lease
from newsfeed.testing.facts import version_at
from newsfeed.testing.model import Model, Outcome
from newsfeed.testing.under_test import GROUP, LogUnderTest
from newsfeed.testing.wishes import SUBJECTS, Wish, derived_from, made, version_positions, wishes

T = TypeVar("T")
OpenLog = Callable[[], AbstractAsyncContextManager[LogUnderTest]]

REFUSALS = {LeaseLost: "fenced", LogLost: "lost", LogDamaged: "damaged"}

batches = st.lists(wishes, min_size=1, max_size=4)


async def outcome_of(work: Awaitable[list[int]]) -> Outcome:
    """What a commit came to, in the words of the model."""
    try:
        return ("ok", *await work)
    except LogConflict as error:
        return ("conflict", error.index, error.version, error.position, error.event_id)
    except LogForgotten as error:
        return ("forgotten", error.index, error.position)
    except LogBehind as error:
        return ("behind", error.position)
    except (LeaseLost, LogDamaged) as error:
        return (REFUSALS[type(error)],)


def _raised(outcome: Outcome | BaseException) -> Outcome:
    """The outcome; an error that is none is raised, now that nobody is at work any more."""
    if isinstance(outcome, BaseException):
        raise outcome
    return outcome


class LogMachine(RuleBasedStateMachine):
    """Two processes, a group, and everything that can happen to them, in partition 0."""

    open_log: OpenLog

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.model = Model()
        self.last: list[Append] = []
        self.acknowledged: list[int] = []

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Rules are not asynchronous; logs are."""
        return self.runner.run(work)

    @initialize()
    def begin(self) -> None:
        """An empty log, seen by two processes."""
        self.context = type(self).open_log()
        self.under: LogUnderTest = self.run(self.context.__aenter__())
        self.logs: list[ArticleLog] = [self.under.log, self.under.another()]
        self.lease: Lease = self.run(self.under.take())

    def teardown(self) -> None:
        """Close the log."""
        if hasattr(self, "under"):
            self.run(self.context.__aexit__(None, None, None))
        self.runner.close()

    def fitting(self, order: Sequence[tuple[Sequence[Append], Outcome]]) -> Model | None:
        """The model after some commits, if in this order they would have these outcomes."""
        model = self.model
        for appends, outcome in order:
            if outcome[0] == "forgotten":
                self.check_forgotten(model, appends, outcome)
                continue
            expected, model = model.commit(appends)
            if expected != outcome:
                return None
        return model

    def check_forgotten(self, model: Model, appends: Sequence[Append], outcome: Outcome) -> None:
        """Only what was trimmed may be forgotten, and only where it matters; nothing is written then."""
        _, index, position = outcome
        assert isinstance(index, int)
        append, (_, model) = appends[index], model.commit(appends[:index])
        version, _, _ = model.head(append.event.subject)
        assert position in model.history(append.event.subject)
        assert position <= model.trimmed
        assert not (append.adds_version and append.expected_version == version), "the next one is never there"

    @rule(wanted=batches, who=st.integers(0, 1))
    def append(self, wanted: list[Wish], who: int) -> None:
        """A batch of whatever, right or wrong."""
        self.last = made(self.model, wanted)
        self.committed(self.last, self.run(outcome_of(self.logs[who].append(0, self.last))))

    @rule(who=st.integers(0, 1))
    def repeat(self, who: int) -> None:
        """The reply to the last batch was lost, or its writer died and came back."""
        self.logs[who] = self.under.another()
        self.committed(self.last, self.run(outcome_of(self.logs[who].append(0, self.last))))

    def committed(self, appends: Sequence[Append], outcome: Outcome) -> None:
        """What one commit came to must be what the model says."""
        model = self.fitting([(appends, outcome)])
        assert model is not None, f"{outcome} instead of {self.model.commit(appends)[0]}"
        self.model = model

    @rule(first=batches, second=batches)
    def race(self, first: list[Wish], second: list[Wish]) -> None:
        """Two processes at once: it must have been the one before the other, or the other way round."""
        batch, other = made(self.model, first), made(self.model, second)

        async def both() -> list[Outcome | BaseException]:
            appending = (
                outcome_of(log.append(0, appends))
                for log, appends in zip(self.logs, (batch, other), strict=True)
            )
            return await asyncio.gather(*appending, return_exceptions=True)

        outcome, another = (_raised(one) for one in self.run(both()))
        steps = [(batch, outcome), (other, another)]
        models = [model for order in (steps, steps[::-1]) if (model := self.fitting(order)) is not None]
        assert models, f"no order gives {outcome} and {another}"
        self.model = models[0]

    @rule(count=st.integers(1, 4))
    def deliver(self, count: int) -> None:
        """The group reads on."""
        expected = self.model.delivering(count)

        assert self.run(self.under.deliver(count)) == sorted(expected.pending - self.model.pending)

        self.model = expected

    @rule(count=st.integers(1, 4), skipped=st.integers(0, 1), dead=st.booleans(), again=st.booleans())
    def settle(self, count: int, skipped: int, dead: bool, again: bool) -> None:
        """Acknowledge the oldest pending entries, or those after the oldest; maybe what was done before."""
        done = self.acknowledged if again else []
        acks = done or sorted(self.model.pending)[skipped : skipped + count]
        appends = [self.run(self.derived(position)) for position in version_positions(self.model, acks)]
        letters = [self.run(self.letter(position)) for position in acks if dead and not done]
        commit = self.logs[0].commit(0, appends, lease=self.lease, acks=acks, dead=letters)

        expected, self.model = self.model.commit(appends, acks, [letter.position for letter in letters])

        assert self.run(outcome_of(commit)) == expected
        if expected[0] == "ok":
            self.acknowledged = acks

    async def derived(self, position: int) -> Append:
        """What a handler makes of a version."""
        return derived_from(await version_at(self.logs[0], position))

    async def letter(self, position: int) -> DeadLetter:
        """What a group keeps of an entry that it gives up."""
        entry = await self.logs[0].entry(0, position)
        assert entry is not None
        return DeadLetter.of(entry, Poisonous("no_words"), GROUP, 0, 1)

    @rule(wanted=batches)
    def zombie(self, wanted: list[Wish]) -> None:
        """An owner that was replaced tries to write."""
        stale, self.lease = self.lease, self.run(self.under.take())
        appends, acks = made(self.model, wanted), sorted(self.model.pending)

        commit = self.logs[1].commit(0, appends, lease=stale, acks=acks)

        assert self.run(outcome_of(commit)) == ("fenced",)

    @rule(wanted=batches)
    def stranger(self, wanted: list[Wish]) -> None:
        """Somebody else writes to the log; nothing is appended until an operator took that back."""
        before = self.run(self.under.copy())
        self.run(self.under.stranger())

        outcome = self.run(outcome_of(self.logs[0].append(0, made(self.model, wanted))))

        assert outcome == ("damaged",)
        self.run(self.under.restore(before))

    @rule(wanted=batches)
    def failover(self, wanted: list[Wish]) -> None:
        """The newest events are lost; who saw them is refused, who begins anew goes on."""
        before = self.run(self.under.copy())
        appends = made(self.model, wanted)
        outcome = self.run(outcome_of(self.logs[0].append(0, appends)))
        grew = any(isinstance(answer, int) and answer > 0 for answer in outcome[1:] if outcome[0] == "ok")
        self.run(self.under.restore(before))

        if grew:
            assert self.run(outcome_of(self.logs[0].append(0, appends))) == ("lost",)
        self.logs[0] = self.under.another()

    @precondition(lambda self: self.model.entries)
    @rule(count=st.integers(1, 3))
    def trim(self, count: int) -> None:
        """Take the oldest entries out that the group is done with."""
        floor = min({self.model.delivered + 1, *self.model.pending}) - 1
        through = min(self.model.trimmed + count, floor)
        self.run(self.under.trim(through))
        self.model = replace(self.model, trimmed=max(self.model.trimmed, through))
        self.acknowledged = [position for position in self.acknowledged if position > through]

    @invariant()
    def holds(self) -> None:
        """What is there is what the model says, to the last event, link and document."""
        self.run(self.compare(self.under.another()))

    async def compare(self, log: ArticleLog) -> None:
        """All that can be read of a log."""
        model = self.model
        entries = [entry async for entry in log.read(0, after=model.trimmed)]
        assert [entry.position for entry in entries] == [*range(model.trimmed + 1, len(model.entries) + 1)]
        assert await log.tail(0) == len(model.entries)
        for entry in entries:
            kept = model.entries[entry.position - 1]
            before = [place for place in model.history(kept.subject) if place < entry.position]
            assert (entry.event_id, entry.version) == (kept.event_id, kept.version)
            assert entry.previous == max(before, default=0)
        ids = [entry.event_id for entry in entries]
        assert len(ids) == len(set(ids)), "an event stands in the log twice"
        times = [at for entry in entries if (at := entry.readable().recorded_at)]
        assert times == sorted(times), "the time of record fell"
        for subject, head in (await log.heads(SUBJECTS)).items():
            assert (head.version, head.position, head.erased) == model.head(subject)
        await self.compare_documents(log)
        assert await self.under.pending() == sorted(model.pending)
        assert await self.under.letters() == sorted(model.letters)

    async def compare_documents(self, log: ArticleLog) -> None:
        """The texts that can be read, and no others."""
        known = self.model.documents
        texts = {sha256: one for sha256, one in known.items() if isinstance(one, ArticleDocument)}
        found = {sha256: one for sha256, one in known.items() if isinstance(one, EnrichmentDocument)}
        gone = {sha256 for sha256, one in known.items() if one is None}
        assert await log.articles(0, {*texts, *gone}) == texts
        assert await log.enrichments(0, {*found, *gone}) == found


def log_machine(open_log: OpenLog) -> type[LogMachine]:
    """The machine for a kind of log; its ``TestCase`` is a class of tests."""

    class Machine(LogMachine):
        """The machine for this kind of log."""

    Machine.open_log = staticmethod(open_log)
    return Machine
