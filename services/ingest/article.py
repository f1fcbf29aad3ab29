"""What every format makes of a seed: articles of one shape, or a reason why not."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from newsfeed.documents import ArticleDocument
from newsfeed.errors import Poisonous
from newsfeed.values import Charset


class ReadingHint(BaseModel):
    """What is known of a seed besides its bytes: all of it may be wrong, and the content decides.

    ``language`` is what the source writes in when the document does not say; ``charset`` is what a
    transport declared, None when nobody did. ``format`` is the one that is tried first. ``mapping``
    says where the fields of an article stand in a source's own JSON or table: our name of a field to
    a dotted path (``headline.main``).
    """

    model_config = ConfigDict(frozen=True)

    file_name: str = ""
    language: str | None = None
    charset: str | None = None
    format: str | None = None
    mapping: dict[str, str] = Field(default_factory=dict)


Status = Literal["usable", "withheld", "canceled"]


class Article(BaseModel):
    """One piece of news as a format read it, before it has an identity in the log.

    ``local_id`` is the document's own identity (a guid, a URL, a Message-ID …), unique within its
    source and stable over revisions; None when only the file's path identifies it, and ``place``
    is then its place in that file if it has a better one than its number. Times that the document
    gives without a zone are UTC with the warning ``time_zone_assumed``.
    """

    model_config = ConfigDict(frozen=True)

    document: ArticleDocument
    local_id: str | None = None
    place: str | None = None
    revision: str | None = None
    status: Status = "usable"
    language: str | None = None
    published_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    embargo_until: AwareDatetime | None = None
    urgency: int | None = None
    topics: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Reading(BaseModel):
    """All that was read from one seed: its format, its charset and at least one article.

    ``warnings`` tell of parts that could not be read: a code, and a place after a colon and a space.
    """

    model_config = ConfigDict(frozen=True)

    format: str
    parser_version: int
    charset: Charset | None = None
    articles: tuple[Article, ...]
    warnings: tuple[str, ...] = ()


class Rejection(Poisonous):
    """The seed is not news that we can read; ``reason`` is a stable code, ``detail`` quotes no text of it."""
