"""Which events a reading is worth, given what the log holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import Append
from newsfeed.events import (
    ArticleDuplicated,
    ArticleIngested,
    ArticleRevised,
    ArticleWithdrawn,
    LogEvent,
    SeedRejected,
    VersionEvent,
)
from newsfeed.values import Seed
from services.ingest import intake
from services.ingest.article import Article, Reading, Rejection
from services.ingest.intake import Arrival

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def arrival(path: str = "town/ferry.txt", sha256: str | None = "a" * 64, read_at: datetime = NOON) -> Arrival:
    seed = Seed(path=path, sha256=sha256, size_bytes=100, modified_at=NOON)
    return Arrival(seed, path.split("/", maxsplit=1)[0], read_at)


def article(body: str = "The ferry is back.", **fields: object) -> Article:
    return Article.model_validate({"document": ArticleDocument(title="Ferry", body=body), **fields})


def decided(known: Sequence[LogEvent], *articles: Article, arrived: Arrival | None = None) -> list[LogEvent]:
    """What a seed with these articles adds to a log that holds ``known``."""
    arrived = arrived or arrival()
    reading = Reading(format="text", parser_version=1, articles=articles)
    newest = {event.article_id: event for event in known if isinstance(event, VersionEvent)}
    appends = intake.decide(arrived, reading, intake.identified(arrived, reading), newest).appends
    return [append.event for append in appends]


def test_an_unknown_article_is_ingested_as_version_one() -> None:
    """With its text beside the event, not in it."""
    text = article(urgency=3, language="en", topics=("04000000",))
    reading = Reading(format="text", parser_version=7, articles=(text,))
    arrived = arrival()

    (append,) = intake.decide(arrived, reading, intake.identified(arrived, reading), {}).appends

    event = append.event
    assert isinstance(event, ArticleIngested)
    assert (event.version, event.content_sha256) == (1, text.document.sha256)
    assert (event.source_id, event.parser_version, event.urgency) == ("town", 7, 3)
    assert (event.correlation_id, event.causation_id) == (arrived.correlation_id, None)
    assert [text.document] == append.documents
    assert "ferry is back" not in event.model_dump_json()


def test_another_text_revises() -> None:
    """The revision names what it replaces and what it was caused by."""
    (first,) = decided([], article("One."))
    (second,) = decided([first], article("Two."), arrived=arrival(sha256="b" * 64))

    assert isinstance(first, ArticleIngested)
    assert isinstance(second, ArticleRevised)
    assert (second.version, second.previous_content_sha256) == (2, first.content_sha256)
    assert second.causation_id == first.event_id
    assert second.correlation_id != first.correlation_id


def test_the_same_text_in_other_bytes_is_no_event() -> None:
    """A feed that was fetched again is other bytes and the same news."""
    known = decided([], article())

    assert decided(known, article(topics=("04000000",)), arrived=arrival(sha256="b" * 64)) == []


def test_going_back_to_an_earlier_text_is_a_revision_of_its_own() -> None:
    """Its event must not have the id of the first: the log would take it for a repetition and drop it."""
    (first,) = decided([], article("One."))
    (second,) = decided([first], article("Two."))
    (third,) = decided([second], article("One."))

    assert [event.version for event in (first, second, third) if isinstance(event, VersionEvent)] == [1, 2, 3]
    assert len({first.event_id, second.event_id, third.event_id}) == 3


def test_a_canceled_article_is_withdrawn() -> None:
    """An agency's kill has to reach whoever read the article."""
    (first,) = decided([], article())
    (kill,) = decided([first], article(status="canceled"))

    assert isinstance(kill, ArticleWithdrawn)
    assert (kill.version, kill.reason, kill.causation_id) == (2, "wire_canceled", first.event_id)


def test_a_withheld_article_is_withdrawn() -> None:
    """The reason keeps the two apart."""
    (kill,) = decided(decided([], article()), article(status="withheld"))

    assert isinstance(kill, ArticleWithdrawn)
    assert kill.reason == "wire_withheld"


def test_a_kill_of_an_unknown_article_is_no_event() -> None:
    """Nobody read it."""
    assert decided([], article(status="canceled")) == []


def test_a_second_kill_is_no_event() -> None:
    """It is withdrawn already."""
    known = decided(decided([], article()), article(status="canceled"))

    assert decided(known, article(status="canceled")) == []


