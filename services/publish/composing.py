"""What a digest says: pure, so that the same window gives the same digest, whoever cuts it.

The rules, for every article with anything new in the window:

* The newest enriched version counts, once. A version up to the one delivered is a replay.
* A withdrawn article is dead up to the withdrawn version; a later version is alive again.
* Delivered and now withdrawn: a retraction. Delivered and now with another text: a correction,
  even if the text no longer belongs to the channel. Delivered and the same text: silence.
* Never delivered (or retracted): an item if it is alive and belongs to the channel, else nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from newsfeed.channels import Channel
from newsfeed.events import ArticleErased, ArticleWithdrawn
from newsfeed.values import DigestReference, ItemPublished, NoticeKind, NoticePublished, Window
from services.publish.candidates import Candidate, Delivered, Withdrawal
from services.publish.digests import (
    Digest,
    DigestContent,
    Item,
    ItemEntity,
    ItemTopic,
    Notice,
    Reason,
)
from services.publish.matching import Ancestors, score_of, why
from services.publish.summaries import summary_of

ENTITY_COUNT = 10
"""How many entities of an article an item names, by salience."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A candidate that becomes an item, with the reasons."""

    candidate: Candidate
    reasons: tuple[Reason, ...]

    @property
    def rank(self) -> tuple[float, float, str]:
        """Sorts the best score first, then the newest; articles without a date last."""
        published_at = self.candidate.version_event.published_at
        newest = -published_at.timestamp() if published_at else float("inf")
        return (-score_of(self.reasons), newest, self.candidate.article_id)


def compose(  # noqa: PLR0913, PLR0917 - a digest is a function of exactly these eight
    channel: Channel,
    number: int,
    window_id: str,
    window: Window,
    candidates: Iterable[Candidate],
    withdrawals: Iterable[Withdrawal],
    delivered: Mapping[str, Delivered],
    ancestors: Ancestors,
) -> Digest | None:
    """The digest ``number`` of a channel over a window; None if there is nothing to say.

    ``window_id`` is the id of the window in the channel's streams (``<T_ms>-<n>``).
    ``candidates`` are the versions whose enrichment lies in the window, but those older than a version
    enriched before it: an enrichment that comes out of order must not bring an old text out.
    ``withdrawals`` are those in the window, and those before it of the candidates' articles: one that
    comes after the withdrawal must not bring a dead article out.
    ``delivered`` is what the channel's readers know.
    """
    withdrawn = _latest_withdrawals(withdrawals)
    alive = _alive(_newest(candidates), withdrawn)
    notices = [*_retractions(withdrawn, alive, delivered), *_corrections(alive, delivered)]
    selected = _select(channel, alive, delivered, ancestors)
    if not selected and not notices and channel.on_empty == "skip":
        return None
    shown, beyond = selected[: channel.max_items], selected[channel.max_items :]
    content = DigestContent(
        channel=channel.name,
        channel_title=channel.title,
        channel_version=channel.version,
        number=number,
        stream_id=window_id,
        window=window,
        published_at=window.closed_at,
        items=tuple(_item(one, window) for one in shown),
        notices=tuple(notices),
        more_count=len(beyond),
        more=tuple(one.candidate.article_id for one in beyond),
    )
    return Digest.sealed(content)


def facts_of(
    digest: Digest, candidates: Iterable[Candidate]
) -> tuple[tuple[ItemPublished, ...], tuple[NoticePublished, ...]]:
    """The items and notices for the event ``DigestPublished``; ``candidates`` as they were composed.

    Articles beyond ``max_items`` are among the items: they count as delivered.
    """
    newest = _newest(candidates)
    items = tuple(
        ItemPublished(
            article_id=article_id,
            version=newest[article_id].version,
            content_sha256=newest[article_id].version_event.content_sha256,
        )
        for article_id in (*(item.article_id for item in digest.items), *digest.more)
    )
    notices = tuple(
        NoticePublished(
            kind=notice.kind,
            article_id=notice.article_id,
            version=notice.version,
            content_sha256=(
                newest[notice.article_id].version_event.content_sha256
                if notice.kind == "correction"
                else None
            ),
            corrects=notice.corrects,
        )
        for notice in digest.notices
    )
    return items, notices


