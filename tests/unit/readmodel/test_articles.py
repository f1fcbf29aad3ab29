"""What the fold makes of an article's events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from newsfeed.documents import Language
from newsfeed.envelope import derive_id
from newsfeed.events import ArticleDuplicated, ArticleIngested, ArticleRevised, LogEvent, SeedMoved
from newsfeed.readmodel.articles import ArticleState, evolve
from newsfeed.testing.facts import NOON, enrichment_append, seed, version_append, withdrawn_append
from newsfeed.values import EntityFound, TopicFound


def at(event: LogEvent, position: int) -> LogEvent:
    """The event as the log keeps it: recorded a second after the position before."""
    recorded_at = NOON + timedelta(seconds=position)
    return event.model_copy(update={"position": position, "recorded_at": recorded_at})


def version(number: int, position: int, **fields: object) -> ArticleIngested | ArticleRevised:
    event = at(version_append("a", number).event.model_copy(update=fields), position)
    assert isinstance(event, ArticleIngested | ArticleRevised)
    return event


def enriched(of: ArticleIngested | ArticleRevised, position: int, language: str = "fr") -> LogEvent:
    entity = EntityFound(id=f"local:v{of.version}", type="PER", score=1, salience=1, mention_count=2)
    topic = TopicFound(id="medtop:16000000", score=0.5)
    event = enrichment_append(of, (topic,), (entity,)).event
    found = Language(code=language, confidence=1, method="detected")
    return at(event.model_copy(update={"language": found}), position)


def folded(*events: LogEvent) -> ArticleState:
    state = None
    for event in events:
        state = evolve(state, event)
    assert state is not None
    return state


def test_the_first_version_makes_an_active_article() -> None:
    state = folded(version(1, 1, language="de"))

    assert (state.version, state.status, state.language, state.seed) == (1, "active", "de", "town/a.txt")
    assert state.ingested_at == state.updated_at == NOON + timedelta(seconds=1)


def test_enrichment_replaces_the_declared_language() -> None:
    first = version(1, 1, language="de")

    state = folded(first, enriched(first, 2))

    assert (state.language, state.enriched_version, state.is_enriched) == ("fr", 1, True)
    assert [entity.id for entity in state.entities] == ["local:v1"]


def test_a_revision_keeps_what_was_found_until_it_is_enriched_itself() -> None:
    """A channel's list of articles should not lose one while its revision is being read."""
    first = version(1, 1)

    state = folded(first, enriched(first, 2), version(2, 3, language="de"))

    assert (state.version, state.enriched_version, state.is_enriched) == (2, 1, False)
    assert state.language == "fr"
    assert state.topics != ()


def test_a_late_enrichment_of_an_older_version_replaces_nothing_newer() -> None:
    first, second = version(1, 1), version(2, 2)

    state = folded(first, second, enriched(second, 3), enriched(first, 4, language="es"))

    assert (state.enriched_version, state.language, state.position) == (2, "fr", 4)


def test_a_withdrawn_article_keeps_its_last_text() -> None:
    first = version(1, 1)

    state = folded(first, at(withdrawn_append("a", 2).event, 2))

    assert (state.status, state.version, state.content_version) == ("withdrawn", 2, 1)
    assert state.content_sha256 == first.content_sha256


def test_a_version_after_a_withdrawal_is_active_again() -> None:
    state = folded(version(1, 1), at(withdrawn_append("a", 2).event, 2), version(3, 3))

    assert (state.status, state.version) == ("active", 3)


def test_a_second_file_with_the_same_bytes_is_named_once() -> None:
    first = version(1, 1)
    event = ArticleDuplicated(
        event_id=derive_id("duplicate"),
        occurred_at=NOON,
        correlation_id=first.correlation_id,
        article_id="a",
        version=1,
        seed=seed("town/copy.txt"),
        first_path=first.seed.path,
    )

    state = folded(first, at(event, 2), at(event, 3))

    assert state.duplicates == ("town/copy.txt",)


def test_a_moved_seed_is_found_under_its_new_path() -> None:
    """The article itself is what it was."""
    first = version(1, 1)
    event = SeedMoved(
        event_id=derive_id("moved"),
        occurred_at=NOON,
        correlation_id=first.correlation_id,
        article_id=first.subject,
        version=1,
        seed=seed("coast/ferry.txt"),
        from_path="town/ferry.txt",
    )

    state = folded(first, at(event, 2))

    assert state is not None
    assert (state.seed, state.version, state.position) == ("coast/ferry.txt", 1, 2)


def test_the_same_events_twice_change_nothing() -> None:
    first, second = version(1, 1), version(2, 3)
    events = [first, enriched(first, 2), second, enriched(second, 4), at(withdrawn_append("a", 3).event, 5)]

    once = folded(*events)
    twice = folded(*(event for event in events for _ in range(2)))

    assert once == twice == folded(*events, *events)


@pytest.mark.parametrize("kind", ["enriched", "duplicated"])
def test_an_article_whose_beginning_is_unknown_waits_for_its_next_version(kind: str) -> None:
    found = enriched(version(1, 1), 2)
    duplicated = ArticleDuplicated(
        **found.model_dump(include={"event_id", "occurred_at", "correlation_id", "article_id", "version"}),
        seed=seed(),
        first_path="x",
    )

    events: dict[str, LogEvent] = {"enriched": found, "duplicated": duplicated}
    state = evolve(None, events[kind])

    assert state is None
