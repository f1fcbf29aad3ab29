"""What a digest says: pure, so that the same window gives the same digest, whoever cuts it.

The rules, for every article with anything new in the window:

* The newest enriched version counts, once. A version up to the one delivered is a replay.
* A withdrawn article is dead up to the withdrawn version; a later version is alive again.
* Delivered and now withdrawn: a retraction. Delivered and now with another text: a correction,
  even if the text no longer belongs to the channel. Delivered and the same to read: silence.
* Never delivered (or retracted): an item if it is alive and belongs to the channel, else nothing.
* Articles that tell the same are one item: a lead, and the others under it.
* In a bundle an item stands once, under the first member that any of its articles belongs to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from newsfeed.bundles import Bundle
from newsfeed.channels import Channel
from newsfeed.events import ArticleErased, ArticleWithdrawn
from newsfeed.values import DigestReference, ItemPublished, NoticeKind, NoticePublished, Window
from services.publish.candidates import Candidate, Delivered, Withdrawal
from services.publish.clusters import clustered, shared_out
from services.publish.digests import Digest, DigestContent, Item, Notice, Section
from services.publish.items import item_of
from services.publish.querying import Ancestors
from services.publish.selecting import select


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
    clusters = clustered(select(channel, alive, delivered, ancestors))
    if not clusters and not notices and channel.on_empty == "skip":
        return None
    shown, beyond = shared_out(clusters, channel.max_items)
    items = [item_of(cluster, window, delivered) for cluster in shown]
    more = [one.article_id for cluster in beyond for one in cluster]
    members = channel.members if isinstance(channel, Bundle) else ()
    sections = [Section(name=one.name, title=one.title) for one in members]
    return sealed(channel, number, window_id, window, notices, items, more, sections=sections)


def compose_extra(  # noqa: PLR0913, PLR0917 - as above, without what only items need
    channel: Channel,
    number: int,
    window_id: str,
    window: Window,
    candidates: Iterable[Candidate],
    withdrawals: Iterable[Withdrawal],
    delivered: Mapping[str, Delivered],
) -> Digest | None:
    """A digest of retractions alone, out of the window that is open; None if there are none.

    ``window`` is the one that the extra digest covers: no position at all.
    """
    notices = retractions(candidates, withdrawals, delivered)
    return sealed(channel, number, window_id, window, notices) if notices else None


def retractions(
    candidates: Iterable[Candidate], withdrawals: Iterable[Withdrawal], delivered: Mapping[str, Delivered]
) -> list[Notice]:
    """What a window takes back of what readers hold, by id."""
    withdrawn = _latest_withdrawals(withdrawals)
    return [*_retractions(withdrawn, _alive(_newest(candidates), withdrawn), delivered)]


def sealed(  # noqa: PLR0913, PLR0917 - the parts of a digest
    channel: Channel,
    number: int,
    window_id: str,
    window: Window,
    notices: Sequence[Notice],
    items: Sequence[Item] = (),
    more: Sequence[str] = (),
    supersedes: int | None = None,
    sections: Sequence[Section] = (),
) -> Digest:
    """The digest of these parts; of ``sections`` those that have items."""
    filled = {item.section for item in items}
    content = DigestContent(
        channel=channel.name,
        channel_title=channel.title,
        channel_version=channel.version,
        number=number,
        stream_id=window_id,
        window=window,
        published_at=window.closed_at,
        items=tuple(items),
        notices=tuple(notices),
        more_count=len(more),
        more=tuple(more),
        supersedes=supersedes,
        sections=tuple(one for one in sections if one.name in filled),
    )
    return Digest.sealed(content)


def facts_of(
    digest: Digest, candidates: Iterable[Candidate]
) -> tuple[tuple[ItemPublished, ...], tuple[NoticePublished, ...]]:
    """The items and notices for the event ``DigestPublished``; ``candidates`` as they were composed.

    Articles beyond ``max_items``, and those that stand under another, are among the items: they count
    as delivered.
    """
    newest = _newest(candidates)
    leads: dict[str, str | None] = {item.article_id: None for item in digest.items}
    leads |= {also.article_id: item.article_id for item in digest.items for also in item.also}
    leads |= dict.fromkeys(digest.more)
    items = tuple(
        ItemPublished(
            article_id=article_id,
            version=newest[article_id].version,
            content_sha256=newest[article_id].version_event.content_sha256,
            story_id=newest[article_id].enriched.story_id,
            lead=lead,
        )
        for article_id, lead in leads.items()
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
        is_told = one.reads_the_same or known.content_sha256 in {None, one.version_event.content_sha256}
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
