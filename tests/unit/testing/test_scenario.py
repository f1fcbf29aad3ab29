"""A scenario holds for what is right, and fails for every mistake that it is there to find."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import uuid4

import pytest

from newsfeed.errors import Poisonous
from newsfeed.eventlog import Append, ArticleLog
from newsfeed.eventlog.reacting import Handler, React
from newsfeed.events import ArticleEnriched, ArticleIngested, ArticleRevised, LogEvent
from newsfeed.testing.facts import document, enrichment_append, version_append
from newsfeed.testing.scenario import FoldScenario, HandlerScenario, expect, folding, handling


def deriving(derive: Callable[[ArticleIngested | ArticleRevised, int], list[Append]]) -> HandlerScenario:
    """A handler that derives something from each version, told as the first, second … of its batch."""

    async def react(_: int, events: Sequence[LogEvent]) -> list[list[Append]]:
        versions = [event for event in events if isinstance(event, ArticleIngested | ArticleRevised)]
        return [derive(version, place) for place, version in enumerate(versions)]

    return handling(lambda _: handler_of(react))


def handler_of(react: React) -> Handler:
    return Handler("test", frozenset({"article.ingested", "article.revised"}), react)


def with_new_id(append: Append) -> Append:
    return replace(append, event=append.event.model_copy(update={"event_id": uuid4()}))


async def test_what_was_expected_and_derived_is_given_back() -> None:
    """For what a scenario cannot say."""
    scenario = deriving(lambda event, _: [enrichment_append(event)]).when(version_append("a"))

    [append] = await scenario.then(expect(ArticleEnriched, version=1))

    assert append.cause == 1


async def test_a_handler_with_new_ids_each_time_fails() -> None:
    """Planted: a redelivery forks history."""
    scenario = deriving(lambda event, _: [with_new_id(enrichment_append(event))]).when(version_append("a"))

    with pytest.raises(AssertionError, match="handled twice"):
        await scenario.then(expect(ArticleEnriched))


async def test_a_handler_that_looks_at_its_neighbours_fails() -> None:
    """Planted: a batch is cut by chance, and differently at the second time."""
    scenario = deriving(lambda event, place: [enrichment_append(event)] * (place == 0))

    with pytest.raises(AssertionError, match="alone"):
        await scenario.when(version_append("a"), version_append("b")).then(expect(ArticleEnriched))


async def test_a_handler_that_derives_the_same_event_twice_fails() -> None:
    """Planted: two enrichments with one id are one in the log, and whose document is kept is chance."""
    scenario = deriving(lambda event, _: [enrichment_append(event)] * 2).when(version_append("a"))

    with pytest.raises(AssertionError, match="the log keeps 1"):
        await scenario.then(expect(ArticleEnriched), expect(ArticleEnriched))


@pytest.mark.parametrize(("version", "count"), [(2, 1), (1, 0), (1, 2)])
async def test_another_event_or_number_of_events_fails(version: int, count: int) -> None:
    """What was not said would otherwise pass unseen."""
    scenario = deriving(lambda event, _: [enrichment_append(event)]).when(version_append("a"))

    with pytest.raises(AssertionError):
        await scenario.then(*[expect(ArticleEnriched, version=version)] * count)


async def test_poison_is_told_from_other_poison_and_from_success() -> None:
    """A dead letter's reason is what an operator goes by."""

    async def refuse(_: int, __: Sequence[LogEvent]) -> list[list[Append]]:
        raise Poisonous("no_words")

    poisonous = handling(lambda _: handler_of(refuse)).when(version_append("a"))
    sound = deriving(lambda event, _: [enrichment_append(event)]).when(version_append("a"))

    await poisonous.then_poisonous("no_words")

    with pytest.raises(AssertionError, match="the reason is no_words"):
        await poisonous.then_poisonous("too_long")
    with pytest.raises(AssertionError, match="not poisonous"):
        await sound.then_poisonous("no_words")


async def test_a_handler_can_read_the_texts_of_its_log() -> None:
    """That is why it is made for one."""
    text = document(title="In the log")
    read: list[str] = []

    def make(log: ArticleLog) -> Handler:
        async def react(partition: int, events: Sequence[LogEvent]) -> list[list[Append]]:
            read.extend(one.title for one in (await log.articles(partition, [text.sha256])).values())
            return [[] for _ in events]

        return handler_of(react)

    await handling(make).when(version_append("a", 1, text)).then_nothing()

    assert set(read) == {"In the log"}


def test_a_fold_that_counts_fails() -> None:
    """Planted: an event that was seen before changes the state."""

    def counted(state: int | None, _: LogEvent) -> int:
        return (state or 0) + 1

    scenario: FoldScenario[int] = folding(counted)

    with pytest.raises(AssertionError, match="seen twice"):
        scenario.given(version_append("a")).then(real=1)


def test_another_state_fails() -> None:
    """It names what is different, and only that."""

    def newest(_: LogEvent | None, event: LogEvent) -> LogEvent | None:
        return event

    scenario: FoldScenario[LogEvent] = folding(newest)
    scenario = scenario.given(version_append("a"), version_append("a", 2))

    assert scenario.then(version=2, article_id="a").position == 2
    with pytest.raises(AssertionError, match=r"\{'version': 2\}, expected \{'version': 1\}"):
        scenario.then(version=1, article_id="a")
    with pytest.raises(AssertionError, match="comes to"):
        scenario.then_nothing()
