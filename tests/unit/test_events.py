"""What is written without its absent fields can be read again."""

from __future__ import annotations

from newsfeed.envelope import derive_id
from newsfeed.events import SeedRejected, WindowSkipped, parse_channel_event, parse_log_event
from newsfeed.testing.facts import NOON, seed
from newsfeed.values import Window


def test_a_rejection_of_a_seed_that_could_not_be_read_is_readable() -> None:
    """Its bytes are unknown: the log keeps no sha256 of them."""
    event = SeedRejected(
        event_id=derive_id("rejected"),
        occurred_at=NOON,
        correlation_id=derive_id("seed"),
        source_id="town",
        seed=seed().model_copy(update={"sha256": None}),
        code="unreadable",
    )

    assert parse_log_event(event.model_dump_json(exclude_none=True).encode()) == event


def test_the_first_window_of_a_channel_is_readable() -> None:
    """Nothing opened it: it covers everything since the beginning."""
    fact = WindowSkipped(
        event_id=derive_id("skipped"),
        occurred_at=NOON,
        correlation_id=derive_id("skipped"),
        channel="latest",
        channel_version="0" * 64,
        window=Window(opened_at=None, closed_at=NOON, ranges=()),
    )

    assert parse_channel_event(fact.model_dump_json(exclude_none=True).encode()) == fact
