"""One record of a table or of JSON that follows no standard, as an article."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from newsfeed.documents import ArticleDocument, Link
from services.ingest.article import Article, ReadingHint, Status
from services.ingest.charset import clean
from services.ingest.formats.composing import language_tag, titled, urgency_of, words
from services.ingest.formats.dotted import at, text_in, texts_in
from services.ingest.formats.field_names import columns
from services.ingest.prose.markup import Markup, absolute, is_markup, plain_line, read_markup, safe_html
from services.ingest.prose.openings import authors_of, find_byline, lift_opening
from services.ingest.prose.paragraphs import read_prose
from services.ingest.prose.sentences import collapse
from services.ingest.times import DATE_UNREADABLE, ZONE_ASSUMED, parse_time

_STATUSES: dict[str, Status] = {
    "withheld": "withheld",
    "canceled": "canceled",
    "cancelled": "canceled",
    "killed": "canceled",
    "retracted": "canceled",
}
_HOLDERS = ("fields", "attributes", "_source", "article", "node", "document", "story", "post")
"""Where content APIs and exports put the record itself, one step further in."""


@dataclass(frozen=True)
class Record:
    """A record and where its fields stand; ``places`` gives the dotted paths of each of our fields."""

    value: Mapping[str, Any]
    places: Mapping[str, list[str]]

    @classmethod
    def of(cls, value: Mapping[str, Any], mapping: Mapping[str, str]) -> Record:
        """The record with its fields found by ``mapping``, and by their usual names."""
        places = columns(map(str, value))
        for holder in _HOLDERS:
            inner = value.get(holder)
            for name, found in columns(map(str, inner)).items() if isinstance(inner, dict) else ():
                places.setdefault(name, []).extend(f"{holder}.{one}" for one in found)
        places |= {name: [path] for name, path in mapping.items()}
        return cls(value, places)

    def all(self, field: str) -> list[object]:
        """The values at every place of a field."""
        return [at(self.value, path) for path in self.places.get(field, ())]

    def text(self, field: str) -> str | None:
        """The first text of a field."""
        return next((found for value in self.all(field) if (found := text_in(value))), None)

    def texts(self, field: str) -> list[str]:
        """The texts at the first place of a field that holds any."""
        return next((found for value in self.all(field) if (found := list(texts_in(value)))), [])

    @property
    def is_news(self) -> bool:
        """Whether it has a text, or a title and something else that articles have."""
        if self.text("body"):
            return self.text("title") is not None or any(
                self.places.get(name) for name in ("url", "published_at", "authors")
            )
        return self.text("title") is not None and any(
            self.text(name) for name in ("summary", "url", "published_at", "authors")
        )


def read_record(record: Record, hint: ReadingHint, *, alone: bool) -> Article | None:
    """The article in a record; None without title and text. ``alone`` in its file, the path names it."""
    warnings: list[str] = []
    source = _body_source(record)
    base = absolute(record.text("url"))
    markup = read_markup(source, base) if is_markup(source) else Markup(read_prose(source))
    title = plain_line(record.text("title") or "") or None
    if not title and not markup.prose.paragraphs:
        return None
    document = _document(record, title, markup, source)
    published = _time(record, "published_at", warnings)
    return Article(
        document=document,
        local_id=_identity(document) or (None if alone else _fingerprint(document, published)),
        status=_STATUSES.get((record.text("status") or "").casefold(), "usable"),
        language=_language(record, hint),
        published_at=published,
        updated_at=_time(record, "updated_at", warnings),
        expires_at=_time(record, "expires_at", warnings),
        embargo_until=_time(record, "embargo_until", warnings),
        urgency=urgency_of(record.text("urgency")),
        topics=tuple(term for term in record.texts("keywords") if term.startswith("medtop:")),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _body_source(record: Record) -> str:
    """The text of a record as it stands there: its longest, for APIs cut one and give the other."""
    candidates = ["\n\n".join(texts_in(_without_headings(value))) for value in record.all("body")]
    return max(candidates, key=len, default="")


def _without_headings(value: object) -> object:
    """The paragraphs of a body that is an object of sections (fundus)."""
    if not isinstance(value, dict):
        return value
    for key in ("paragraphs", "sections", "blocks"):
        if isinstance(value.get(key), list):
            return [_without_headings(part) for part in value[key]]
    return value


def _document(record: Record, title: str | None, markup: Markup, source: str) -> ArticleDocument:
    opening = lift_opening(markup.prose)
    shown, derived = titled(title, opening.prose.body)
    url = absolute(record.text("url")) or absolute(record.text("id"))
    byline, authors = _people(record)
    summary = plain_line(record.text("summary") or "")
    return ArticleDocument(
        title=shown,
        title_derived=derived,
        summary=summary if summary and summary not in {shown, opening.prose.body} else None,
        body=opening.prose.body,
        body_html=(safe_html(source, url) or None) if is_markup(source) and "<" in source else None,
        headings=opening.prose.headings,
        byline=byline or opening.byline,
        authors=authors or opening.authors,
        dateline=opening.dateline,
        slug=record.text("slug"),
        editor_note=_line(record, "editor_note"),
        rights=_line(record, "rights"),
        keywords=words(_terms(record), split=True),
        places=words(map(plain_line, record.texts("places"))),
        document_id=collapse(clean(record.text("id") or "")[0]) or None,
        url=url,
        links=markup.links,
        media=(*_images(record, url), *markup.images),
    )


def _people(record: Record) -> tuple[str | None, tuple[str, ...]]:
    """The byline when one text names everybody, and the people in it."""
    names = [plain_line(name).strip("[]'\" ") for name in record.texts("authors")]
    names = [name for name in names if name and not name.startswith("http") and not name.isdigit()]
    if len(names) != 1:
        return None, words(names)
    who = find_byline(names[0])
    parts = [part.strip(" '\"") for part in names[0].split(";")]
    people = words(parts) if len(parts) > 1 else authors_of(who or names[0])
    return (names[0] if who else None), people


def _terms(record: Record) -> Iterable[object]:
    """Keywords and sections; a list that was written into one cell is taken apart."""
    for value in record.all("keywords"):
        for text in texts_in(value):
            yield plain_line(text.strip("[]").replace("'", "").replace('"', "").replace("|", ","))


def _line(record: Record, field: str) -> str | None:
    return plain_line(record.text(field) or "") or None


def _images(record: Record, base: str | None) -> tuple[Link, ...]:
    found = [absolute(text, base) for value in record.all("image") for text in texts_in(value)]
    return tuple(Link(href=href, rel="image") for href in dict.fromkeys(found) if href)


def _language(record: Record, hint: ReadingHint) -> str | None:
    return language_tag(record.text("language"), hint.language)


def _time(record: Record, field: str, warnings: list[str]) -> datetime | None:
    """The first readable time; names that end in ``gmt`` or ``utc`` say their zone."""
    unreadable = False
    for path in record.places.get(field, ()):
        text = text_in(at(record.value, path))
        if not text:
            continue
        moment = parse_time(text)
        if moment is None:
            unreadable = True
            continue
        says_zone = path.casefold().endswith(("gmt", "utc"))
        warnings += [ZONE_ASSUMED] if moment.zone_assumed and not (says_zone and not moment.day_only) else []
        return moment.at
    warnings += [DATE_UNREADABLE] if unreadable else []
    return None


def _identity(document: ArticleDocument) -> str | None:
    """Its id, or its address where the id is a bare number, which other sites count too."""
    identity = document.document_id
    return document.url or identity if identity is None or identity.isdigit() else identity


def _fingerprint(document: ArticleDocument, published: datetime | None) -> str:
    """An identity for a record that has none, which a corrected text keeps."""
    named = f"{document.title}\x1f{published.isoformat() if published else ''}"
    return hashlib.sha256(named.encode()).hexdigest()
