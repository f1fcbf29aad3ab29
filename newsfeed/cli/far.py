"""Digests of a newsfeed elsewhere, by its server-sent events: each once and in order, whatever is cut."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from typing import cast
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import orjson
import typer

from newsfeed.readmodel.queries import NotFound
from newsfeed.sse import Parser, ServerEvent

SILENCE_SECONDS = 45.0
"""A server says something every 15 seconds; after three silences the connection counts as dead."""

RETRY_SECONDS = 2.0
CHUNK_BYTES = 65_536
REFUSED = frozenset({400, 401, 403, 404, 410})
"""Answers that the same question would get again."""


def events_url(base: str, channel: str) -> str:
    """Where the events of a channel are; raises ``typer.BadParameter`` for what is no web address."""
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise typer.BadParameter(f"{base!r} is no address such as http://127.0.0.1:8000")
    return f"{base.rstrip('/')}/channels/{quote(channel, safe='')}/events"


def listen(url: str, cursor: str | None) -> Iterator[ServerEvent]:
    """Events after a cursor, for ever; connects again from the last one. Raises :class:`NotFound`."""
    last_id, wait_seconds = cursor or "", RETRY_SECONDS
    while True:
        parser = Parser(last_id)
        yield from _heard(url, parser)
        last_id = parser.last_event_id
        if parser.retry_ms is not None:
            wait_seconds = parser.retry_ms / 1000
        time.sleep(wait_seconds)


def _heard(url: str, parser: Parser) -> Iterator[ServerEvent]:
    """What one connection brings, however it ends."""
    try:
        with _open(url, parser.last_event_id) as response:
            while chunk := response.read1(CHUNK_BYTES):
                yield from parser.feed(chunk)
    except HTTPError as error:
        if error.code in REFUSED:
            raise NotFound(f"{url} answers {error.code} {error.reason}") from error
    except (OSError, HTTPException):
        pass  # It is away; it may come back.


def _open(url: str, last_id: str) -> HTTPResponse:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    request = Request(url, headers=headers)  # noqa: S310 # the scheme was looked at
    return cast("HTTPResponse", urlopen(request, timeout=SILENCE_SECONDS))  # noqa: S310 # as above


def shown(data: str) -> str:
    """A digest in a few lines: its number, its notices, its titles."""
    digest = orjson.loads(data)
    head = f"{digest.get('channel_title') or digest.get('channel')} · No. {digest.get('number')}"
    notices = [f"  ! {one.get('kind')}: {_title(one)}" for one in digest.get("notices", ())]
    items = [f"  {n}. {_title(one)}" for n, one in enumerate(digest.get("items", ()), start=1)]
    return "\n".join([head, *notices, *items])


def _title(one: dict[str, object]) -> str:
    return " ".join(str(one.get("title") or one.get("article_id")).split())
