"""`newsfeed deliveries`: what became of digests on their way, and another try for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from newsfeed.cli.events import moment
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.deliveries import DeliveryCancelled, DeliveryRequeued, delivery_id
from newsfeed.envelope import derive_id
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.delivery_log import DeliveryLog
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.readmodel.receipts import Receipt, State, receipts
from newsfeed.subscribing import known, rewind

T = TypeVar("T")

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of deliveries, see `list`.")]
Since = Annotated[str | None, typer.Option(help="From a time on (ISO 8601), or 10m, 2h, 1d ago.")]

deliveries = typer.Typer(no_args_is_help=True, help="What became of digests on their way to subscribers.")


@deliveries.command("list")
def list_deliveries(
    channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None,
    subscription: Annotated[str | None, typer.Option(help="Only to this subscription.")] = None,
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    since: Since = None,
    as_json: AsJson = False,
) -> None:
    """List deliveries that were tried, as they stand: the newest word on each."""
    begin = moment(since) if since else None

    async def answer(session: Session) -> list[Receipt]:
        after = await _stream_id(session.redis, begin)
        names = [channel] if channel else await _channels(session.redis)
        pages = [await receipts(session.redis, name, after=after) for name in names]
        return [one for page in pages for one in page]

    try:
        found = run(answer, starts_redis=False)
    except NothingYet:
        found = []
    chosen = [
        one for one in found if subscription in {None, one.subscription_id} and state in {None, one.state}
    ]
    if as_json:
        for one in chosen:
            print_json(one)
        return
    header = ["channel", "number", "subscription", "state", "attempt", "at", "status", "reason", "next", "id"]
    print_table(header, [_row(one) for one in chosen])


def _row(one: Receipt) -> list[object]:
    return [
        one.channel,
        one.number,
        one.subscription_id,
        one.state,
        one.attempt,
        one.at,
        one.status_code,
        one.reason,
        one.next_attempt_at,
        one.delivery_id,
    ]


@deliveries.command()
def resend(ids: Ids) -> None:
    """Have deliveries made again, whatever became of them: the same id with the same bytes."""

    async def act(redis: Client, found: Sequence[Receipt], at: datetime) -> None:
        registry = await RegistryLog(redis).read()
        for one in found:
            if known(registry, one.subscription_id).status == "cancelled":
                raise NewsfeedError(f"the subscription {one.subscription_id!r} has ended")
        for one in found:
            event_id = derive_id("requeued", one.delivery_id, at)
            fact = DeliveryRequeued.model_validate({**_envelope(one, event_id, at), "requested_by": "resend"})
            await DeliveryLog(redis, one.channel).requeue(fact, int(at.timestamp() * 1000))

    count = _on_receipts(ids, act)
    typer.echo(f"{count} deliveries are made again as soon as publish runs.")


@deliveries.command()
def drop(ids: Ids) -> None:
    """Give parked deliveries up."""

    async def act(redis: Client, found: Sequence[Receipt], at: datetime) -> None:
        for one in found:
            if one.state != "parked":
                raise NewsfeedError(f"the delivery {one.delivery_id} is {one.state}, not parked")
        for one in found:
            event_id = derive_id("dropped", one.delivery_id, at)
            fact = DeliveryCancelled.model_validate({**_envelope(one, event_id, at), "reason": "operator"})
            await DeliveryLog(redis, one.channel).give_up(fact)

    typer.echo(f"{_on_receipts(ids, act)} deliveries are given up.")


@deliveries.command()
def replay(
    subscription_id: Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Its id.")],
    since: Annotated[
        str | None, typer.Option(help="Digests since a time (ISO 8601), or 10m, 2h, 1d ago.")
    ] = None,
    number: Annotated[int | None, typer.Option("--from", min=1, help="Digests from this number on.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also if it got them; else from the first it did not get.")
    ] = False,
) -> None:
    """Have a subscription get digests in order from one on; wakes one that is paused."""
    if (since is None) == (number is None):
        raise typer.BadParameter("say --since or --from")
    begin = moment(since) if since else None

    async def answer(session: Session) -> tuple[int, int]:
        log = RegistryLog(session.redis)
        one = known(await log.read(), subscription_id)
        channel_log = ChannelLog(session.redis, one.channel)
        newest = await channel_log.newest_public()
        first = number or 1 + await channel_log.number_at(
            (await _milliseconds(session.redis, begin) or 0) - 1
        )
        got = set() if everything else await _got(session.redis, one.channel, subscription_id)
        last = newest.number if newest else 0
        missing = [n for n in range(first, last + 1) if n not in got]
        if missing:
            at = datetime.fromtimestamp(await server_time(session.redis), UTC)
            await log.change(rewind(subscription_id, at, missing[0] - 1))
        return (missing[0], last) if missing else (0, 0)

    first, last = run(answer, starts_redis=False)
    typer.echo(f"Digests {first} to {last} go out in order." if first else "It has got all of them.")


async def _got(redis: Client, channel: str, subscription_id: str) -> set[int]:
    told = await receipts(redis, channel, lambda fact: fact.subscription_id == subscription_id)
    return {one.number for one in told if one.state == "delivered"}


def _envelope(one: Receipt, event_id: UUID, at: datetime) -> dict[str, object]:
    return {
        "event_id": event_id,
        "occurred_at": at,
        "correlation_id": one.delivery_id,
        "delivery_id": delivery_id(one.channel, one.number, one.subscription_id),
        "subscription_id": one.subscription_id,
        "channel": one.channel,
        "number": one.number,
        "attempt": one.attempt,
    }


def _on_receipts(
    ids: Sequence[str], act: Callable[[Client, Sequence[Receipt], datetime], Awaitable[None]]
) -> int:
    """Do something to some deliveries, all of which must be there."""
    try:
        wanted = {UUID(one) for one in ids}
    except ValueError:
        raise typer.BadParameter("the id of a delivery is a UUID") from None

    async def answer(session: Session) -> int:
        found: list[Receipt] = []
        for channel in await _channels(session.redis):
            found += await receipts(session.redis, channel, lambda fact: fact.delivery_id in wanted)
        if missing := wanted - {one.delivery_id for one in found}:
            raise NewsfeedError(f"no delivery {min(missing)} was ever tried")
        at = datetime.fromtimestamp(await server_time(session.redis), UTC)
        await act(session.redis, found, at)
        return len(found)

    return run(answer, starts_redis=False)


async def _channels(redis: Client) -> list[str]:
    """Every channel that somebody ever subscribed to."""
    registry = await RegistryLog(redis).read()
    return sorted({one.channel for one in registry.subscriptions.values()})


async def _milliseconds(redis: Client, begin: datetime | timedelta | None) -> int | None:
    if isinstance(begin, timedelta):
        begin = datetime.fromtimestamp(await server_time(redis), UTC) - begin
    return int(begin.timestamp() * 1000) if begin else None


async def _stream_id(redis: Client, begin: datetime | timedelta | None) -> str:
    """The id in a stream of facts after which those since a time stand."""
    milliseconds = await _milliseconds(redis, begin)
    return "-" if milliseconds is None else f"{max(milliseconds, 1) - 1}-{2**64 - 1}"
