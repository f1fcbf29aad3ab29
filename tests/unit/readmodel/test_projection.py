"""What a batch makes of states and parked articles, and how states are kept."""

from __future__ import annotations

from uuid import uuid4

import pytest

from newsfeed.errors import EventUnreadable
from newsfeed.eventlog.entries import Entry
from newsfeed.events import LogEvent
from newsfeed.readmodel.articles import ARTICLES, ArticleState
from newsfeed.readmodel.parking import ParkedArticle, unknown
from newsfeed.readmodel.projection import Placed, Projection
from newsfeed.readmodel.projector import Batch, ProjectionHalted
from newsfeed.testing.builders import enriched, enrichment, ingested, revised, withdrawn
from newsfeed.testing.tally import TALLY, Tally


def entry(event: LogEvent | EventUnreadable, position: int, previous: int = 0) -> Entry:
    return Entry(position, str(uuid4()), 1, previous, event)


def unreadable(position: int, previous: int = 0) -> Entry:
    return entry(EventUnreadable("event_unreadable", "of the future"), position, previous)


def batch(*, strict: bool = False, begun_at: dict[str, str] | None = None) -> Batch[Tally]:
    return Batch(TALLY, "tally@1", 0, strict, {}, {}, begun_at or {})


def first(article_id: str, position: int) -> Entry:
    return entry(ingested(article_id, position=position), position)


def test_a_state_is_the_same_bytes_after_it_was_kept() -> None:
    """Else two versions of the same fold would differ by how often a state was read."""
    version = ingested("a", position=1)
    found = enrichment(topics={"medtop:1": 0.1 + 0.2}, entities={"local:x": 1 / 3})
    placed: Placed[ArticleState] | None = None
    events: list[LogEvent] = [version, enriched(version, found, 2), withdrawn("a", 2, 3)]
    for position, event in enumerate(events, start=1):
        placed = ARTICLES.after(placed, entry(event, position))
    assert placed is not None

    kept = ARTICLES.packed(placed)

    assert ARTICLES.unpacked(kept) == placed
    assert ARTICLES.packed(ARTICLES.unpacked(kept)) == kept


def test_an_event_that_cannot_be_read_parks_its_article_only() -> None:
    one = batch()

    one.fold("a", first("a", 1))
    one.fold("a", unreadable(2, 1))
    one.fold("b", first("b", 3))
    one.fold("a", entry(revised("a", 2, position=4), 4, 2))

    letter = one.changed["a"]
    assert letter is not None
    assert (letter.position, letter.last, letter.waiting, letter.reason) == (2, 4, 2, "event_unreadable")
    assert {subject: placed.position for subject, placed in one.states.items()} == {"a": 1, "b": 3}


def test_a_fold_that_raises_parks_without_quoting_the_error() -> None:
    """Its message may hold a text of the article."""

    def raising(state: Tally | None, event: LogEvent) -> Tally:
        raise ValueError(f"secret words of {event.subject} {state}")

    broken = Projection("tally", 1, TALLY.events, raising, TALLY.encode, TALLY.decode)
    one = Batch(broken, "tally@1", 0, stored={}, parked={}, strict=False)

    one.fold("a", first("a", 1))

    letter = one.changed["a"]
    assert letter is not None
    assert (letter.reason, letter.detail, letter.subject) == ("fold_failed", "ValueError", "a")


def test_a_rebuild_halts_with_the_position() -> None:
    one = batch(strict=True)

    with pytest.raises(ProjectionHalted, match="partition 0 at position 7: event_unreadable") as halted:
        one.fold("a", unreadable(7))

    assert halted.value.position == 7
    assert one.changed == {}


def test_an_article_whose_beginning_nobody_can_read_is_parked_from_there() -> None:
    """Folding on from its second version would make it an article that began later than it did."""
    one = batch(begun_at={"a": unknown(5)})

    one.fold(unknown(5), unreadable(5))
    one.fold("a", entry(revised("a", 2, position=6), 6, 5))

    letter = one.changed["a"]
    assert letter is not None
    assert (letter.position, letter.last, letter.subject) == (5, 6, "a")
    assert one.changed[unknown(5)] is None
    assert one.states == {}


def test_a_damaged_state_parks_its_article() -> None:
    one = Batch(TALLY, "tally@1", 0, stored={"a": b"rubbish"}, parked={}, strict=False)

    one.fold("a", first("a", 1))

    assert isinstance(one.changed["a"], ParkedArticle)


def test_an_event_that_was_passed_by_is_counted_once() -> None:
    letter = ParkedArticle.at(unreadable(2, 1), EventUnreadable("x"), "tally@1", 0, "a")

    assert letter.behind(4).behind(4).waiting == 2
