"""The public JSON of a digest as the web reads it: what it does not show it does not know."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Read(BaseModel):
    """A part of a digest."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Item(Read):
    """An article in a digest."""

    article_id: str
    version: int = 1
    title: str | None = None
    language: str = "und"


class Corrects(Read):
    """The digest that a notice is about."""

    digest: int


class Notice(Read):
    """A correction or retraction."""

    kind: Literal["correction", "retraction"]
    article_id: str
    title: str | None = None
    corrects: Corrects


class Section(Read):
    """One of the channels that a bundle is made of, where any item of a digest belongs to it."""

    name: str
    title: str


class Digest(Read):
    """A digest, or its newest revision."""

    channel: str
    channel_title: str
    number: int
    stream_id: str
    published_at: AwareDatetime
    items: tuple[Item, ...] = ()
    notices: tuple[Notice, ...] = ()
    more_count: int = 0
    revision: int = 1
    revised_at: AwareDatetime | None = None
    supersedes: int | None = None
    superseded_by: int | None = None
    sections: tuple[Section, ...] = ()
    sha256: str = ""

    @property
    def updated_at(self) -> datetime:
        """When it changed last."""
        return self.revised_at or self.published_at

    @property
    def replacements(self) -> list[int]:
        """The digest that it replaces and the one that replaces it, in the order its page names them."""
        return [number for number in (self.supersedes, self.superseded_by) if number]

    @property
    def lead(self) -> Item | None:
        """The first article that has a title."""
        return next((item for item in self.items if item.title), None)
