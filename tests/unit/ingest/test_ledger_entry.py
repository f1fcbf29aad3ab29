"""What the ledger concludes from an entry: whether a seed with known bytes is read again."""

from __future__ import annotations

from services.ingest.ledger_entry import LedgerEntry, Outcome
from services.ingest.looks import look_with

LOOK = look_with(10, 2, 3, 4)


def entry(outcome: Outcome) -> LedgerEntry:
    return LedgerEntry(sha256="a" * 64, outcome=outcome, article_ids=("x",))


def test_the_same_bytes_are_done_once_they_were_taken_in() -> None:
    """A touch changes the look only."""
    assert entry("ingested").seen_as(LOOK).is_done_with("a" * 64)
    assert entry("duplicate").seen_as(LOOK).is_done_with("a" * 64)
    assert entry("rejected").seen_as(LOOK).is_done_with("a" * 64)


def test_other_bytes_are_never_done() -> None:
    """They are a revision, or another attempt."""
    assert not entry("ingested").seen_as(LOOK).is_done_with("b" * 64)


def test_a_seed_that_was_begun_is_not_done() -> None:
    """A crash may have left half of a feed outside the log; the rest must not be lost."""
    assert not entry("begun").is_done_with("a" * 64)


def test_what_the_log_knows_as_taken_in_is_done() -> None:
    """To read it again could bring an old text back over a newer one of another seed."""
    assert entry("ingested").is_done_with("a" * 64)
    assert entry("duplicate").is_done_with("a" * 64)


def test_a_rejection_that_only_the_log_knows_is_tried_again() -> None:
    """The crash that kept it out of the ledger may have kept its reason out of the folder."""
    assert not entry("rejected").is_done_with("a" * 64)


def test_a_seed_without_a_hash_is_never_known_by_its_bytes() -> None:
    """It was too large or unreadable; nobody knows what is in it."""
    too_large = LedgerEntry(sha256=None, outcome="rejected", code="too_large").seen_as(LOOK)

    assert not too_large.is_done_with("a" * 64)


def test_an_entry_survives_its_json() -> None:
    """It is what Redis keeps; one that cannot be read again ends the program at every start."""
    stored = LedgerEntry(sha256=None, outcome="rejected", code="too_large").seen_as(LOOK)

    assert stored == LedgerEntry.model_validate_json(stored.model_dump_json(exclude_none=True))
    assert stored.look is not None
    assert look_with(*stored.look) == LOOK
