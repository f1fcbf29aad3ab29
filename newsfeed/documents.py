"""The texts that events point to: one document per article version, one per enrichment.

Documents live once in the content store, under the sha256 of their canonical bytes. They can be
erased there without touching the log, which is why no event repeats what stands in them.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Annotated, Literal, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field

EntityType = Literal["PER", "LOC", "ORG"]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Document(BaseModel):
    """A frozen text with a canonical form: JSON with sorted keys and no absent fields."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def canonical_bytes(self) -> bytes:
        """UTF-8 JSON that is the same for the same content, whatever the order of fields."""
        return orjson.dumps(self.model_dump(mode="json", exclude_none=True), option=orjson.OPT_SORT_KEYS)

    @cached_property
    def sha256(self) -> str:
        """64 lower-case hexadecimal digits over :meth:`canonical_bytes`."""
        return hashlib.sha256(self.canonical_bytes()).hexdigest()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read back :meth:`canonical_bytes`; raises ``pydantic.ValidationError``."""
        return cls.model_validate_json(data)


class Dateline(BaseModel):
    """Where and when a report was filed, as printed before its first sentence."""

    model_config = ConfigDict(frozen=True)

    place: str | None = None
    date: str | None = None
    agency: str | None = None


class Link(BaseModel):
    """A reference from the article to something else; ``rel`` as in HTML."""

    model_config = ConfigDict(frozen=True)

    href: str
    rel: str | None = None
    title: str | None = None
    media_type: str | None = None


class ArticleDocument(Document):
    r"""Everything a reader sees of one version of an article.

    ``body`` is plain text: paragraphs separated by one blank line (``\n\n``), no markup.
    ``headings`` are the indices (from 0) of the paragraphs that are cross-headings.
    """

    title: str
    title_derived: bool = False
    summary: str | None = None
    body: str = ""
    body_html: str | None = None
    headings: tuple[int, ...] = ()
    byline: str | None = None
    authors: tuple[str, ...] = ()
    dateline: Dateline | None = None
    slug: str | None = None
    editor_note: str | None = None
    rights: str | None = None
    keywords: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    document_id: str | None = None
    url: str | None = None
    links: tuple[Link, ...] = ()
    media: tuple[Link, ...] = ()

    @property
    def text(self) -> str:
        """The text that every character offset counts in: headline, blank line, body.

        A derived title stands in the body already and is left out.
        """
        if self.title_derived or not self.body:
            return self.body or self.title
        return f"{self.title}\n\n{self.body}"


class Mention(BaseModel):
    """A half-open range of characters (Unicode code points) of :attr:`ArticleDocument.text`."""

    model_config = ConfigDict(frozen=True)

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class Entity(BaseModel):
    """A person, place or organisation that the article names.

    ``id`` is stable across languages where the entity is known (``wikidata:Q212``,
    ``iso3166:UA``), else ``local:<hash>`` of its name. ``score`` is the confidence in the entity,
    ``salience`` how much the article is about it, both 0 to 1. ``method`` says how it was found.
    ``link_score`` (0 to 1) is the confidence in ``id``; ``country`` is ISO 3166-1 alpha-2; a place has
    ``latitude`` and ``longitude`` in degrees (WGS 84).
    """

    model_config = ConfigDict(frozen=True)

    id: str
    type: EntityType
    name: str
    score: Ratio
    salience: Ratio
    method: str
    mentions: tuple[Mention, ...]
    link_score: Ratio | None = None
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None


class Topic(BaseModel):
    """An IPTC Media Topic (``id`` = ``medtop:16000000``) with its English label and score 0 to 1.

    ``mentions`` are the words that spoke for it. ``primary`` marks the one topic that clearly leads.
    ``method`` says how it was found: ``lexicon``, ``model``, ``declared`` by the source, or ``corrected``.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    label: str
    score: Ratio
    mentions: tuple[Mention, ...] = ()
    primary: bool = False
    method: Literal["lexicon", "model", "declared", "corrected"] = "lexicon"


class Phrase(BaseModel):
    """A key phrase as it stands in the text, with its score 0 to 1 and every place where it stands."""

    model_config = ConfigDict(frozen=True)

    text: str
    score: Ratio
    mentions: tuple[Mention, ...]


class Language(BaseModel):
    """The language of the text: BCP 47 primary subtag (``und`` when unknown) and how it was chosen."""

    model_config = ConfigDict(frozen=True)

    code: str
    confidence: Ratio
    method: Literal["detected", "declared", "script", "none"]
    declared: str | None = None
    detected: str | None = None


class EnrichmentDocument(Document):
    """What enrichment found in one version of an article, names and offsets included.

    ``summary`` are sentences of the text, in its order. ``warnings`` are codes of what was cut short.
    """

    language: Language
    entities: tuple[Entity, ...] = ()
    topics: tuple[Topic, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    summary: tuple[Mention, ...] = ()
    warnings: tuple[str, ...] = ()
