"""What one subscribes to: a named, versioned stored query with a cadence, a time zone and limits.

Its fields say what is allowed in the words of an editor: :mod:`newsfeed.channel_tables` tells them to one.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Any, Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

import orjson
from cronsim import CronSim, CronSimError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from newsfeed.queries import Query, parse_query
from newsfeed.quiet import parse_quiet_hours

FrameLanguage = Literal["ar", "de", "en", "es", "fr"]
"""The languages in which a digest's own words (headings, dates, reasons) can be written."""

CRON_FIELD_COUNT = 5
MOST_MEMBERS = 50
SETTLE_SECONDS = 1
"""How long a window of seconds stays open for events in flight, unless the channel says otherwise."""
CRON_SETTLE_SECONDS = 5
"""The same for a window of hours or days, where nobody minds a few seconds more."""


def _sorted_set(values: tuple[str, ...]) -> tuple[str, ...]:
    """One order for one meaning, so that the version does not depend on how it was typed."""
    return tuple(sorted(set(values)))


def _with_scheme(value: object) -> object:
    """``16000000`` is short for ``medtop:16000000``."""
    return f"medtop:{value}" if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _settle_seconds(data: dict[str, Any]) -> int:
    """The default: an immediate channel does not wait at all."""
    if data.get("immediate"):
        return 0
    return SETTLE_SECONDS if data.get("cron") is None else CRON_SETTLE_SECONDS


def _checked_cron(value: str) -> str:
    """A five-field expression that fires at least once; DST rules exist for five fields only."""
    if len(value.split()) != CRON_FIELD_COUNT:
        raise ValueError(f"{value!r} has {len(value.split())} fields, cron has {CRON_FIELD_COUNT}")
    try:
        fires = next(CronSim(value, datetime(2000, 1, 1, tzinfo=UTC)), None)
    except CronSimError as error:
        raise ValueError(f"{value!r} is not a cron expression: {error}") from error
    if fires is None:
        raise ValueError(f"{value!r} never fires")
    return " ".join(value.split())


