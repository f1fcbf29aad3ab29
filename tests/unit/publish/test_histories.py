"""Whatever happens to articles, and wherever the windows are cut: readers know what stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from newsfeed.channels import Channel
from newsfeed.events import ArticleIngested, ArticleRevised, ArticleWithdrawn
from newsfeed.testing.builders import START_AT, enrichment, ingested, revised, withdrawn
from newsfeed.values import ItemPublished, NoticePublished, Range, Window
from services.publish.candidates import Candidate, Delivered, Withdrawal
from services.publish.composing import compose, facts_of
from services.publish.digests import Digest

MakeCandidate = Callable[..., Candidate]
Told = Callable[[int, int, str | None], Delivered]

CHANNEL = Channel(name="desk", title="Desk", every_seconds=1, languages=("en",), max_items=1)
ARTICLES = ("a", "b")
LANGUAGES = {"text": "en", "more text": "en", "text auf Deutsch": "de"}

Step = tuple[str, str, str, bool]
"""What happens, to which article, with which text, and whether the window is closed after it.

``write`` and ``withdraw`` are the source's; ``enrich`` does the version that waits longest,
``again`` an old version a second time.
"""

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["write", "write", "enrich", "enrich", "enrich", "withdraw", "again"]),
        st.sampled_from(ARTICLES),
        st.sampled_from(sorted(LANGUAGES)),
        st.booleans(),
    ),
    min_size=12,
    max_size=40,
)


@dataclass
class History:
    """A log of one partition: versions, withdrawals and enrichments, each at its position."""

    make: MakeCandidate
    position: int = 0
    versions: dict[str, int] = field(default_factory=dict)
    waiting: list[ArticleIngested | ArticleRevised] = field(default_factory=list)
    enriched: list[Candidate] = field(default_factory=list)
    withdrawn: list[ArticleWithdrawn] = field(default_factory=list)

    def happen(self, step: Step) -> None:
        """Append what the step says, if it can happen at all."""
        what, article_id, content, _ = step
        self.position += 1
        version = self.versions.get(article_id, 0)
        if what == "write":
            self.versions[article_id] = version + 1
            self.waiting.append(self._written(article_id, version + 1, content))
        elif what == "withdraw" and version:
            self.versions[article_id] = version + 1
            self.withdrawn.append(withdrawn(article_id, version + 1, self.position))
        elif what == "enrich" and self.waiting:
            self._enrich(self.waiting.pop(0))
        elif what == "again" and self.enriched:
            self._enrich(self.enriched[len(self.enriched) // 2].version_event)

    def _enrich(self, event: ArticleIngested | ArticleRevised) -> None:
        found = enrichment(event.language or "und")
        self.enriched.append(self.make(event, None, found, self.position))

    def _written(self, article_id: str, version: int, content: str) -> ArticleIngested | ArticleRevised:
        language = LANGUAGES[content]
        if version == 1:
            return ingested(article_id, self.position, content, language=language)
        return revised(article_id, version, self.position, content, language=language)

    def newest_enriched(self, article_id: str, through: int) -> int:
        """The newest version that was enriched up to a position, 0 if none was."""
        found = [one for one in self.enriched if one.article_id == article_id and one.position <= through]
        return max((one.version for one in found), default=0)

    def standing(self, article_id: str, through: int) -> Candidate | None:
        """The newest version enriched up to a position, unless it was withdrawn up to there."""
        found = [one for one in self.enriched if one.article_id == article_id and one.position <= through]
        newest = max(found, key=lambda one: one.version, default=None)
        ends = [
            event.version
            for event in self.withdrawn
            if event.article_id == article_id and (event.position or 0) <= through
        ]
        return newest if newest and newest.version > max(ends, default=0) else None


@dataclass
class Reader:
    """Somebody who got every digest, and what they know now."""

    told: Told
    known: dict[str, Delivered] = field(default_factory=dict)

    def read(self, digest: Digest, candidates: Sequence[Candidate]) -> None:
        """Learn what a digest says; fails where it contradicts what the reader was told before."""
        items, notices = facts_of(digest, candidates)
        for item in items:
            before = self.known.get(item.article_id)
            assert before is None or (before.content_sha256 is None and item.version > before.version)
        for notice in notices:
            before = self.known[notice.article_id]
            assert before.content_sha256 is not None
            assert (notice.corrects.digest, notice.corrects.version) == (before.digest, before.version)
            assert before.content_sha256 != notice.content_sha256
        said: list[ItemPublished | NoticePublished] = [*items, *notices]
        for one in said:
            self.known[one.article_id] = self.told(digest.number, one.version, one.content_sha256)


def _window(after: int, through: int) -> Window:
    opened_at, closed_at = START_AT + timedelta(seconds=after), START_AT + timedelta(seconds=through)
    return Window(
        opened_at=opened_at, closed_at=closed_at, ranges=(Range(partition=0, after=after, through=through),)
    )


def _close(history: History, reader: Reader, number: int, after: int, through: int) -> Digest | None:
    candidates = [
        one
        for one in history.enriched
        if after < one.position <= through and one.version >= history.newest_enriched(one.article_id, after)
    ]
    concerned = {one.article_id for one in candidates}
    withdrawals = [
        Withdrawal(event, 0)
        for event in history.withdrawn
        if event.position is not None
        and event.position <= through
        and (event.position > after or event.article_id in concerned)
    ]
    window_id = f"{through}-0"
    digest = compose(
        CHANNEL,
        number,
        window_id,
        _window(after, through),
        candidates,
        withdrawals,
        reader.known,
        lambda _: (),
    )
    if digest is not None:
        reader.read(digest, candidates)
    return digest


def _allowed(standing: Candidate | None) -> set[str | None]:
    """The texts that readers may hold: that which stands if it belongs to the channel, never another."""
    if standing is None:
        return {None}
    text = standing.version_event.content_sha256
    return {text} if standing.enriched.language.code in CHANNEL.languages else {text, None}


@settings(max_examples=200)
@given(STEPS)
def test_after_every_digest_readers_know_what_stands(
    candidate: MakeCandidate, told: Told, steps: list[Step]
) -> None:
    """Each matching article that stands at the close is known with its text, told exactly once.

    Nothing that was withdrawn is held to be true, and no notice names a wrong digest or says
    nothing new: the reader checks what each digest says against all before it.
    """
    history, reader = History(candidate), Reader(told)
    after, number = 0, 0
    for position, step in enumerate(steps, start=1):
        history.happen(step)
        if not step[-1]:
            continue
        number += _close(history, reader, number + 1, after, position) is not None
        after = position
        known = {article_id: reader.known.get(article_id) for article_id in ARTICLES}

        for article_id, one in known.items():
            assert (one and one.content_sha256) in _allowed(history.standing(article_id, position))
