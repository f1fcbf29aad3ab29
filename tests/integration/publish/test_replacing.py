"""A retraction while a digest is on its way: the rest of it is not sent, and a replacement goes out."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from newsfeed.channels import Channel
from newsfeed.deliveries import DeliverySucceeded
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.channel_rebuild import rebuild_channel
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.delivery_rebuild import rebuild_deliveries
from newsfeed.registry import SubscriptionPaused
from newsfeed.testing.facts import document
from newsfeed.testing.registering import fact
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.arrivals import Arrivals
from services.publish.publisher import ChannelPublisher
from services.publish.transports import DELIVERED, Outcome
from tests.integration.publish.newsroom import Newsroom

pytestmark = pytest.mark.by_turns

DOWN = Outcome("retry", "unreachable")


@pytest.fixture
def room(timeline: Timeline, channel: Channel) -> Newsroom:
    """Everything it sends arrives."""
    return Newsroom(timeline, channel)


async def test_what_was_not_sent_is_replaced_at_once(room: Newsroom) -> None:
    """Half a minute before the next boundary; nobody ever gets digest 1."""
    await room.subscribe("ada", "bob")
    await room.first()
    await room.withdraw("a")
    await room.publish(71)
    await room.deliver(72)

    one, two = await room.told()
    assert (one["supersedes"], two["supersedes"]) == (None, 1)
    assert [item["article_id"] for item in two["items"]] == ["b"]
    [notice] = two["notices"]
    assert (notice["kind"], notice["article_id"], notice["corrects"]["digest"]) == ("retraction", "a", 1)
    assert room.got("ada") == room.got("bob") == [2]
    assert await room.cancelled() == [("ada", 1, "superseded by 2"), ("bob", 1, "superseded by 2")]
    assert await room.problems() == []


async def test_who_had_it_gets_the_replacement_too(timeline: Timeline, channel: Channel) -> None:
    """One digest with one set of bytes for all."""
    room = Newsroom(timeline, channel, lambda one: DOWN if one.subscription_id == "bob" else DELIVERED)
    await room.subscribe("ada", "bob")
    await room.first()
    await room.deliver(62)
    await room.withdraw("a")
    await room.publish(71)
    room.transport.script = lambda _: DELIVERED
    await room.deliver(72)

    assert (room.got("ada"), room.got("bob")) == ([1, 2], [1, 2])
    assert len({body for _, number, *_, body in room.transport.sent if number == 2}) == 1
    assert await room.cancelled() == [("bob", 1, "superseded by 2")]


async def test_when_all_was_sent_the_notice_comes_alone(room: Newsroom) -> None:
    """And waits for its window, as ever."""
    await room.subscribe("ada", "bob")
    await room.first()
    await room.deliver(62)
    await room.withdraw("a")
    await room.publish(71)
    assert len(await room.told()) == 1
    await room.publish(121)
    await room.deliver(122)

    two = (await room.told())[1]
    assert (two["supersedes"], two["items"], len(two["notices"])) == (None, [], 1)
    assert room.got("ada") == room.got("bob") == [1, 2]
    assert await room.cancelled() == []


@pytest.mark.parametrize("subscribers", [[], ["ada"]], ids=["nobody", "paused"])
async def test_for_nobody_nothing_is_replaced(room: Newsroom, subscribers: list[str]) -> None:
    """A subscription that is paused waits for nothing."""
    if subscribers:
        await room.subscribe(*subscribers)
        said = fact(SubscriptionPaused, "ada", reason="asked").model_copy(update={"occurred_at": moment(0)})
        await room.registry.change(lambda _: [said])
    await room.first()
    await room.withdraw("a")
    await room.publish(71)
    await room.publish(121)

    assert [one["supersedes"] for one in await room.told()] == [None, None]


async def test_pages_and_programs_are_told_what_replaces_what(room: Newsroom) -> None:
    """The archive shows of digest 1 a tombstone and where to go; digest 2 says what it replaces."""
    await room.subscribe("ada")
    await room.first()
    await room.withdraw("a")
    await room.publish(71)

    one, two = await room.shown(1), await room.shown(2)
    assert b"Replaced by digest no. 2." in one["text"]
    assert b"Replaced by digest no. 2." in one["html"]
    assert b"Replaces digest no. 1," in two["text"]
    assert b"Replaces digest no. 1," in two["html"]
    shown = orjson.loads(one["json"])
    assert (shown["revision"], shown["superseded_by"]) == (2, 2)
    assert sorted((item["article_id"], item["retracted_by"]) for item in shown["items"]) == [
        ("a", 2),
        ("b", None),
    ]


async def test_a_retraction_at_the_boundary_is_a_replacement_before_the_window(room: Newsroom) -> None:
    """Nobody looked in between: both come out of one round, and the window loses nothing."""
    await room.subscribe("ada")
    await room.first()
    await room.withdraw("a")
    await room.timeline.article("c")
    await room.publish(121)
    await room.deliver(122)

    two, three = (await room.told())[1:]
    assert (two["supersedes"], [item["article_id"] for item in two["items"]]) == (1, ["b"])
    assert (three["supersedes"], [item["article_id"] for item in three["items"]]) == (None, ["c"])
    assert three["notices"] == []
    assert room.got("ada") == [2, 3]
    assert await room.problems() == []


async def test_a_replacement_is_replaced(room: Newsroom) -> None:
    """What was taken back first stays taken back; digests 1 and 2 both show their tombstones."""
    await room.subscribe("ada")
    await room.first("a", "b", "c")
    await room.withdraw("a")
    await room.publish(71)
    await room.withdraw("b", 80)
    await room.publish(81)
    await room.deliver(82)

    three = (await room.told())[2]
    assert (three["supersedes"], [item["article_id"] for item in three["items"]]) == (2, ["c"])
    said = [(one["kind"], one["article_id"], one["corrects"]["digest"]) for one in three["notices"]]
    assert said == [("retraction", "a", 1), ("retraction", "b", 2)]
    assert room.got("ada") == [3]
    first = orjson.loads((await room.shown(1))["json"])
    assert {one["article_id"]: one["retracted_by"] for one in first["items"]} == {"a": 2, "b": 3, "c": None}
    assert first["superseded_by"] == 2
    assert await room.problems() == []


async def test_two_digests_on_their_way_are_replaced_one_after_the_other(room: Newsroom) -> None:
    await room.subscribe("ada")
    await room.first("a", "b")
    await room.timeline.at(61)
    await room.timeline.article("c")
    await room.timeline.article("d")
    await room.publish(121)
    await room.withdraw("a", 130)
    await room.withdraw("c", 130)
    await room.publish(131)
    await room.deliver(132)

    three, four = (await room.told())[2:]
    assert [(one["supersedes"], len(one["items"]), len(one["notices"])) for one in (three, four)] == [
        (1, 1, 1),
        (2, 1, 1),
    ]
    assert room.got("ada") == [3, 4]


async def test_what_led_a_story_leaves_the_next_to_lead(room: Newsroom) -> None:
    """It gets a summary and all that an item has."""
    await room.subscribe("ada")
    await room.first("a", "b", "c", story_id="town")
    [item] = (await room.told())[0]["items"]
    gone, *left = item["article_id"], *(one["article_id"] for one in item["also"])
    await room.withdraw(gone)
    await room.publish(71)

    [new] = (await room.told())[1]["items"]
    assert (new["article_id"], [one["article_id"] for one in new["also"]]) == (left[0], left[1:])
    assert new["summary"]
    assert new["story_id"] == "town"
    two = await ChannelLog(room.redis, "latest").digest(2)
    assert two is not None
    assert [(one.article_id, one.lead) for one in two.items] == [(left[0], None), (left[1], left[0])]


async def test_what_was_corrected_meanwhile_is_told_as_corrected(room: Newsroom) -> None:
    """Digest 2 corrected `b`: in the place of digest 1 the old words would be wrong again."""
    await room.subscribe("ada")
    await room.first()
    await room.timeline.at(61)
    await room.timeline.article("b", 2, document("Bridge may open", "It may be open soon."))
    await room.publish(121)
    await room.withdraw("a", 130)
    await room.publish(131)
    await room.timeline.at(190)
    await room.timeline.article("b", 3, document("Bridge stays shut", "It is not open."))
    await room.publish(241)

    _, two, three, four = await room.told()
    assert [one["article_id"] for one in two["notices"]] == ["b"]
    assert [(one["article_id"], one["version"], one["title"]) for one in three["items"]] == [
        ("b", 2, "Bridge may open")
    ]
    [notice] = four["notices"]
    assert notice["corrects"] == {"digest": 3, "version": 2}


async def test_a_corrected_article_is_taken_out_of_the_digest_that_has_it(room: Newsroom) -> None:
    """Digest 1 has it as an item and is replaced; digest 2 only corrected it, and shows no title any more."""
    await room.subscribe("ada")
    await room.first()
    await room.timeline.at(61)
    await room.timeline.article("a", 2, document("Mayor may resign", "She thinks so."))
    await room.publish(121)
    await room.withdraw("a", 130, 3)
    await room.publish(131)
    await room.deliver(132)

    three = (await room.told())[2]
    assert (three["supersedes"], [item["article_id"] for item in three["items"]]) == (1, ["b"])
    assert room.got("ada") == [2, 3]
    assert not any(b"Mayor" in body for *_, body in room.transport.sent)


async def test_nobody_waits_for_what_was_replaced(timeline: Timeline, channel: Channel) -> None:
    """The next attempt would be in five minutes, and then in half an hour."""
    room = Newsroom(timeline, channel, lambda _: DOWN)
    await room.subscribe("ada")
    await room.first()
    for second in (62, 70):
        await room.deliver(second)
    await room.withdraw("a", 80)
    await room.publish(81)
    room.transport.script = lambda _: DELIVERED
    await room.deliver(82)

    assert room.got("ada") == [1, 1, 2]
    assert await room.cancelled() == [("ada", 1, "superseded by 2")]


async def test_what_failed_for_a_day_is_cancelled_beside_the_others(
    timeline: Timeline, channel: Channel
) -> None:
    """It no longer held up the digests behind it; everybody else has it."""
    room = Newsroom(timeline, channel, lambda one: DOWN if one.number == 1 else DELIVERED)
    await room.subscribe("ada")
    await room.first()
    for hour in range(0, 40, 4):
        await room.deliver(62 + 3600 * hour)
    states = await DeliveryLog(room.redis, "latest").states()
    assert states["ada|1"].attempt > 0
    await room.withdraw("a", 3600 * 37)
    await room.publish(3600 * 37 + 1)
    await room.deliver(3600 * 37 + 2)

    assert room.got("ada")[-1] == 2
    assert await room.cancelled() == [("ada", 1, "superseded by 2")]


async def test_quiet_hours_keep_the_replacement_not_the_old(room: Newsroom) -> None:
    """Seconds 0 to 61 are at midnight in Greenwich."""
    await room.subscribe("ada", quiet_hours="23:00-01:00")
    await room.first()
    await room.deliver(62)
    await room.withdraw("a")
    await room.publish(71)
    await room.deliver(72)
    assert room.got("ada") == []
    assert await room.cancelled() == [("ada", 1, "superseded by 2")]
    await room.deliver(3601)

    assert room.got("ada") == [2]


async def test_an_attempt_under_way_may_still_arrive(
    timeline: Timeline, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows while it is made. It counts as sent then, and the replacement follows."""
    room = Newsroom(timeline, channel)
    await room.subscribe("ada")
    await room.first()
    begun, goes_on = asyncio.Event(), asyncio.Event()
    send = room.transport.send

    async def slow(*args: Any) -> Any:  # noqa: ANN401 as in the transport
        begun.set()
        await goes_on.wait()
        return await send(*args)

    monkeypatch.setattr(room.transport, "send", slow)
    attempt = asyncio.create_task(room.deliver(62))
    await begun.wait()
    await room.withdraw("a")
    await room.publish(71)
    goes_on.set()
    await attempt
    await room.deliver(72, room.carrier())

    assert room.got("ada") == [1, 2]
    assert [type(one) for one in await room.facts()] == [DeliverySucceeded] * 2