def _newest(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    """One candidate per article: its newest version, of that its newest enrichment."""
    ordered = sorted(candidates, key=lambda one: (one.version, one.position))
    return {one.article_id: one for one in ordered}


def _latest_withdrawals(withdrawals: Iterable[Withdrawal]) -> dict[str, ArticleWithdrawn | ArticleErased]:
    events = sorted((one.event for one in withdrawals), key=lambda event: event.version)
    return {event.article_id: event for event in events}


def _alive(
    newest: Mapping[str, Candidate], withdrawn: Mapping[str, ArticleWithdrawn | ArticleErased]
) -> dict[str, Candidate]:
    return {
        article_id: one
        for article_id, one in newest.items()
        if article_id not in withdrawn or one.version > withdrawn[article_id].version
    }


def _retractions(
    withdrawn: Mapping[str, ArticleWithdrawn | ArticleErased],
    alive: Mapping[str, Candidate],
    delivered: Mapping[str, Delivered],
) -> Iterable[Notice]:
    for article_id in sorted(withdrawn.keys() & delivered.keys() - alive.keys()):
        known, version = delivered[article_id], withdrawn[article_id].version
        if known.content_sha256 is not None and version >= known.version:
            yield _notice("retraction", article_id, version, known)


def _corrections(alive: Mapping[str, Candidate], delivered: Mapping[str, Delivered]) -> Iterable[Notice]:
    for article_id in sorted(alive.keys() & delivered.keys()):
        known, one = delivered[article_id], alive[article_id]
        is_told = known.content_sha256 in {None, one.version_event.content_sha256}
        if one.version > known.version and not is_told:
            yield _notice("correction", article_id, one.version, known, one)


def _notice(
    kind: NoticeKind, article_id: str, version: int, known: Delivered, candidate: Candidate | None = None
) -> Notice:
    document = candidate.document if candidate else None
    return Notice(
        kind=kind,
        article_id=article_id,
        version=version,
        title=document.title if document else None,
        language=candidate.enriched.language.code if candidate and document else None,
        corrects=DigestReference(digest=known.digest, version=known.version),
    )


def _select(
    channel: Channel, alive: Mapping[str, Candidate], delivered: Mapping[str, Delivered], ancestors: Ancestors
) -> Sequence[Selected]:
    """What is new to the readers and belongs to the channel, in the order of the digest."""
    selected = []
    for article_id, one in alive.items():
        known = delivered.get(article_id)
        if known is not None and (known.content_sha256 is not None or one.version <= known.version):
            continue
        reasons = why(channel, one, ancestors)
        if reasons is not None:
            selected.append(Selected(one, reasons))
    return sorted(selected, key=lambda one: one.rank)


def _item(selected: Selected, window: Window) -> Item:
    one, event, document = selected.candidate, selected.candidate.version_event, selected.candidate.document
    published_at = _utc(event.published_at) if event.published_at else None
    return Item(
        article_id=event.article_id,
        version=event.version,
        title=document.title if document else None,
        summary=summary_of(document) if document else None,
        url=document.url if document else None,
        byline=(document.byline or ", ".join(document.authors) or None) if document else None,
        source_id=event.source_id,
        seed=event.seed.path,
        language=one.enriched.language.code,
        published_at=published_at,
        ingested_at=_utc(event.recorded_at or event.occurred_at),
        entities=_entities(one),
        topics=_topics(one),
        why=selected.reasons,
        correlation_id=event.correlation_id,
        late=bool(published_at and window.opened_at and published_at < window.opened_at),
    )


def _entities(candidate: Candidate) -> tuple[ItemEntity, ...]:
    """The most salient entities; none of an erased text, whose names they are."""
    if candidate.document is None or candidate.enrichment is None:
        return ()
    ranked = sorted(candidate.enrichment.entities, key=lambda entity: (-entity.salience, entity.id))
    return tuple(
        ItemEntity(id=entity.id, type=entity.type, name=entity.name, salience=entity.salience)
        for entity in ranked[:ENTITY_COUNT]
    )


def _topics(candidate: Candidate) -> tuple[ItemTopic, ...]:
    if candidate.document is None or candidate.enrichment is None:
        return ()
    ranked = sorted(candidate.enrichment.topics, key=lambda topic: (-topic.score, topic.id))
    return tuple(ItemTopic(id=topic.id, label=topic.label, score=topic.score) for topic in ranked)


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