def _checked_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError) as error:
        near = get_close_matches(value.title(), available_timezones(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{value!r} is not a time zone{hint}") from error
    return value


def _checked_query(value: str) -> str:
    if value.strip():
        parse_query(value)
    return value.strip()


def _checked_quiet_hours(value: str) -> str:
    parse_quiet_hours(value)
    return value.strip()


TopicId = Annotated[str, BeforeValidator(_with_scheme), StringConstraints(pattern=r"^medtop:[0-9]{8}$")]
EntityId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+:\S+$")]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
SourceId = Annotated[str, StringConstraints(min_length=1)]


class Channel(BaseModel):
    """A stored query and when its digests come out.

    A list without values restricts nothing; several lists, and the query, must all be met; one value
    of a list is enough. A topic stands for all its descendants, too. A ``bundle`` names the channels of which
    it is made: see :mod:`newsfeed.bundles`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ChannelName = Field(
        description="lower-case letters, digits and hyphens, at most 63, the first no hyphen"
    )
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] = Field(
        description="a line of text of at most 200 characters"
    )
    description: str = Field(default="", description="a text")
    topics: Annotated[tuple[TopicId, ...], AfterValidator(_sorted_set)] = Field(
        default=(), description='a list of IPTC Media Topics, each eight digits in quotes, such as "16000000"'
    )
    entities: Annotated[tuple[EntityId, ...], AfterValidator(_sorted_set)] = Field(
        default=(), description='a list of entity ids in quotes, such as "wikidata:Q212"'
    )
    languages: Annotated[tuple[LanguageCode, ...], AfterValidator(_sorted_set)] = Field(
        default=(), description='a list of language codes of two or three letters, such as "fr"'
    )
    sources: Annotated[tuple[SourceId, ...], AfterValidator(_sorted_set)] = Field(
        default=(), description="a list of source ids: the folders under seeds/"
    )
    minimum_score: float = Field(
        default=0.0, ge=0, le=1, description="a number from 0 to 1 that a topic or entity must reach"
    )
    query: Annotated[str, AfterValidator(_checked_query)] = Field(
        default="", description="a query as in docs/queries.md, such as 'topic:16000000 AND ukrain*'"
    )
    bundle: tuple[ChannelName, ...] = Field(
        default=(),
        max_length=MOST_MEMBERS,
        exclude_if=lambda names: not names,  # What other channels are defined by stays as it was.
        description=f'a list of names of other channels, at most {MOST_MEMBERS}, in quotes, such as "world"',
    )
    immediate: bool = Field(
        default=False, strict=True, description="true for a digest as soon as there is an article, or false"
    )
    every_seconds: int | None = Field(
        default=None, ge=1, le=86_400, strict=True, description="a whole number from 1 to 86400"
    )
    cron: Annotated[str, AfterValidator(_checked_cron)] | None = Field(
        default=None, description='five fields (minute hour day month weekday), such as "0 8 * * *"'
    )
    time_zone: Annotated[str, AfterValidator(_checked_time_zone)] = Field(
        default="UTC", description='an IANA name, such as "Europe/Paris"'
    )
    settle_seconds: int = Field(
        default_factory=_settle_seconds,
        ge=0,
        le=3600,
        strict=True,
        description="a whole number from 0 to 3600",
    )
    max_items: int = Field(
        default=100, ge=1, le=1000, strict=True, description="a whole number from 1 to 1000"
    )
    min_items: int = Field(default=1, ge=1, le=1000, strict=True, description="a whole number from 1 to 1000")
    max_wait_seconds: int | None = Field(
        default=None,
        ge=1,
        le=2_678_400,
        strict=True,
        description="a whole number from 1 to 2678400 (31 days)",
    )
    quiet_hours: Annotated[str, AfterValidator(_checked_quiet_hours)] | None = Field(
        default=None, description='hours of the time zone, such as "22:00-07:00"'
    )
    missed: Literal["one", "each", "skip"] = Field(default="one", description='"one", "each" or "skip"')
    retractions: Literal["next", "immediate"] = Field(default="next", description='"next" or "immediate"')
    on_empty: Literal["skip", "send"] = Field(default="skip", description='"skip" or "send"')
    language: FrameLanguage = Field(
        default="en",
        description=f"the language of the digest's own words: {', '.join(get_args(FrameLanguage))}",
    )

    @field_validator("bundle")
    @classmethod
    def _names_others_once(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("name") in value:
            raise ValueError("a bundle is not made of itself")
        repeated = sorted({name for name in value if value.count(name) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)} is named more than once")
        return value

    @model_validator(mode="after")
    def _has_one_cadence(self) -> Self:
        if [self.immediate, self.every_seconds is not None, self.cron is not None].count(True) != 1:
            raise ValueError("set exactly one of immediate, every_seconds and cron")
        return self

    @model_validator(mode="after")
    def _waits_for_an_end(self) -> Self:
        if self.min_items > 1 and self.max_wait_seconds is None:
            raise ValueError("min_items above 1 needs max_wait_seconds: how long the first article may wait")
        if self.min_items > self.max_items:
            raise ValueError("min_items is above max_items")
        if self.missed != "one" and (self.cron is None or self.min_items > 1):
            raise ValueError(f'missed = "{self.missed}" is for cron without min_items')
        return self

    @cached_property
    def version(self) -> str:
        """64 hexadecimal digits: sha256 over the definition as JSON with sorted keys and lists."""
        later = {"quiet_hours"} if self.quiet_hours is None else set[str]()  # Older versions lack it.
        canonical = orjson.dumps(self.model_dump(mode="json", exclude=later), option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(canonical).hexdigest()

    @property
    def is_calendar(self) -> bool:
        """Whether its windows close at moments of the calendar, recorded even if nothing happened."""
        return self.cron is not None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the cron expression and the dates of the digest are meant."""
        return ZoneInfo(self.time_zone)

    @property
    def is_unrestricted(self) -> bool:
        """Whether every article belongs to the channel."""
        return not (self.topics or self.entities or self.languages or self.sources or self.query)

    @cached_property
    def parsed_query(self) -> Query | None:
        """What the query says; None without one."""
        return parse_query(self.query) if self.query else None
