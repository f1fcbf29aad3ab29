"""Stories on a real Redis: what was decided stands, whoever dies, drops the index or takes articles away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from newsfeed import streams
from newsfeed.documents import Mention
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import Client
from newsfeed.testing.facts import corrected_append
from newsfeed.values import ArticleAlike, EntityAdded, EntityRemoved, TopicAdded
from quality import stories as gold
from services.enrich.joining import Stories, gone
from services.enrich.profiles import Findings, Named, Place, Profile, profile_of
from services.enrich.story_fill import fill
from services.enrich.story_index import FORGOTTEN_AT_ONCE, RedisIndex
from services.enrich.story_memory import MemoryIndex
from services.enrich.story_records import WINDOW_MS, Decision, Record, Seen
from services.enrich.text import tokenise
from tests.integration.enrich.newsroom import BANK, FERRY, FERRY_AGAIN, FERRY_LATER, Newsroom

NOON_MS = 1_772_452_800_000


def profile(article_id: str, text: str = FERRY.text, *, version: int = 1, at_ms: int = NOON_MS) -> Profile:
    found = Findings("en", (Named("place:geneva", "LOC", 1.0),), frozenset({"medtop:03000000"}))
    return profile_of(Place(article_id, version, at_ms), tokenise(text), 200, found)


async def nothing() -> None:
    """An empty log fills nothing."""


async def state(redis: Client) -> dict[str, Any]:
    """What the index holds, but for the order in which it came there."""
    return {
        "records": await redis.hgetall(streams.STORY_RECORDS),
        "names": await redis.hgetall(streams.STORY_NAMES),
        "times": await redis.zrange(streams.STORY_TIMES, 0, -1, withscores=True),
        "postings": await redis.zrange(streams.STORY_POSTINGS, 0, -1),
        "newest": await redis.hget(streams.STORY_STATE, "newest"),
    }


@pytest.mark.parametrize("half", ["tune", "floor"])
async def test_both_indexes_give_the_same_answers(index: RedisIndex, half: str) -> None:
    """What was measured in memory must hold on Redis."""
    profiles = [gold.given_profile(number, one) for number, one in enumerate(gold.halves()[half])]

    assert await gold.clustered(profiles, index) == await gold.clustered(profiles, MemoryIndex())


async def join_after_both_looked(index: RedisIndex) -> list[str]:
    """The stories of two copies whose processes looked at the same time; each goes on as it would."""
    one, other = profile("a"), profile("b")
    stories = Stories(index, nothing)
    await index.mark_filled()
    seen = await index.look("b", other.names, other.at_ms)
    first = await stories.join(one)
    looks = [seen]
    look = index.look

    async def slow(article_id: str, names: tuple[str, ...], at_ms: int) -> Seen:
        return looks.pop() if looks else await look(article_id, names, at_ms)

    index.look = slow  # type: ignore[method-assign,assignment]  # this look was answered before
    return [first.story_id, (await stories.join(other)).story_id]


async def test_two_copies_at_the_same_time_get_one_story(index: RedisIndex) -> None:
    """Each process saw nothing of the other when it looked."""
    first, second = await join_after_both_looked(index)

    assert first == second


class Unguarded(RedisIndex):
    """The bug: place whatever was decided, if anything happened meanwhile or not."""

    async def place(self, record: Record, seen: Seen) -> bool:
        now = await super().look(record.article_id, (), record.at_ms)
        return await super().place(record, replace(seen, sequence=now.sequence))


async def test_a_place_without_a_guard_would_be_noticed(redis: Client) -> None:
    """The bug that most indexes have; the test above tells it."""
    first, second = await join_after_both_looked(Unguarded(redis))

    assert first != second


async def test_articles_with_nothing_in_common_do_not_disturb_each_other(index: RedisIndex) -> None:
    """Else many processes would decide everything over and over."""
    bank = profile_of(Place("bank", 1, NOON_MS), tokenise(BANK.text), 200, Findings("en", (), frozenset()))
    seen = await index.look("bank", bank.names, bank.at_ms)
    await Stories(index, index.mark_filled).join(profile("ferry"))

    assert await index.place(Record("bank", 1, NOON_MS, "s", bank), seen)


async def test_what_is_older_than_three_days_is_forgotten(index: RedisIndex, redis: Client) -> None:
    """By the time of articles: a log that is replayed in a minute forgets the same."""
    stories = Stories(index, index.mark_filled)
    old = await stories.join(profile("old"))
    edge = await stories.join(profile("edge", at_ms=NOON_MS + WINDOW_MS))
    new = await stories.join(profile("new", at_ms=NOON_MS + WINDOW_MS + 1))

    assert (edge.story_id, new.story_id) == (old.story_id, old.story_id)
    late = await stories.join(profile("late", at_ms=NOON_MS))
    assert [one.article_id for one in late.alike] == ["edge"]
    assert sorted(await redis.hkeys(streams.STORY_RECORDS)) == [b"edge", b"new"]
    assert await redis.zcard(streams.STORY_POSTINGS) == 2 * len(profile("new").names)


async def test_what_waits_to_be_forgotten_is_not_seen(index: RedisIndex) -> None:
    """Not everything goes at once, and answers must not depend on when it does."""
    stories = Stories(index, index.mark_filled)
    for number in range(FORGOTTEN_AT_ONCE + 2):
        await stories.join(profile(f"old{number}"))
    new = profile("new", at_ms=NOON_MS + WINDOW_MS + 1)
    await stories.join(new)

    assert (await index.look("newer", new.names, new.at_ms)).others[0].article_id == "new"
    assert len((await index.look("newer", new.names, new.at_ms)).others) == 1
    assert (await index.look("before", new.names, NOON_MS)).others == []


async def test_an_erased_article_leaves_nothing_of_its_words(
    newsroom: Newsroom, redis: Client, index: RedisIndex
) -> None:
    """Hashes of words can be found out by trying words."""
    await newsroom.enrich(await newsroom.arrive("a", FERRY))
    assert await redis.zcard(streams.STORY_POSTINGS)
    await newsroom.enrich(await newsroom.erase("a", 2, FERRY))

    assert await redis.zcard(streams.STORY_POSTINGS) == 0
    assert await redis.exists(streams.STORY_NAMES) == 0
    assert await redis.zcard(streams.STORY_TOUCHED) == 1
    known = (await index.look("a", (), NOON_MS)).known
    assert known
    assert known.profile is None
    assert await newsroom.story("b", FERRY_AGAIN) != known.story_id


async def test_whoever_read_an_article_before_it_was_erased_brings_nothing_back(index: RedisIndex) -> None:
    """A process that lost its partition may still be at work."""
    stories = Stories(index, index.mark_filled)
    slow = profile("a")
    seen = await index.look("a", slow.names, slow.at_ms)
    await stories.leave("a", 2, NOON_MS)

    assert not await index.place(Record("a", 1, NOON_MS, "s", slow), seen)
    decided = await stories.join(slow)
    assert (await index.look("b", slow.names, NOON_MS)).others == []
    assert await stories.join(slow) == decided


async def test_a_decision_that_saw_an_article_before_it_was_erased_is_made_again(index: RedisIndex) -> None:
    """It would name the article as alike, and join its story."""
    await Stories(index, index.mark_filled).join(profile("a"))
    copy = profile("b")
    seen = await index.look("b", copy.names, NOON_MS)
    await Stories(index, nothing).leave("a", 2, NOON_MS)

    assert seen.others
    assert not await index.place(Record("b", 1, NOON_MS, "s", copy), seen)


async def test_a_revised_article_keeps_its_story(newsroom: Newsroom) -> None:
    """Also when it comes to resemble something else, was withdrawn between, or is of the same batch."""
    await newsroom.enrich(await newsroom.arrive("bank", BANK, hours=99))
    first = await newsroom.arrive("a", FERRY, hours=98)
    second = await newsroom.arrive("a", BANK, version=2, hours=100)
    story = await newsroom.enrich(first, second)
    gone = await newsroom.withdraw("a", 3)
    back = await newsroom.arrive("a", FERRY_AGAIN, version=4, hours=101)
    await newsroom.enrich(gone)

    assert len({event.story_id for event in (*story, *await newsroom.enrich(back))}) == 1


async def test_a_corrected_article_keeps_story_and_copies(newsroom: Newsroom, index: RedisIndex) -> None:
    """Also when the index has forgotten it: the log has not."""
    await newsroom.enrich(await newsroom.arrive("a", FERRY))
    [before] = await newsroom.enrich(await newsroom.arrive("b", FERRY_AGAIN))
    await index.clear()
    correction = corrected_append("b", TopicAdded(id="medtop:04000000"), sha256=FERRY_AGAIN.sha256)
    [after] = await newsroom.enrich(await newsroom.tell(correction))

    assert (after.story_id, after.alike) == (before.story_id, before.alike)
    assert after.event_id != before.event_id
    assert after.alike


GENEVA, BASEL = "geonames:2660646", "geonames:2661604"


async def told_of(index: RedisIndex, article_id: str) -> set[str]:
    """The entities that others compare an article by."""
    known = (await index.look(article_id, (), NOON_MS)).known
    assert known
    assert known.profile
    return set(known.profile.entities)


async def test_others_see_an_article_as_it_was_corrected(newsroom: Newsroom, index: RedisIndex) -> None:
    """Also after the index was dropped, or its process died; an older word does not come back."""
    first = await newsroom.enrich(await newsroom.arrive("a", FERRY))
    away = corrected_append("a", EntityRemoved(id=GENEVA), sha256=FERRY.sha256)
    town = corrected_append(
        "a", EntityAdded(id=BASEL, type="LOC", mentions=(Mention(start=0, end=5),)), sha256=FERRY.sha256
    )
    causes = [await newsroom.tell(away), await newsroom.tell(town)]
    assert GENEVA in await told_of(index, "a")

    corrected = [*await newsroom.enrich(causes[0]), *await newsroom.enrich(causes[1])]
    live = await told_of(index, "a")
    await newsroom.react(causes[0])

    assert {event.story_id for event in corrected} == {first[0].story_id}
    assert BASEL in live
    assert GENEVA not in live
    assert await told_of(index, "a") == live
    await index.clear()
    await fill(newsroom.log, index)
    assert await told_of(index, "a") == live


async def test_a_correction_from_before_a_revision_is_not_seen_in_its_stead(
    newsroom: Newsroom, index: RedisIndex
) -> None:
    """A process that lost its partition may still hold it."""
    await newsroom.enrich(await newsroom.arrive("a", FERRY))
    cause = await newsroom.tell(corrected_append("a", EntityRemoved(id=GENEVA), sha256=FERRY.sha256))
    await newsroom.enrich(cause)
    await newsroom.enrich(await newsroom.arrive("a", BANK, version=2))
    await newsroom.react(cause)

    assert "iso3166:NO" in await told_of(index, "a")


async def test_copies_and_later_reports_are_told(newsroom: Newsroom) -> None:
    """Digests are cut from the events alone."""
    await newsroom.enrich(await newsroom.arrive("a", FERRY))
    [copy] = await newsroom.enrich(await newsroom.arrive("b", FERRY_AGAIN, hours=1))
    [later] = await newsroom.enrich(await newsroom.arrive("c", FERRY_LATER, hours=20))
    [bank] = await newsroom.enrich(await newsroom.arrive("d", BANK, hours=20))

    assert [(one.article_id, one.likeness > 0.5) for one in copy.alike] == [("a", True)]
    assert (later.alike, later.story_id) == ((), copy.story_id)
    assert bank.story_id != copy.story_id


async def test_a_version_asked_about_again_gets_the_first_answer(newsroom: Newsroom, redis: Client) -> None:
    """Killed after the index was written and before the log was: others have built on the decision."""
    first = await newsroom.arrive("a", FERRY)
    [lost] = await newsroom.react(first)  # Here the process dies.
    other = await newsroom.enrich(await newsroom.arrive("b", FERRY_AGAIN))
    again = Newsroom(newsroom.log, RedisIndex(redis))
    [found] = await again.enrich(first)

    assert (found.story_id, found.alike, found.event_id) == (lost.story_id, (), lost.event_id)
    assert other[0].story_id == found.story_id


async def test_a_dropped_index_is_filled_from_the_log(
    newsroom: Newsroom, redis: Client, index: RedisIndex
) -> None:
    """It is a projection: the events say what was decided, the texts what it was decided by."""
    for hour, (article_id, text) in enumerate({"a": FERRY, "b": FERRY_AGAIN, "c": BANK, "d": FERRY}.items()):
        await newsroom.enrich(await newsroom.arrive(article_id, text, hours=hour))
    await newsroom.enrich(await newsroom.arrive("b", FERRY_LATER, version=2, hours=5))
    await newsroom.enrich(await newsroom.withdraw("c", 2))
    await newsroom.enrich(await newsroom.erase("d", 2, FERRY))
    waiting = await newsroom.arrive("e", FERRY_LATER, hours=6)
    before = await state(redis)
    expected = [event.story_id for event in await newsroom.react(waiting)]
    await index.clear()

    again = await Newsroom(newsroom.log, index).enrich(waiting)

    assert [event.story_id for event in again] == expected
    await index.clear()
    await fill(newsroom.log, index)
    after = await state(redis)
    assert {key: one for key, one in after["records"].items() if key != b"e"} == before["records"]


class Dying(RedisIndex):
    """An index whose process dies after so many places."""

    left = 0

    async def place(self, record: Record, seen: Seen) -> bool:
        if not self.left:
            raise asyncio.CancelledError
        self.left -= 1
        return await super().place(record, seen)


@pytest.mark.parametrize("left", range(6))
async def test_filling_may_be_killed_at_any_point(
    newsroom: Newsroom, redis: Client, index: RedisIndex, left: int
) -> None:
    """Half an index must not be taken for a whole one."""
    for number in range(5):
        await newsroom.enrich(await newsroom.arrive(f"a{number}", (FERRY, BANK)[number % 2], hours=number))
    before = await state(redis)
    await index.clear()
    dying = Dying(redis)
    dying.left = left
    waiting = await newsroom.arrive("e", FERRY_LATER, hours=6)
    with pytest.raises(asyncio.CancelledError):
        await Newsroom(newsroom.log, dying).enrich(waiting)

    await Newsroom(newsroom.log, RedisIndex(redis)).react(waiting)

    after = await state(redis)
    assert {key: one for key, one in after["records"].items() if key != b"e"} == before["records"]


async def test_what_was_enriched_before_there_were_stories_is_passed_over(
    newsroom: Newsroom, index: RedisIndex, log: EventLog
) -> None:
    """Old logs hold enrichments without a story."""
    event = await newsroom.arrive("a", FERRY)
    [found] = await newsroom.react(event)
    append = newsroom.made[0]
    bare = found.model_copy(update={"story_id": None})
    await log.append(log.partition_of("a"), [replace(append, event=bare)])
    await index.clear()

    assert await newsroom.story("b", FERRY, hours=1) != found.story_id


def test_a_record_is_read_as_it_was_written() -> None:
    alike = (ArticleAlike(article_id="b", version=2, likeness=0.5),)
    record = Record.of(profile("a"), Decision("story", alike))

    again = Record.from_bytes(record.to_bytes())

    assert again.to_bytes() == record.to_bytes()
    assert again.names == record.names
    assert gone("a", 2, NOON_MS, record).names == ()
