"""`newsfeed subscriptions` and `unsubscribe`: who gets what, and every change an operator may make."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from newsfeed.cli.printing import AsJson, print_bytes, print_fields, print_json, print_table
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.errors import NewsfeedError
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.registry import Destination, Status, Subscription
from newsfeed.subscribing import (
    Decision,
    cancel,
    change,
    known,
    pause,
    resume,
    rotated,
)
from services.publish.transports import Outcome, Transport, installed
from services.publish.trying import sample, send_test

T = TypeVar("T")

SubscriptionId = Annotated[str, typer.Argument(metavar="ID", help="The id of a subscription.")]

subscriptions = typer.Typer(invoke_without_command=True, help="Who gets which digests, and how.")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a change works with: the registry, and the server's time."""

    redis: Client
    log: RegistryLog
    at: datetime


class AddressErased(NewsfeedError):
    """The address of the subscription was taken down."""

    def __init__(self, subscription_id: str) -> None:
        super().__init__(f"the address of the subscription {subscription_id!r} was erased")


@subscriptions.callback()
def _subscriptions(context: typer.Context, as_json: AsJson = False) -> None:
    """Without a word more: the list."""
    if context.invoked_subcommand is None:
        list_subscriptions(as_json=as_json)


@subscriptions.command("list")
def list_subscriptions(
    channel: Annotated[str | None, typer.Option(help="Only of this channel.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only in this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the subscriptions, oldest first; addresses and secrets are not shown."""

    async def answer(session: Session) -> list[Subscription]:
        return [*(await RegistryLog(session.redis).read()).subscriptions.values()]

    try:
        found = run(answer, starts_redis=False)
    except NothingYet:
        found = []
    chosen = [one for one in found if channel in {None, one.channel} and status in {None, one.status}]
    if as_json:
        for one in chosen:
            print_json(_shown(one))
        return
    names = ["subscription_id", "channel", "transport", "status", "reason", "created_at", "active_since"]
    print_table(
        [name.replace("_", " ") for name in names], [[_shown(one)[n] for n in names] for one in chosen]
    )


def _shown(one: Subscription) -> dict[str, object]:
    return {
        "subscription_id": one.subscription_id,
        "channel": one.channel,
        "transport": one.transport,
        "status": one.status,
        "reason": one.reason,
        "created_at": one.created_at,
        "active_since": one.active_since,
        "resumed_after": one.resumed_after,
        "options": one.options,
    }


@subscriptions.command("pause")
def pause_subscription(subscription_id: SubscriptionId) -> None:
    """Send it nothing until it is resumed."""
    _change(lambda at: pause(subscription_id, "operator", at))
    typer.echo(f"{subscription_id} is paused.")


@subscriptions.command("resume")
def resume_subscription(
    subscription_id: SubscriptionId,
    after: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Go on behind digest N; else only new ones.")
    ] = None,
) -> None:
    """Send it digests again."""
    _change(lambda at: resume(subscription_id, at, after))
    typer.echo(f"{subscription_id} is active.")


@subscriptions.command()
def rotate(subscription_id: SubscriptionId, as_json: AsJson = False) -> None:
    """Give it a new secret; for 24 hours requests are signed with the one before as well."""

    async def answer(desk: _Desk) -> str:
        one, destination = await _found(desk.log, subscription_id)
        if not destination.secrets:
            raise NewsfeedError(f"a subscription by {one.transport} has no secret")
        fresh = rotated(destination, os.urandom)
        decision = change(subscription_id, desk.at, destination=fresh, was=one.destination_sha256)
        await desk.log.change(decision, [fresh])
        return fresh.secrets[0]

    secret = _on_registry(answer)
    if as_json:
        print_json({"subscription_id": subscription_id, "secret": secret})
    else:
        print_fields([("subscription id", subscription_id), ("secret", secret)])


@subscriptions.command("test")
def send_a_test(subscription_id: SubscriptionId, as_json: AsJson = False) -> None:
    """Send it a test at once; fails if that fails."""

    async def answer(desk: _Desk) -> Outcome:
        one, destination = await _found(desk.log, subscription_id)
        if one.status == "pending":
            raise NewsfeedError(f"the subscription {subscription_id!r} is not confirmed yet")
        transport = _transport(one)
        try:
            return await send_test(desk.redis, transport, one, destination, desk.at)
        finally:
            await transport.close()

    outcome = _on_registry(answer)
    shown = {"test": outcome.verdict, "reason": outcome.reason or None, "status_code": outcome.status_code}
    if as_json:
        print_json(shown)
    else:
        print_fields(shown.items())
    if outcome.verdict != "delivered":
        raise typer.Exit(1)


@subscriptions.command()
def preview(subscription_id: SubscriptionId) -> None:
    """Print what a test would send, and send nothing."""

    async def answer(desk: _Desk) -> bytes:
        one, _ = await _found(desk.log, subscription_id)
        body = getattr(_transport(one), "body", None)
        delivery = await sample(desk.redis, one, desk.at)
        return body(delivery) if body else delivery.bodies["json"]

    print_bytes(_on_registry(answer) + b"\n")


@subscriptions.command()
def erase(subscription_id: SubscriptionId) -> None:
    """End it, and take its address and secrets down for good; only their hashes stay."""

    async def answer(desk: _Desk) -> int:
        known(await desk.log.read(), subscription_id)
        await desk.log.change(cancel(subscription_id, "erased", desk.at))
        destinations = await desk.log.destinations_of(subscription_id)
        for sha256 in destinations:
            await desk.log.erase_destination(sha256)
        return len(destinations)

    typer.echo(f"{subscription_id} has ended; {_on_registry(answer)} destinations of it are erased.")


def unsubscribe(subscription_id: SubscriptionId) -> None:
    """End a subscription; nothing is sent to it any more."""
    _change(lambda at: cancel(subscription_id, "operator", at))
    typer.echo(f"{subscription_id} has ended.")


def _change(decision: Callable[[datetime], Decision]) -> None:
    async def answer(desk: _Desk) -> None:
        await desk.log.change(decision(desk.at))

    _on_registry(answer)


def _on_registry(work: Callable[[_Desk], Awaitable[T]]) -> T:
    async def answer(session: Session) -> T:
        at = datetime.fromtimestamp(await server_time(session.redis), UTC)
        return await work(_Desk(session.redis, RegistryLog(session.redis), at))

    return run(answer, starts_redis=False)


async def _found(log: RegistryLog, subscription_id: str) -> tuple[Subscription, Destination]:
    one = known(await log.read(), subscription_id)
    destination = await log.destination(one.destination_sha256)
    if destination is None:
        raise AddressErased(subscription_id)
    return one, destination


def _transport(one: Subscription) -> Transport:
    found = installed().get(one.transport)
    if found is None:
        raise NewsfeedError(f"the transport {one.transport!r} is not installed")
    return found
