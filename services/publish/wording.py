"""Sentences about a digest in its channel's language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_location

from newsfeed.channels import Channel
from newsfeed.shown import direction_of, plain
from services.publish.digests import AlsoReported, Digest, Item, Notice, Reason
from services.publish.frames import FRAMES


class Wording:
    """The words of one channel's digests."""

    def __init__(self, channel: Channel) -> None:
        self.frame = FRAMES[channel.language]
        self.language = channel.language
        self.direction = direction_of(channel.language)
        self._locale = Locale.parse(self.frame.locale)
        self._zone = channel.zone
        self._time_format = "short" if channel.cron else "medium"

    def day(self, moment: datetime) -> str:
        """The date in full, with the day of the week."""
        return str(format_date(moment.astimezone(self._zone), "full", locale=self._locale))

    def moment(self, moment: datetime) -> str:
        """Date and time, to the minute."""
        local = moment.astimezone(self._zone)
        day = format_date(local, "long", locale=self._locale)
        return f"{day}, {format_time(local, 'short', tzinfo=self._zone, locale=self._locale)}"

    def period(self, opened_at: datetime | None, closed_at: datetime) -> str:
        """From when to when a window reaches, with the city of the zone; the day once if it is one."""
        closed = f"{self._clock(closed_at)} ({self._zone_name()})"
        if opened_at is None:
            return self.frame.period_open.format(closed=f"{self._date(closed_at)}, {closed}")
        same_day = self._date(opened_at) == self._date(closed_at)
        ended = closed if same_day else f"{self._date(closed_at)}, {closed}"
        return self.frame.period.format(
            opened=f"{self._date(opened_at)}, {self._clock(opened_at)}", closed=ended
        )

    def count(self, forms: Mapping[str, str], count: int) -> str:
        """``count`` in the plural form that it takes."""
        form = forms.get(self._locale.plural_form(count), forms["other"])
        return form.format(count=count)

    def dated(self, item: Item) -> str:
        """When an item was published and, if that is unknown or it came late, when it was received."""
        received = self.frame.received.format(moment=self.moment(item.ingested_at))
        if item.published_at is None:
            return received[:1].upper() + received[1:]
        published = self.frame.published.format(moment=self.moment(item.published_at))
        return f"{published}, {received}" if item.late else published

    def language_name(self, code: str) -> str:
        """The name of a language in the language of the frame."""
        return str(self._locale.languages.get(code, code))

    def reason(self, reason: Reason) -> str:
        """A reason in a few words, such as ``topic: politics``."""
        name = plain(reason.name or reason.id)
        if reason.kind == "language":
            name = self.language_name(reason.id)
        form: str = getattr(self.frame, f"why_{reason.kind}")
        return form.format(name=name)

    def missing(self, one: Item | AlsoReported) -> str:
        """What stands in place of the title of an article whose words are gone."""
        if one.retracted_by:
            return self.frame.retracted.format(digest=one.retracted_by)
        return self.frame.erased

    def revision(self, digest: Digest) -> str | None:
        """Which revision of a digest this is, as a sentence; None for what went out."""
        if digest.revised_at is None:
            return None
        return self.frame.revised.format(revision=digest.revision, moment=self.moment(digest.revised_at))

    def replacement(self, digest: Digest) -> list[str]:
        """Which digest this one replaces, and which replaces it, in a sentence each."""
        said = ((self.frame.supersedes, digest.supersedes), (self.frame.superseded, digest.superseded_by))
        return [form.format(digest=number) for form, number in said if number]

    def notice_title(self, notice: Notice) -> str:
        """The corrected title; a sentence in its place if there is none."""
        missing = self.frame.erased if notice.kind == "correction" else self.frame.untitled_notice
        return plain(notice.title) if notice.title else missing

    def notice_kind(self, notice: Notice) -> str:
        """``Correction`` or ``Retraction``."""
        return self.frame.correction if notice.kind == "correction" else self.frame.retraction

    def notice_reference(self, notice: Notice) -> str:
        """Which digest a notice is about, as a sentence."""
        form = self.frame.corrects if notice.kind == "correction" else self.frame.retracts
        return form.format(digest=notice.corrects.digest)

    def _date(self, moment: datetime) -> str:
        return str(format_date(moment.astimezone(self._zone), "long", locale=self._locale))

    def _clock(self, moment: datetime) -> str:
        local = moment.astimezone(self._zone)
        return str(format_time(local, self._time_format, tzinfo=self._zone, locale=self._locale))

    def _zone_name(self) -> str:
        """The city that the zone is named for; an abbreviation would mean nothing in other languages."""
        if self._zone.key in {"UTC", "Etc/UTC"}:
            return "UTC"
        return str(get_timezone_location(self._zone, locale=self._locale, return_city=True))
