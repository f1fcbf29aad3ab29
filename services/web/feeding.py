"""Feeds of a channel over HTTP: built from the digests as they read now, with validators for 304."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from newsfeed.envelope import derive_id
from newsfeed.websub import HUB_PATH, TRANSPORT
from services.web.catalogue import Known
from services.web.desk import Desk, desk_of
from services.web.digests import Digest
from services.web.feeds import MEDIA_TYPES, Feed, FeedEntry, Kind
from services.web.feeds.atom import atom
from services.web.feeds.json_feed import json_feed
from services.web.feeds.rss import rss
from services.web.shelf import Entry
from services.web.words import WORDS, Words

WRITERS: dict[Kind, Callable[[Feed], bytes]] = {"atom": atom, "rss": rss, "json": json_feed}

PAGE_BYTES = 200_000
"""Content of a page, as it is written in JSON; with the rest of it a page stays below 250 kB."""

TITLE_LENGTH = 300

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
STREAM_ID = re.compile(r"[0-9]{1,18}-[0-9]{1,18}")


async def feed_response(request: Request, known: Known, kind: Kind) -> Response:
    """The feed, or 304 if the client has it; 400 for a page that cannot be."""
    desk, before = desk_of(request), request.query_params.get("before", "+")
    if before != "+" and not STREAM_ID.fullmatch(before):
        return Response("before: not the id of a digest\n", 400, media_type="text/plain")
    feed = await build_feed(desk, known, kind, desk.base_url(request), before)
    body = WRITERS[kind](feed)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    links = [f'<{feed.self_url}>; rel="self"', *(f'<{hub}>; rel="hub"' for hub in feed.hub_urls)]
    headers = {
        "etag": etag,
        "last-modified": format_datetime(feed.updated_at, usegmt=True),
        "cache-control": "public, max-age=30, must-revalidate",
        "link": ", ".join(links),
        "access-control-allow-origin": "*",
        "vary": "Accept-Encoding",
    }
    if is_fresh(request, etag, feed.updated_at):
        return Response(None, 304, headers)
    return Response(body, 200, headers, media_type=f"{MEDIA_TYPES[kind]}; charset=utf-8")


def is_fresh(request: Request, etag: str, updated_at: datetime) -> bool:
    """Whether the client has this very body; a tag, if it names any, decides alone."""
    if tags := request.headers.get("if-none-match"):
        return etag in {tag.strip().removeprefix("W/") for tag in tags.split(",")} or tags.strip() == "*"
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and updated_at.replace(microsecond=0) <= since


async def build_feed(desk: Desk, known: Known, kind: Kind, base: str, before: str = "+") -> Feed:
    """The newest digests of a channel before an id; older ones stand behind ``next_url``."""
    shelf, words = desk.shelf(known.name), WORDS[known.language]
    wanted = desk.settings.feed_digests
    issues = await shelf.newest(wanted + 1, before)
    entries = _fitting(await desk.entries.of(shelf, issues[:wanted]))
    page_url = f"{base}/channels/{quote(known.name)}"
    feed_url = f"{page_url}.{kind}"
    is_more = len(issues) > len(entries)
    return Feed(
        feed_id=derive_id("channel", known.name).urn,
        title=known.title,
        description=known.description,
        language=known.language,
        self_url=feed_url if before == "+" else f"{feed_url}?before={before}",
        page_url=page_url,
        updated_at=max((one.digest.updated_at for one in entries), default=BEGINNING).astimezone(UTC),
        entries=[_entry(one, page_url, words) for one in entries],
        hub_urls=_hubs(desk) if before == "+" else (),
        next_url=f"{feed_url}?before={entries[-1].digest.stream_id}" if is_more and entries else None,
    )


def _hubs(desk: Desk) -> Sequence[str]:
    """Our own hub, if we know under which name others reach it."""
    public_url = desk.settings.public_url
    return (f"{public_url.rstrip('/')}{HUB_PATH}",) if public_url and TRANSPORT in desk.ways else ()


def _fitting(entries: Sequence[Entry]) -> list[Entry]:
    """As many as a page holds, but at least one."""
    size, fitting = 0, list[Entry]()
    for entry in entries:
        size += _size(entry.html)
        if fitting and size > PAGE_BYTES:
            break
        fitting.append(entry)
    return fitting


def _size(html: str) -> int:
    return len(orjson.dumps(html))


def _entry(entry: Entry, page_url: str, words: Words) -> FeedEntry:
    digest = entry.digest
    url = f"{page_url}/digests/{digest.number}"
    number = words.number.format(number=digest.number)
    title = f"{number} · {digest.lead.title}" if digest.lead else f"{number} · {words.notices_only}"
    is_small = entry.html and _size(entry.html) <= PAGE_BYTES
    return FeedEntry(
        entry_id=derive_id("digest", digest.channel, digest.stream_id).urn,
        url=url,
        title=title[:TITLE_LENGTH],
        published_at=digest.published_at,
        updated_at=digest.updated_at,
        categories=[(one.name, one.title) for one in digest.sections],
        html=(entry.html if is_small else f'<p><a href="{url}">{number}</a></p>')
        + _replacements(digest, page_url, words),
    )


def _replacements(digest: Digest, page_url: str, words: Words) -> str:
    """Where the digests are that replace each other, as the entry says in words."""
    return "".join(
        f'<p><a href="{page_url}/digests/{number}">{words.number.format(number=number)}</a></p>'
        for number in digest.replacements
    )
