"""`newsfeed watch`: the digests of a channel as they come out, none missed and none twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any, Literal

import orjson
import typer

from newsfeed import streams
from newsfeed.cli.channels import checked_channel
from newsfeed.cli.digests import ChannelName
from newsfeed.cli.far import events_url, listen, shown
from newsfeed.cli.printing import harmless, print_bytes
from newsfeed.cli.session import Session, run, until_interrupted
from newsfeed.eventlog.channel_log import ChannelLog, PublicDigest
from newsfeed.eventlog.connection import PASSING_ERRORS, Client
from newsfeed.eventlog.cursor import NO_WINDOW
from newsfeed.events import DigestPublished
from newsfeed.readmodel.queries import NotFound

QUIET_SECONDS = 5.0
"""After so long without a message the stream is looked at: Pub/Sub says nothing of what it dropped."""

RETRY_SECONDS = 0.5

Shape = Literal["text", "json"]


def watch(
    channel: ChannelName,
    since: Annotated[
        str | None, typer.Option(help="Digests after this stream id; 0 for all. Without it only new ones.")
    ] = None,
    shape: Annotated[
        Shape, typer.Option("--format", help="For people, or the JSON of subscribers.")
    ] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    count: Annotated[int | None, typer.Option(min=1, help="Leave after so many digests.")] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Of a newsfeed elsewhere, such as http://127.0.0.1:8000; no Redis needed."),
    ] = None,
) -> None:
    """Print each digest of a channel as it comes out, until Ctrl-C."""
    after = parse_stream_id(since) if since is not None else None
    if url is not None:
        with until_interrupted():
            watch_far(events_url(url, channel), after, "json" if as_json else shape, count)
        return

    async def answer(session: Session) -> None:
        channel_log = await checked_channel(session.redis, session.settings, channel)
        left = count
        async with aclosing(Listener(session.redis, channel, after).digests()) as digests:
            async for digest in digests:
                print_bytes(await _rendered(channel_log, digest, "json" if as_json else shape))
                left = left - 1 if left else None
                if left == 0:
                    return

    with until_interrupted():
        run(answer)


def watch_far(url: str, after: str | None, shape: Shape, count: int | None) -> None:
    """Print what a newsfeed elsewhere brings out; what it cannot tell any more is said on stderr."""
    left = count
    try:
        for event in listen(url, after):
            if event.event == "reset":
                typer.echo(
                    f"newsfeed: not all since then can be told any more: {harmless(event.data)}", err=True
                )
            elif event.event == "digest":
                print_bytes(event.data.encode() + b"\n" if shape == "json" else _lines(event.data))
                left = left - 1 if left else None
            if left == 0:
                return
    except NotFound as error:
        typer.echo(f"newsfeed: {error}", err=True)
        raise typer.Exit(1) from error


def _lines(data: str) -> bytes:
    return ("\n".join(harmless(line) for line in shown(data).splitlines()) + "\n\n").encode()


def parse_stream_id(text: str) -> str:
    """A stream id in full, from ``<ms>`` or ``<ms>-<n>``; raises ``typer.BadParameter``."""
    milliseconds, dash, sequence = text.partition("-")
    if not milliseconds.isdecimal() or (dash and not sequence.isdecimal()):
        raise typer.BadParameter(f"{text!r} is no stream id such as 0 or 1767225600000-0")
    return f"{int(milliseconds)}-{int(sequence or 0)}"


async def _rendered(channel_log: ChannelLog, digest: PublicDigest, shape: Shape) -> bytes:
    """What is printed of a digest; it is worth waiting for a Redis that is away."""
    if shape == "json":
        return digest.data + b"\n"
    while True:
        try:
            text = await _text(channel_log, digest.stream_id)
        except PASSING_ERRORS:
            await asyncio.sleep(RETRY_SECONDS)
            continue
        gone = f"{digest.number} ({digest.stream_id}): its text is not there any more"
        return (text or gone.encode()).rstrip(b"\n") + b"\n\n"


async def _text(channel_log: ChannelLog, stream_id: str) -> bytes | None:
    fact = await channel_log.fact(stream_id)
    sha256 = fact.bodies.get("text") if isinstance(fact, DigestPublished) else None
    return await channel_log.body(sha256) if sha256 else None


class Listener:
    """Follows one channel: live by Pub/Sub, and by its stream wherever Pub/Sub may have missed one."""

    def __init__(self, redis: Client, channel: str, after: str | None) -> None:
        self._redis = redis
        self._name = streams.digests(channel)
        self._log = ChannelLog(redis, channel)
        self._last_id = after
        self._number: int | None = None

    async def digests(self) -> AsyncGenerator[PublicDigest, None]:
        """Digests in order, for ever; Redis may go away and come back meanwhile."""
        while True:
            try:
                await self._start()
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self._name)
                    await pubsub.get_message(timeout=QUIET_SECONDS)
                    while True:
                        async with aclosing(self._missed()) as missed:
                            async for digest in missed:
                                yield digest
                        async with aclosing(self._live(pubsub)) as live:
                            async for digest in live:
                                yield digest
            except PASSING_ERRORS:
                await asyncio.sleep(RETRY_SECONDS)

    async def _start(self) -> None:
        """Only what comes after now counts; it is asked before subscribing, so that nothing falls between."""
        if self._last_id is None:
            newest = await self._log.newest_public()
            self._last_id, self._number = (newest.stream_id, newest.number) if newest else (NO_WINDOW, 0)

    async def _missed(self) -> AsyncGenerator[PublicDigest, None]:
        assert self._last_id is not None
        async with aclosing(self._log.public(self._last_id)) as public:
            async for digest in public:
                self._passed(digest)
                yield digest

    async def _live(self, pubsub: Any) -> AsyncGenerator[PublicDigest, None]:  # noqa: ANN401 redis-py has no type for it
        """Messages that follow each other; ends at a gap, and when it was quiet for long."""
        while message := await pubsub.get_message(ignore_subscribe_messages=True, timeout=QUIET_SECONDS):
            digest = _read(message["data"])
            if digest is None or self._number is None:
                return
            if digest.number > self._number + 1:
                return
            if digest.number == self._number + 1:
                self._passed(digest)
                yield digest

    def _passed(self, digest: PublicDigest) -> None:
        self._last_id, self._number = digest.stream_id, digest.number


def _read(data: bytes) -> PublicDigest | None:
    """What a message says; None for one that is no digest of ours."""
    try:
        fields = orjson.loads(data)
        return PublicDigest(str(fields["stream_id"]), int(fields["number"]), data)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
