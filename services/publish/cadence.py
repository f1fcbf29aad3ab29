"""When the windows of a channel close: boundaries in time, as pure functions of aware datetimes.

An immediate channel may close at every millisecond. Boundaries by seconds are the multiples since
the Unix epoch. Boundaries by cron are moments of the
wall clock in the channel's zone, with Debian cron's rules for daylight saving time: a moment that
does not exist counts right after the gap, a moment that exists twice counts the first time only;
expressions that begin minute or hour with ``*`` follow real time instead.

In the quiet hours of a channel no window closes: boundaries in them are moved to their end.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cronsim import CronSim

from newsfeed.channels import Channel
from newsfeed.quiet import quiet_span

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def next_boundary(channel: Channel, after: datetime) -> datetime:
    """The first boundary strictly after ``after``, in UTC.

    One that falls in the quiet hours of the channel is moved to their end.
    """
    quiet = _quiet_span(channel, after)
    if quiet:
        begin, end = quiet
        if _next_of_clock(channel, begin - MILLISECOND) <= end:
            return end
        after = end
    boundary = _next_of_clock(channel, after)
    moved = _quiet_span(channel, boundary)
    return moved[1] if moved else boundary


def _next_of_clock(channel: Channel, after: datetime) -> datetime:
    """The first boundary after a moment, whether or not it is in the quiet hours."""
    if step := _step(channel):
        return EPOCH + ((after - EPOCH) // step + 1) * step
    assert channel.cron is not None
    # cronsim counts on the naive wall clock, so in the second pass of a doubled hour it first
    # names moments of the first pass, which are over.
    for moment in CronSim(channel.cron, after.astimezone(channel.zone)):
        boundary = moment.astimezone(UTC)
        if boundary > after:
            return boundary
    raise AssertionError(f"{channel.cron!r} was checked to fire")


def _quiet_span(channel: Channel, at: datetime) -> tuple[datetime, datetime] | None:
    """Beginning and end of the quiet hours that it is then, in UTC."""
    if channel.quiet_hours is None:
        return None
    return quiet_span(channel.quiet_hours, channel.time_zone, at.astimezone(UTC))


def last_boundary(channel: Channel, at_or_before: datetime) -> datetime:
    """The newest boundary not later than ``at_or_before``, in UTC."""
    if quiet := _quiet_span(channel, at_or_before):
        return last_boundary(channel, quiet[0] - MILLISECOND)
    if step := _step(channel):
        boundary = EPOCH + (at_or_before - EPOCH) // step * step
        moved = _quiet_span(channel, boundary)
        return moved[1] if moved else boundary
    # Forward is the only direction with one meaning, so go back far enough and then walk; doubling
    # keeps the walk short for every cadence from a minute to a leap day.
    back = timedelta(minutes=1)
    while next_boundary(channel, at_or_before - back) > at_or_before:
        back *= 2
    boundary = next_boundary(channel, at_or_before - back)
    while (following := next_boundary(channel, boundary)) <= at_or_before:
        boundary = following
    return boundary


def _step(channel: Channel) -> timedelta | None:
    """The time between two boundaries; None for a calendar, which has no such thing."""
    if channel.immediate:
        return MILLISECOND
    return timedelta(seconds=channel.every_seconds) if channel.every_seconds else None


def may_freeze(channel: Channel, boundary: datetime, now: datetime) -> bool:
    """Whether the events in flight at the boundary have had their time to settle."""
    return now >= boundary + timedelta(seconds=channel.settle_seconds)


def due_boundary(channel: Channel, since: datetime | None, now: datetime) -> datetime | None:
    """The boundary after ``since`` at which to close a window at ``now``, or None.

    ``since`` is the boundary at which the channel's last window closed, None if none ever did. Of several
    that were missed it is the newest: one digest covers them all. A channel can ask for ``each``, the
    oldest first, or to ``skip`` all but the newest; see :func:`is_dropped`.
    """
    newest = last_boundary(channel, now - timedelta(seconds=channel.settle_seconds))
    if since is None:
        return newest
    if newest <= since:
        return None
    if channel.missed == "each":
        return next_boundary(channel, since)
    if channel.missed == "skip" and next_boundary(channel, since) < newest:
        return last_boundary(channel, newest - MILLISECOND)
    return newest


def extra_moment(channel: Channel, since: datetime | None, now: datetime) -> datetime:
    """When a digest comes out that waits for no boundary, in whole milliseconds.

    Not after a boundary whose window has yet to settle: that one could not close any more.
    """
    moment = in_milliseconds(now)
    boundary = last_boundary(channel, moment)
    at = moment if may_freeze(channel, boundary, now) else boundary
    return max(at, since or at)


def is_dropped(channel: Channel, boundary: datetime, now: datetime) -> bool:
    """Whether the articles of the window that closes at a boundary are left out: it is over for long."""
    newest = last_boundary(channel, now - timedelta(seconds=channel.settle_seconds))
    return channel.missed == "skip" and boundary < newest


def deadline(channel: Channel, waiting_since: datetime | None) -> datetime | None:
    """When an article that waits since then must be out, in whole milliseconds; None if nothing waits."""
    if waiting_since is None or channel.max_wait_seconds is None:
        return None
    due = in_milliseconds(waiting_since + timedelta(seconds=channel.max_wait_seconds) + MILLISECOND)
    quiet = _quiet_span(channel, due)
    return quiet[1] if quiet else due


def in_milliseconds(moment: datetime) -> datetime:
    """The moment, what is left of a whole millisecond cut off."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
