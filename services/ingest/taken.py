"""A seed in hand: what was read of it, and what is to become of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsfeed.eventlog import Append
from newsfeed.events import VersionEvent
from services.ingest import intake
from services.ingest.article import Article, Reading, Rejection
from services.ingest.ledger_entry import STALE, LedgerEntry, Outcome
from services.ingest.looks import Look, LookParts, parts_of


@dataclass(frozen=True, slots=True)
class DueSeed:
    """A settled file: its wire path, its name on disk, and how it looked in the scan."""

    path: str
    name: str
    look: Look

    @property
    def parts(self) -> LookParts:
        """What its look says."""
        return parts_of(self.look)


@dataclass(slots=True)
class Taken:
    """A seed that was read. ``known`` is what the ledger keeps of it when nothing of it is new.

    ``overtaken`` are articles of which a later seed told before this one was read. ``learned_at`` is when
    the log told of these bytes first: what was told of an article later than that stands.
    """

    due: DueSeed
    arrival: intake.Arrival
    outcome: Outcome
    known: LedgerEntry | None = None
    reading: Reading | None = None
    articles: Mapping[str, Article] = field(default_factory=dict)
    rejection: Rejection | None = None
    first_path: str = ""
    first_ids: tuple[str, ...] = ()
    moved_from: str | None = None
    earlier_ids: tuple[str, ...] = ()
    overtaken: frozenset[str] = frozenset()
    learned_at: datetime | None = None
    silent: frozenset[str] = frozenset()
    decision: intake.Decision = field(default_factory=intake.Decision)

    @property
    def appends(self) -> Sequence[Append]:
        """What the log is to learn."""
        return self.decision.appends

    def decide(self, newest: Mapping[str, VersionEvent], held: frozenset[str] = frozenset()) -> None:
        """Decide what the log is to learn, given the newest version of every article concerned.

        ``held`` are articles that wait for their time in any seed. Pure.
        """
        originals = [newest[identity] for identity in self.first_ids if identity in newest]
        if self.rejection:
            self.decision = intake.Decision([intake.rejected(self.arrival, self.rejection)])
        elif self.reading:
            self.silent = frozenset(one for one in self.articles if self._is_silent_of(one, newest))
            fresh = {one: article for one, article in self.articles.items() if one not in self.silent}
            self.decision = intake.decide(self.arrival, self.reading, fresh, newest, held)
            self.decision.stale += [one for one in self.articles if one in self.overtaken]
        elif self.moved_from is not None:
            look = (self.due.parts.ctime_ns, self.due.parts.inode)
            appends = [intake.moved(self.arrival, self.moved_from, look, one) for one in originals]
            self.decision = intake.Decision(appends)
        elif self.first_path:
            copies = [intake.duplicated(self.arrival, self.first_path, one) for one in originals[:1]]
            self.decision = intake.Decision(copies)

    def ledger_entry(self) -> LedgerEntry:
        """What the ledger keeps of it."""
        if self.known:
            return self.known.seen_as(self.due.look)
        held = self.decision.held
        ids = (*self.earlier_ids, *self.articles, *self.first_ids)
        return LedgerEntry(
            sha256=self.arrival.seed.sha256,
            outcome="held" if held else self.outcome,
            article_ids=tuple(dict.fromkeys(ids)),
            code=self.rejection.reason if self.rejection else STALE if self.is_stale else None,
            home=self.arrival.home,
            held=held,
        ).seen_as(self.due.look)

    def begun_entry(self) -> LedgerEntry:
        """What the ledger keeps while only a part of its events may be in the log."""
        return LedgerEntry(sha256=self.arrival.seed.sha256, outcome="begun", home=self.arrival.home)

    @property
    def told(self) -> frozenset[str]:
        """The articles of which it says the last word for now."""
        return frozenset(self.articles) - self.silent - frozenset(self.decision.stale)

    def _is_silent_of(self, identity: str, newest: Mapping[str, VersionEvent]) -> bool:
        if identity in self.overtaken:
            return True
        last = newest[identity].recorded_at if identity in newest else None
        return self.learned_at is not None and last is not None and last > self.learned_at

    @property
    def is_stale(self) -> bool:
        """Whether all that it says is older than what the log holds."""
        return bool(self.decision.stale) and len(self.decision.stale) == len(self.articles)


@dataclass(slots=True)
class Changes:
    """What some seeds change for those that come after them: bytes, articles and names."""

    hashes: set[str | None] = field(default_factory=set)
    articles: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)

    def add(self, taken: Taken) -> None:
        """One seed more."""
        if taken.articles or taken.moved_from is not None:
            self.hashes.add(taken.arrival.seed.sha256)
            self.articles.update(taken.articles)
        if taken.moved_from is not None:
            self.left.add(taken.moved_from)

    def concern(self, taken: Taken) -> bool:
        """Whether what becomes of a seed depends on them.

        It has the bytes of one of them, or an article, or the name that one had before.
        """
        return (
            taken.arrival.seed.sha256 in self.hashes
            or taken.due.path in self.left
            or not self.articles.isdisjoint(taken.articles)
        )


@dataclass(slots=True)
class Batch:
    """Seeds that are committed together, and what was committed since the first of them was read."""

    seeds: list[Taken] = field(default_factory=list)
    _told: dict[str, Taken] = field(default_factory=dict)
    _changes: Changes = field(default_factory=Changes)
    _earlier: Changes = field(default_factory=Changes)

    def add(self, taken: Taken) -> None:
        """One more."""
        self.seeds.append(taken)
        self._told[taken.due.path] = taken
        self._changes.add(taken)

    def committed(self) -> None:
        """Begin anew: what was in hand is in the log, but those after it were read before it was."""
        for taken in self.seeds:
            self._earlier.add(taken)
        self.seeds, self._changes = [], Changes()

    def told_of(self, paths: frozenset[str]) -> frozenset[str]:
        """The articles of which the seeds at these paths have told."""
        return frozenset().union(*(self._told[path].told for path in paths & self._told.keys()))

    def precedes(self, taken: Taken) -> bool:
        """Whether what becomes of a seed is only known when what is in hand is in the log."""
        return self._changes.concern(taken)

    def outdates(self, taken: Taken) -> bool:
        """Whether a seed was, perhaps, read before something was in the log that it depends on."""
        return self.precedes(taken) or self._earlier.concern(taken)