def test_a_withdrawn_article_can_come_back() -> None:
    """With the very text that it had: readers have to learn that it stands again."""
    (first,) = decided([], article())
    (kill,) = decided([first], article(status="canceled"))
    (back,) = decided([kill], article())

    assert isinstance(first, ArticleIngested)
    assert isinstance(back, ArticleRevised)
    assert (back.version, back.content_sha256) == (3, first.content_sha256)
    assert back.previous_content_sha256 is None


def test_event_ids_do_not_depend_on_the_clock() -> None:
    """What is done again after a crash must be recognised as the same fact."""
    once = decided([], article(), article("Two.", local_id="b"))
    again = decided(
        [], article(), article("Two.", local_id="b"), arrived=arrival(read_at=NOON + timedelta(hours=1))
    )

    assert [event.event_id for event in once] == [event.event_id for event in again]


def test_an_own_id_identifies_an_article_within_its_source() -> None:
    """Under any file name, but never in another source: two papers may count from one."""
    (here,) = decided([], article(local_id="7"), arrived=arrival("town/a.txt"))
    (renamed,) = decided([], article(local_id="7"), arrived=arrival("town/b.txt"))
    (elsewhere,) = decided([], article(local_id="7"), arrived=arrival("coast/a.txt"))

    assert isinstance(here, ArticleIngested)
    assert isinstance(renamed, ArticleIngested)
    assert isinstance(elsewhere, ArticleIngested)
    assert here.article_id == renamed.article_id != elsewhere.article_id


def test_the_path_identifies_an_article_without_an_id() -> None:
    """And its place, where a seed holds several."""
    events = decided([], article("One."), article("Two.")) + decided([], article(), arrived=arrival("town/b"))

    assert len({event.subject for event in events}) == 3


def test_of_two_articles_with_one_id_the_later_counts() -> None:
    """Two versions of one article in one commit could not both be version 1."""
    (event,) = decided([], article("One.", local_id="7"), article("Two.", local_id="7"))

    assert isinstance(event, ArticleIngested)
    assert event.content_sha256 == article("Two.").document.sha256


def test_a_duplicate_names_both_seeds() -> None:
    """An editor asks where the other one is."""
    (original,) = decided([], article())
    assert isinstance(original, ArticleIngested)

    event = intake.duplicated(arrival("town/copy.txt"), "town/ferry.txt", original).event

    assert isinstance(event, ArticleDuplicated)
    assert (event.seed.path, event.first_path) == ("town/copy.txt", "town/ferry.txt")
    assert (event.article_id, event.causation_id) == (original.article_id, original.event_id)


def test_every_copy_is_a_fact_of_its_own() -> None:
    """And each of them the same fact when it is found again."""
    (original,) = decided([], article())
    assert isinstance(original, ArticleIngested)

    def event_id(path: str) -> object:
        return intake.duplicated(arrival(path), "town/ferry.txt", original).event.event_id

    assert event_id("town/b.txt") == event_id("town/b.txt") != event_id("town/c.txt")


def test_a_rejection_is_the_same_fact_for_the_same_bytes() -> None:
    """A restart must not reject a seed twice; other bytes are another attempt."""

    def event_id(sha256: str | None) -> object:
        return intake.rejected(arrival(sha256=sha256), Rejection("corrupt", "line 1")).event.event_id

    event = intake.rejected(arrival(), Rejection("corrupt", "line 1")).event

    assert isinstance(event, SeedRejected)
    assert (event.code, event.detail, event.source_id) == ("corrupt", "line 1", "town")
    assert event_id("a" * 64) == event_id("a" * 64) != event_id("b" * 64)


def test_one_correlation_id_follows_the_bytes_of_a_path() -> None:
    """`newsfeed trace` goes from the file to every delivery by it."""
    same = arrival(read_at=NOON + timedelta(days=1)).correlation_id

    assert same == arrival().correlation_id
    assert same != arrival(sha256="b" * 64).correlation_id
    assert same != arrival("town/other.txt").correlation_id


def test_appends_keep_their_order_within_a_partition() -> None:
    """The order of an article is the order of its partition."""
    appends = [Append(event) for event in decided([], *(article(local_id=str(n)) for n in range(6)))]
    parity = {append.event.subject: number % 2 for number, append in enumerate(appends)}

    grouped = intake.by_partition(appends, parity.__getitem__)

    assert {0: appends[0::2], 1: appends[1::2]} == grouped
