"""What a partition must hold, as simply as it can be said: a list of all events, and looking through it.

Against this model :mod:`newsfeed.testing.stateful` compares a log. It shares no code with any of
them, knows no chain and no head, and never forgets what was trimmed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from newsfeed.eventlog import Append
from newsfeed.eventlog.expected import ANY, EXISTS, NO_STREAM
from newsfeed.events import ArticleIngested, ArticleRevised

Outcome = tuple[object, ...]
"""What a commit comes to: ``("ok", position, ...)``, ``("conflict", index, version, ...)`` and so on."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An event that was appended; its position is its place in the list, from 1.

    ``is_text`` says whether it is a version that can be read.
    """

    subject: str
    event_id: str
    version: int
    erases: bool
    is_text: bool


@dataclass(frozen=True, slots=True)
class Model:
    """A partition and a group that reads it. Nothing changes: what happens gives another model.

    ``documents`` are those ever stored or erased; None stands for an erased one.
    """

    entries: tuple[Kept, ...] = ()
    trimmed: int = 0
    documents: Mapping[str, ArticleDocument | EnrichmentDocument | None] = field(default_factory=dict)
    delivered: int = 0
    pending: frozenset[int] = frozenset()
    letters: frozenset[int] = frozenset()

    def history(self, subject: str) -> list[int]:
        """The positions of a subject, in order."""
        return [position for position, kept in enumerate(self.entries, 1) if kept.subject == subject]

    def head(self, subject: str) -> tuple[int, int, int]:
        """The version, the position of the newest event and that of the newest erasure; 0 for none."""
        history = self.history(subject)
        if not history:
            return 0, 0, 0
        erasures = [position for position in history if self.entries[position - 1].erases]
        return self.entries[history[-1] - 1].version, history[-1], max(erasures, default=0)

    def place_of(self, event_id: object) -> int:
        """Where an event stands, trimmed or not; 0 when it does not."""
        places = [position for position, kept in enumerate(self.entries, 1) if kept.event_id == str(event_id)]
        return places[0] if places else 0

    def commit(
        self, appends: Sequence[Append], acks: Sequence[int] = (), dead: Sequence[int] = ()
    ) -> tuple[Outcome, Model]:
        """What a commit must answer, and what must be there after it."""
        live = {position for position in self.pending if position <= max(acks, default=0)}
        if live - {*acks}:
            return ("behind", min(live - {*acks})), self
        after, answers = self, []
        for index, append in enumerate(appends):
            place = after.place_of(append.event.event_id)
            if append.cause and acks and append.cause not in live:
                answers.append(0)
            elif place:
                answers.append(-place)
            elif not after.allows(append):
                return after.conflict(index, append), self
            else:
                after = after.added(append)
                answers.append(len(after.entries))
        letters = self.letters | (live & {*dead})
        return ("ok", *answers), replace(after, pending=self.pending - live, letters=letters)

    def allows(self, append: Append) -> bool:
        """Whether the subject is what the event expects."""
        version, position, _ = self.head(append.event.subject)
        kinds = {ANY: True, EXISTS: position > 0, NO_STREAM: position == 0}
        return kinds.get(append.expected_version, append.expected_version == version)

    def conflict(self, index: int, append: Append) -> Outcome:
        """The answer that names what is there; of what was trimmed the id is not known any more."""
        version, position, _ = self.head(append.event.subject)
        known = position > self.trimmed
        return ("conflict", index, version, position, self.entries[position - 1].event_id if known else "")

    def added(self, append: Append) -> Model:
        """The model with one more event."""
        version, _, erased = self.head(append.event.subject)
        kept = Kept(
            append.event.subject,
            str(append.event.event_id),
            version + append.adds_version,
            bool(append.erases),
            isinstance(append.event, ArticleIngested | ArticleRevised),
        )
        documents = dict(self.documents)
        for document in append.documents:
            assert isinstance(document, ArticleDocument | EnrichmentDocument)
            if not 0 < append.cause <= erased:
                documents.setdefault(document.sha256, document)
        return replace(
            self,
            entries=(*self.entries, kept),
            documents=documents | dict.fromkeys(append.erases, None),
        )

    def delivering(self, count: int) -> Model:
        """The model after a read of the group."""
        through = min(len(self.entries), self.delivered + count)
        fresh = range(self.delivered + 1, through + 1)
        return replace(self, delivered=max(self.delivered, through), pending=self.pending | {*fresh})
