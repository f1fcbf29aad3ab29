"""`newsfeed digests` and `digest`: the numbered issues of a channel, and the very bytes of one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Literal

import orjson
import typer

from newsfeed.cli.channels import checked_channel
from newsfeed.cli.printing import AsJson, print_bytes, print_json, print_table
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.eventlog.channel_log import ChannelLog, PublicDigest
from newsfeed.eventlog.cursor import order_of
from newsfeed.events import ChannelEvent, DigestPublished
from newsfeed.readmodel.queries import NotFound

ChannelName = Annotated[str, typer.Argument(metavar="CHANNEL", help="The name of a channel.")]

Format = Literal["text", "html", "json"]


def digests(
    channel: ChannelName,
    everything: Annotated[bool, typer.Option("--all", help="Skipped windows, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the digests of a channel, oldest first."""

    async def answer(session: Session) -> None:
        channel_log = await checked_channel(session.redis, session.settings, channel)
        rows: list[dict[str, object]] = []
        async with aclosing(_listed(channel_log)) as listed:
            async for row in listed:
                if row["skipped"] and not everything:
                    continue
                if as_json:
                    print_json(row)
                else:
                    rows.append(row)
        if not as_json:
            names = ["number", "stream_id", "closed_at", "item_count", "notice_count", "sha256"]
            print_table(names, [[row[name] for name in names] for row in rows])

    try:
        run(answer, starts_redis=False)
    except NothingYet as nothing:
        typer.echo(f"newsfeed: {nothing}", err=True)


async def _listed(channel_log: ChannelLog) -> AsyncGenerator[dict[str, object], None]:
    """Every window; facts and public digests come in the same order and are read side by side."""
    async with aclosing(channel_log.facts()) as facts, aclosing(channel_log.public()) as public:
        digest = await anext(public, None)
        async for stream_id, fact in facts:
            while digest and order_of(digest.stream_id) < order_of(stream_id):
                digest = await anext(public, None)
            yield _row(stream_id, fact, digest)


def _row(stream_id: str, fact: ChannelEvent, digest: PublicDigest | None) -> dict[str, object]:
    row: dict[str, object] = {
        "number": None,
        "stream_id": stream_id,
        "closed_at": fact.window.closed_at,
        "window": fact.window.model_dump(mode="json"),
        "item_count": 0,
        "notice_count": 0,
        "sha256": None,
        "skipped": not isinstance(fact, DigestPublished),
        "channel": fact.channel,
        "channel_version": fact.channel_version,
    }
    if isinstance(fact, DigestPublished):
        row["number"] = fact.number
        row["item_count"], row["notice_count"] = len(fact.items), len(fact.notices)
        row["sha256"] = _sha256(digest) if digest and digest.stream_id == stream_id else None
        row["bodies"] = fact.bodies
    return row


def _sha256(digest: PublicDigest) -> str | None:
    """The digest's hash of itself, as its readers see it."""
    try:
        return str(orjson.loads(digest.data)["sha256"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


def digest(
    channel: ChannelName,
    number: Annotated[int, typer.Argument(metavar="N", min=1, help="The digest's number.")],
    body_format: Annotated[Format, typer.Option("--format", help="Which of its renderings.")] = "text",
    revised: Annotated[
        bool, typer.Option("--revised", help="As the archive shows it now: without what was retracted.")
    ] = False,
) -> None:
    """Print a digest: exactly the bytes that went out."""

    async def answer(session: Session) -> bytes:
        channel_log = await checked_channel(session.redis, session.settings, channel)
        fact = await channel_log.digest(number)
        if fact is None:
            newest = await channel_log.newest_public()
            raise NotFound(
                f"{channel} has no digest {number}; its newest is {newest.number if newest else 0}"
            )
        if revised:
            body = (await channel_log.current_bodies(number)).get(body_format)
        else:
            sha256 = fact.bodies.get(body_format)
            body = await channel_log.body(sha256) if sha256 else None
        if body is None and body_format == "json":
            body = await channel_log.public_body(number)
        if body is None:
            raise NotFound(
                f"digest {number} of {channel} has no {body_format} body any more; "
                "--format json shows what is left of it"
            )
        return body

    print_bytes(run(answer, starts_redis=False))
