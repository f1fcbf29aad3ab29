"""When the windows of a channel close: boundaries in time, as pure functions of aware datetimes.

Boundaries by seconds are the multiples since the Unix epoch. Boundaries by cron are moments of the
wall clock in the channel's zone, with Debian cron's rules for daylight saving time: a moment that
does not exist counts right after the gap, a moment that exists twice counts the first time only;
expressions that begin minute or hour with ``*`` follow real time instead.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cronsim import CronSim

from newsfeed.channels import Channel

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def next_boundary(channel: Channel, after: datetime) -> datetime:
    """The first boundary strictly after ``after``, in UTC."""
    if channel.every_seconds is not None:
        step = timedelta(seconds=channel.every_seconds)
        return EPOCH + ((after - EPOCH) // step + 1) * step
    assert channel.cron is not None
    # cronsim counts on the naive wall clock, so in the second pass of a doubled hour it first
    # names moments of the first pass, which are over.
    for moment in CronSim(channel.cron, after.astimezone(channel.zone)):
        boundary = moment.astimezone(UTC)
        if boundary > after:
            return boundary
    raise AssertionError(f"{channel.cron!r} was checked to fire")


def last_boundary(channel: Channel, at_or_before: datetime) -> datetime:
    """The newest boundary not later than ``at_or_before``, in UTC."""
    if channel.every_seconds is not None:
        step = timedelta(seconds=channel.every_seconds)
        return EPOCH + (at_or_before - EPOCH) // step * step
    # Forward is the only direction with one meaning, so go back far enough and then walk; doubling
    # keeps the walk short for every cadence from a minute to a leap day.
    back = timedelta(minutes=1)
    while next_boundary(channel, at_or_before - back) > at_or_before:
        back *= 2
    boundary = next_boundary(channel, at_or_before - back)
    while (following := next_boundary(channel, boundary)) <= at_or_before:
        boundary = following
    return boundary


def may_freeze(channel: Channel, boundary: datetime, now: datetime) -> bool:
    """Whether the events in flight at the boundary have had their time to settle."""
    return now >= boundary + timedelta(seconds=channel.settle_seconds)


def due_boundary(channel: Channel, since: datetime | None, now: datetime) -> datetime | None:
    """The newest boundary after ``since`` that may be frozen at ``now``, or None.

    ``since`` is the boundary at which the channel's last window closed, None if none ever did.
    Older boundaries that were missed give no windows of their own: one digest covers them all.
    """
    newest = last_boundary(channel, now - timedelta(seconds=channel.settle_seconds))
    return newest if since is None or newest > since else None
