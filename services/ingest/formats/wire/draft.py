"""An article in the making: every wire format fills one in, and a wrapper completes what is inside it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from newsfeed.documents import ArticleDocument, Dateline, Link
from services.ingest.article import Article, ReadingHint, Rejection, Status
from services.ingest.charset import clean
from services.ingest.formats.composing import language_tag, titled, words
from services.ingest.formats.wire.bodies import Body
from services.ingest.formats.wire.openings import lift_wire_opening, merged, people_in
from services.ingest.prose.openings import Opening
from services.ingest.prose.paragraphs import Prose
from services.ingest.prose.sentences import collapse


@dataclass(slots=True)
class Draft:
    """What a format found; an empty field is one that it did not find."""

    headline: str | None = None
    summary: str | None = None
    body: Body = field(default_factory=Body)
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None
    slug: str | None = None
    editor_note: str | None = None
    rights: str | None = None
    keywords: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    document_id: str | None = None
    local_id: str | None = None
    revision: str | None = None
    status: Status = "usable"
    language: str | None = None
    published_at: datetime | None = None
    updated_at: datetime | None = None
    expires_at: datetime | None = None
    embargo_until: datetime | None = None
    urgency: int | None = None
    topics: tuple[str, ...] = ()
    url: str | None = None
    links: tuple[Link, ...] = ()
    media: tuple[Link, ...] = ()
    warnings: tuple[str, ...] = ()

    def completed_by(self, inner: Draft) -> Draft:
        """The draft with its empty fields taken from ``inner``; lists of both are joined."""
        merged_values: dict[str, Any] = {}
        for known in fields(self):
            mine, theirs = getattr(self, known.name), getattr(inner, known.name)
            if known.name in {"keywords", "places", "topics", "links", "media", "warnings"}:
                merged_values[known.name] = tuple(dict.fromkeys((*mine, *theirs)))
            else:
                merged_values[known.name] = mine or theirs
        if inner.body.prose.paragraphs and not self.body.prose.paragraphs:
            merged_values["body"] = inner.body
        if self.status == "usable":
            merged_values["status"] = inner.status
        return Draft(**merged_values)

    @property
    def is_empty(self) -> bool:
        """Whether nobody could read anything in it."""
        return not (self.headline or self.body.prose.paragraphs or self.summary)

    def article(self, hint: ReadingHint) -> Article:
        """The article; raises Rejection ``no_text`` when there is nothing to read.

        A canceled item needs no text: its identity is what it cancels.
        """
        headline = self.headline
        if self.is_empty:
            if self.status == "usable" or not self.local_id:
                raise Rejection("no_text", "neither a headline nor a text")
            headline = self.local_id
        return Article(
            document=self._document(headline),
            local_id=self.local_id,
            revision=self.revision,
            status=self.status,
            language=language_tag(self.language, hint.language),
            published_at=self.published_at or self.updated_at,
            updated_at=self.updated_at,
            expires_at=self.expires_at,
            embargo_until=self.embargo_until,
            urgency=self.urgency,
            topics=self.topics,
            warnings=tuple(dict.fromkeys(self.warnings)),
        )

    def _document(self, headline: str | None) -> ArticleDocument:
        opening = lift_wire_opening(_without_headline(self.body.prose, headline))
        title, derived = titled(headline or self._stand_in(opening.prose), opening.prose.body)
        byline = self._byline(opening)
        summary = _line(self.summary)
        return ArticleDocument(
            title=title,
            title_derived=derived,
            summary=summary if summary != title else None,
            body=opening.prose.body,
            body_html=self.body.html,
            headings=opening.prose.headings,
            byline=byline,
            authors=words(self.authors) or people_in(byline),
            dateline=merged(self.dateline, opening.dateline),
            slug=_line(self.slug),
            editor_note=clean(self.editor_note or "")[0].strip() or None,
            rights=_line(self.rights),
            keywords=words(self.keywords),
            places=words(self.places),
            document_id=self.document_id,
            url=self.url,
            links=tuple(dict.fromkeys((*self.links, *self.body.links))),
            media=tuple(dict.fromkeys((*self.media, *self.body.images))),
        )

    def _byline(self, opening: Opening) -> str | None:
        """The byline of its field, unless that names nobody and the text does."""
        given = _line(self.byline)
        return opening.byline if opening.byline and not people_in(given) else given or opening.byline

    def _stand_in(self, prose: Prose) -> str | None:
        """What serves as the headline of an item that has a summary only."""
        return None if prose.paragraphs else self.summary


def _line(value: str | None) -> str | None:
    return collapse(clean(value or "")[0]) or None


def _without_headline(prose: Prose, headline: str | None) -> Prose:
    """The text without the headline that some producers print once more as its first heading."""
    if 0 in prose.headings and headline and prose.paragraphs[0] == collapse(headline):
        return prose.without_first()
    return prose