async def test_the_choice_is_kept_when_everything_is_made_anew(room: Newsroom) -> None:
    await room.subscribe("ada", "bob")
    await room.first()
    await room.withdraw("a")
    await room.publish(71)
    await room.deliver(72)
    states = await DeliveryLog(room.redis, "latest").states()

    rebuilt = await rebuild_channel(room.redis, "latest")
    await rebuild_deliveries(room.redis, "latest", await room.registry.read())

    assert rebuilt.sha256_before == rebuilt.sha256_after
    assert {member: state.after for member, state in states.items()} == {
        member: state.after for member, state in (await DeliveryLog(room.redis, "latest").states()).items()
    }
    await room.deliver(73)
    assert room.got("ada") == room.got("bob") == [2]


async def test_a_channel_at_rest_wakes_for_a_retraction(timeline: Timeline, channel: Channel) -> None:
    """A program that shares what came in looks at no channel before its boundary, but for this."""
    room = Newsroom(timeline, channel.model_copy(update={"every_seconds": 3600}))
    arrivals = Arrivals(timeline.log, ancestors)
    room.publisher = ChannelPublisher(timeline.log, room.channel, ancestors, arrivals=arrivals)
    await room.subscribe("ada")
    await timeline.at(1)
    await arrivals.look([room.channel])
    await timeline.article("a")
    await arrivals.look([room.channel])
    await room.publish(3601)
    assert len(await room.told()) == 1
    await timeline.at(3700)
    await timeline.article("c")
    await arrivals.look([room.channel])
    await room.publish(3701)
    await room.withdraw("a", 3702)
    await arrivals.look([room.channel])
    await room.publish(3703)

    assert [one["supersedes"] for one in await room.told()] == [None, 1]


async def test_a_retraction_while_a_boundary_settles_does_not_swallow_the_window(
    timeline: Timeline, channel: Channel
) -> None:
    """The window of 01:00 closes a minute later; the replacement comes before it, not after."""
    room = Newsroom(timeline, channel.model_copy(update={"every_seconds": 3600, "settle_seconds": 60}))
    await room.subscribe("ada")
    await timeline.at(1)
    for name in "ab":
        await timeline.article(name)
    await room.publish(3661)
    await timeline.at(3700)
    await timeline.article("c")
    await room.withdraw("a", 7190)
    await room.publish(7210)
    assert [one["supersedes"] for one in await room.told()] == [None, 1]
    await room.withdraw("b", 7220)
    await room.publish(7230)
    await room.publish(7261)

    shown = [(one["supersedes"], [item["article_id"] for item in one["items"]]) for one in await room.told()]
    assert shown[2:] == [(None, ["c"]), (2, [])]
