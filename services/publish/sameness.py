"""Whether a new version of an article reads like the one that readers hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from services.publish.candidates import Candidate, Delivered


def shown(document: ArticleDocument) -> tuple[object, ...]:
    """What a reader sees of a text: spaces, keywords, markup and files beside it do not count."""
    seen = (document.title, document.summary, document.body, document.byline, document.editor_note)
    words = tuple(" ".join((text or "").split()) for text in seen)
    return (*words, document.authors, document.dateline, document.url)


async def marked(
    log: EventLog, candidates: Sequence[Candidate], delivered: Mapping[str, Delivered]
) -> list[Candidate]:
    """The candidates, those marked that only changed where no reader looks.

    A text that was erased meanwhile reads like nothing.
    """
    known = {one.article_id: delivered[one.article_id] for one in candidates if one.article_id in delivered}
    changed = {
        one.article_id: held.content_sha256
        for one in candidates
        if (held := known.get(one.article_id))
        and held.content_sha256 not in {None, one.version_event.content_sha256}
    }
    if not changed:
        return list(candidates)
    texts: dict[str, ArticleDocument] = {}
    for partition in {one.partition for one in candidates if one.article_id in changed}:
        texts |= await log.articles(partition, [sha256 for sha256 in changed.values() if sha256])
    return [
        replace(one, reads_the_same=_is_same(one.document, texts.get(changed.get(one.article_id) or "")))
        for one in candidates
    ]


def _is_same(new: ArticleDocument | None, old: ArticleDocument | None) -> bool:
    return new is not None and old is not None and shown(new) == shown(old)
