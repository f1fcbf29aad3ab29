"""A retraction while a digest is on its way: the rest of it is not sent, and a replacement goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from newsfeed.channels import Channel
from newsfeed.deliveries import DeliveryCancelled, DeliveryEvent, DeliverySucceeded
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog, WindowClosed
from newsfeed.eventlog.channel_rebuild import rebuild_channel
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.delivery_rebuild import rebuild_deliveries
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.eventlog.verify_deliveries import verify_deliveries
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.registry import Destination, RegistryEvent, SubscriptionPaused
from newsfeed.testing.channels import digests, forget, kept
from newsfeed.testing.facts import document
from newsfeed.testing.failures import Killed, dying_client
from newsfeed.testing.registering import fact, subscription_created
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.testing.transports import Script, ScriptedTransport
from newsfeed.vocabulary import ancestors
from services.publish.arrivals import Arrivals
from services.publish.delivering import ChannelDeliveries
from services.publish.publisher import ChannelPublisher
from services.publish.transports import DELIVERED, Outcome
from services.publish.unsent import Unsent

DOWN = Outcome("retry", "unreachable")


class Newsroom:
    """A channel that comes out once a minute, with subscriptions to one transport."""

    def __init__(self, timeline: Timeline, channel: Channel, script: Script = lambda _: DELIVERED) -> None:
        self.timeline, self.redis, self.channel = timeline, timeline.log.redis, channel
        self.transport = ScriptedTransport(script)
        self.registry = RegistryLog(self.redis)
        self.publisher = self.press()
        self.worker = self.carrier()

    def press(self, log: EventLog | None = None) -> ChannelPublisher:
        return ChannelPublisher(log or self.timeline.log, self.channel, ancestors)

    def carrier(self, log: EventLog | None = None) -> ChannelDeliveries:
        redis = (log or self.timeline.log).redis
        return ChannelDeliveries(redis, "latest", RegistryLog(redis), {"scripted": self.transport})

    async def subscribe(self, *names: str, **options: object) -> None:
        homes = [Destination(salt="00", address=name) for name in names]
        events: list[RegistryEvent] = [
            subscription_created(
                name, transport="scripted", destination_sha256=home.sha256, options=options
            ).model_copy(update={"occurred_at": moment(-3600)})
            for name, home in zip(names, homes, strict=True)
        ]
        await self.registry.change(lambda _: events, homes)

    async def publish(self, second: float) -> None:
        await self.publisher.publish_due(moment(second))

    async def deliver(self, second: float, worker: ChannelDeliveries | None = None) -> None:
        while await (worker or self.worker).deliver_due(moment(second)):
            pass

    async def told(self) -> list[Any]:
        return await digests(self.redis, "latest")

    async def shown(self, number: int) -> dict[str, bytes]:
        return await ChannelLog(self.redis, "latest").current_bodies(number)

    def got(self, name: str) -> list[int]:
        return [number for address, number, *_ in self.transport.sent if address == name]

    async def facts(self) -> list[DeliveryEvent]:
        return [one async for _, one in DeliveryLog(self.redis, "latest").facts()]

    async def cancelled(self) -> list[tuple[str, int, str]]:
        found = [one for one in await self.facts() if isinstance(one, DeliveryCancelled)]
        return sorted((one.subscription_id, one.number, one.reason) for one in found)

    async def problems(self) -> list[str]:
        log = self.timeline.log
        found = [one.code async for one in verify_channels(log)]
        return [*found, *[one.code async for one in verify_deliveries(log)]]

    async def first(self, *names: str, story_id: str | None = None) -> None:
        """Digest 1, with some articles."""
        await self.timeline.at(1)
        for name in names or ("a", "b"):
            await self.timeline.article(name, story_id=story_id)
        await self.publish(61)

    async def withdraw(self, name: str, second: float = 70, version: int = 2) -> None:
        await self.timeline.at(second)
        await self.timeline.withdraw(name, version)


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


async def story(room: Newsroom) -> None:
    """Digest 1 on its way, `a` withdrawn, and something for the next window."""
    await room.subscribe("ada", "bob")
    await room.timeline.at(1)
    for name in "abc":
        await room.timeline.article(name, story_id="town")
    await room.withdraw("a")
    await room.timeline.article("d")
    await room.press().publish_due(moment(61))


async def finish(room: Newsroom, log: EventLog | None = None) -> None:
    publisher, worker = room.press(log), room.carrier(log)
    for second in (71, 121):
        await publisher.publish_due(moment(second))
        await room.deliver(second + 1, worker)


@pytest.mark.parametrize("heard", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [23, pytest.param(1, marks=pytest.mark.soak)])
async def test_who_replaces_may_die_at_any_round_trip(
    server: EmbeddedRedis, room: Newsroom, heard: bool, step: int
) -> None:
    """Publisher and deliverer; the same digests in the end, and nobody gets the one that was replaced."""
    await story(room)
    await finish(room)
    expected = await room.told()

    dies_at, died = 0, True
    while died:
        dies_at += step
        await forget(room.redis, "latest")
        again = Newsroom(room.timeline, room.channel)
        await again.publish(61)
        client, died = dying_client(server.url, dies_at, heard=heard), False
        try:
            await finish(again, EventLog(client, room.timeline.log.manifest))
        except* Killed:
            died = True
        await client.aclose()
        await finish(again)
        await again.deliver(190)

        assert await again.told() == expected, f"round trip {dies_at}"
        assert set(again.got("ada")) == set(again.got("bob")) == {2, 3}
        assert await again.cancelled() == [(name, 1, "superseded by 2") for name in ("ada", "bob")]

    assert await room.problems() == []
    assert dies_at > 60


async def test_of_two_publishers_one_replaces(
    server: EmbeddedRedis, room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have a replacement in hand; one is refused, and finds nothing left to replace."""
    await story(room)
    clients = [connect(server.url) for _ in range(2)]
    racing = [room.press(EventLog(one, room.timeline.log.manifest)) for one in clients]
    barrier, refusals = asyncio.Barrier(2), list[WindowClosed]()

    def together(close: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        async def wait_and_close(*args: Any) -> None:  # noqa: ANN401 whatever close takes
            if not refusals:
                await barrier.wait()
            try:
                await close(*args)
            except WindowClosed as refused:
                refusals.append(refused)
                raise

        return wait_and_close

    for publisher in racing:
        monkeypatch.setattr(publisher._facts, "close", together(publisher._facts.close))

    counts = await asyncio.gather(*(one.publish_due(moment(71)) for one in racing))

    assert (sorted(counts), len(refusals)) == ([0, 1], 1)
    assert [one["supersedes"] for one in await room.told()] == [None, 1]
    for client in clients:
        await client.aclose()


async def test_a_publisher_that_sees_all_sent_and_one_that_does_not_agree_in_the_end(
    room: Newsroom,
) -> None:
    """What is in the fact holds: the second reads that the article is taken back already."""
    await story(room)
    await room.publish(71)
    await room.deliver(72)
    await room.press().publish_due(moment(121))

    two, three = (await room.told())[1:]
    assert (two["supersedes"], three["notices"]) == (1, [])


async def test_sending_the_old_digest_all_the_same_would_be_noticed(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: nobody asks whether a digest was replaced."""

    async def never(_self: ChannelLog, _number: int) -> int | None:
        return None

    await story(room)
    await room.publish(71)
    monkeypatch.setattr(ChannelLog, "superseded_by", never)
    await room.deliver(72)

    assert 1 in room.got("ada")


async def test_taking_everything_for_sent_would_be_noticed(
    room: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted bug: then the retracted digest goes out, and the notice waits for its window."""

    async def none(*_: object) -> list[int]:
        return []

    monkeypatch.setattr(Unsent, "among", none)
    await story(room)
    await room.publish(71)
    await room.deliver(72)

    assert [one["supersedes"] for one in await room.told()] == [None]
    assert room.got("ada") == [1]


async def test_a_replacement_that_cannot_be_is_damage(room: Newsroom) -> None:
    """Its fact names a digest that another one replaced before."""
    await story(room)
    await room.publish(71)
    await forge(room, supersedes=1)

    assert "supersedes_wrong" in await room.problems()


async def forge(room: Newsroom, **fields: object) -> None:
    """A third digest whose fact says what the test wants."""
    log = ChannelLog(room.redis, "latest")
    cursor, two = await log.cursor(), await log.digest(2)
    assert two is not None
    window_id = cursor.next_id(moment(71))
    told = two.model_copy(update={"number": 3, "revises": (), **fields})
    body = await log.public_body(2)
    await log.close(window_id, cursor, told, 3, body or b"")


async def test_a_channel_can_be_forgotten(room: Newsroom) -> None:
    """The other tests compare what is left after it: nothing."""
    await story(room)
    await forget(room.redis, "latest")

    assert await kept(room.redis, "latest") == {b"newsfeed:digests:latest": None}
