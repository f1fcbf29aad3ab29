"""`newsfeed subscribe`: have the digests of a channel sent to an address."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import typer

from newsfeed.cli.channels import checked_channel
from newsfeed.cli.digests import ChannelName
from newsfeed.cli.printing import AsJson, print_fields, print_json
from newsfeed.cli.session import Session, run
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.health import server_time
from newsfeed.quiet import parse_quiet_hours
from newsfeed.registry import Options
from newsfeed.subscribing import Asked, create, new_destination, new_secret, new_subscription_id
from services.publish.transports import Outcome, Transport, installed
from services.publish.trying import send_test

SIGNED = frozenset({"webhook"})
"""Transports whose destinations have a secret."""


def subscribe(  # noqa: PLR0913 each is an option of the command
    channel: ChannelName,
    *,
    webhook: Annotated[str, typer.Option(metavar="URL", help="POST every digest there.")] = "",
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="Mail it, once its owner agreed.")] = "",
    apprise: Annotated[str, typer.Option(metavar="URL", help="A service that Apprise knows.")] = "",
    quiet_hours: Annotated[str, typer.Option(metavar="22:00-07:00", help="Nothing is sent then.")] = "",
    time_zone: Annotated[str, typer.Option(metavar="ZONE", help="Of the quiet hours.")] = "UTC",
    urgent: Annotated[bool, typer.Option("--urgent", help="Quiet hours do not count.")] = False,
    handshake: Annotated[
        bool, typer.Option("--handshake", help="Send nothing before the receiver has said that it wants it.")
    ] = False,
    test: Annotated[bool, typer.Option("--test", help="Send a test at once; fails if it fails.")] = False,
    as_json: AsJson = False,
) -> None:
    """Subscribe an address to a channel; its secret is shown once, now."""
    name, address = _one_of({"webhook": webhook, "email": email, "apprise": apprise})
    options = _options(quiet_hours, time_zone, urgent=urgent)
    transport = installed()[name]
    if problems := transport.problems(address, options):
        raise typer.BadParameter("; ".join(problems))
    needs = _needs(transport, handshake=handshake)
    if test and needs != "nothing":
        raise typer.BadParameter("only after the handshake or the link: `newsfeed subscriptions test ID`")

    async def answer(session: Session) -> tuple[Asked, Outcome | None]:
        await checked_channel(session.redis, session.settings, channel)
        at = datetime.fromtimestamp(await server_time(session.redis), UTC)
        identity = new_subscription_id(os.urandom)
        secrets = [new_secret(os.urandom)] if name in SIGNED else []
        destination = new_destination(address, os.urandom, secrets)
        asked = Asked(identity, channel, name, destination, needs, at, options)
        log = RegistryLog(session.redis)
        await log.change(create(asked), [destination])
        return asked, await _tested(session, log, transport, asked) if test else None

    _show(*run(answer), as_json)


async def _tested(session: Session, log: RegistryLog, transport: Transport, asked: Asked) -> Outcome:
    subscription = (await log.read()).subscriptions[asked.subscription_id]
    try:
        return await send_test(session.redis, transport, subscription, asked.destination, asked.at)
    finally:
        await transport.close()


def _needs(transport: Transport, *, handshake: bool) -> Literal["nothing", "link", "handshake"]:
    """How it is confirmed: an operator may answer for a program, never for the owner of an address."""
    if handshake and transport.needs != "handshake":
        raise typer.BadParameter(f"--handshake is not for {transport.name}")
    return "nothing" if transport.needs == "handshake" and not handshake else transport.needs


def _one_of(addresses: Mapping[str, str]) -> tuple[str, str]:
    """The one address that was given, and the transport that it is for."""
    given = [(name, address) for name, address in addresses.items() if address]
    if len(given) != 1:
        raise typer.BadParameter(f"say one of {', '.join(f'--{name}' for name in addresses)}")
    return given[0]


def _options(quiet_hours: str, time_zone: str, *, urgent: bool) -> Options:
    options: Options = {}
    try:
        ZoneInfo(time_zone)
        if quiet_hours:
            parse_quiet_hours(quiet_hours)
            options |= {"quiet_hours": quiet_hours, "time_zone": time_zone}
    except (ValueError, LookupError, OSError) as error:
        raise typer.BadParameter(f"{error}".strip("'\"")) from None
    return {**options, "urgent": True} if urgent else options


def _show(asked: Asked, outcome: Outcome | None, as_json: bool) -> None:
    secret = next(iter(asked.destination.secrets), None)
    shown = {
        "subscription_id": asked.subscription_id,
        "channel": asked.channel,
        "transport": asked.transport,
        "status": "active" if asked.needs == "nothing" else "pending",
        "secret": secret,
        "test": outcome.verdict if outcome else None,
        "test_reason": outcome.reason or None if outcome else None,
        "test_status_code": outcome.status_code if outcome else None,
    }
    if as_json:
        print_json(shown)
    else:
        print_fields((name.replace("_", " "), value) for name, value in shown.items() if value is not None)
    if outcome and outcome.verdict != "delivered":
        raise typer.Exit(1)
