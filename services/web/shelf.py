"""The digests of one channel as they read now: revisions in place of what was retracted."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from newsfeed.eventlog.channel_log import ChannelLog, PublicDigest
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.cursor import revised_key
from newsfeed.events import DigestPublished
from services.web.digests import Digest
from services.web.frozen import feed_html

CACHED_COUNT = 500
"""Bodies of feed entries in memory; a redacted digest has another key, and so is made anew."""


@dataclass(frozen=True, slots=True)
class Issue:
    """A digest as it reads now, and its JSON."""

    digest: Digest
    data: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """A digest for a feed; ``html`` is a fragment without anything active in it."""

    digest: Digest
    html: str


class Shelf:
    """The digests of one channel on one Redis."""

    def __init__(self, redis: Client, channel: str) -> None:
        self.log = ChannelLog(redis, channel)

    async def newest(self, count: int, before: str = "+") -> list[Issue]:
        """So many digests before a stream id, newest first; what is none of ours is left out."""
        return [issue for one in await self._page(count, before) if (issue := _issue(one))]

    async def numbered(self, number: int) -> tuple[Issue, bytes | None] | None:
        """A digest and its page as it was rendered; no page where that was erased, None for no digest."""
        bodies = await self.log.current_bodies(number)
        data = bodies.get("json") or await self.log.public_body(number)
        issue = _issue(data) if data else None
        return (issue, bodies.get("html")) if issue else None

    async def _page(self, count: int, before: str) -> list[bytes]:
        page = await self.log.newest_page(count, before)
        revised = await self._revised(page)
        return [revised.get(one.number, one.data) for one in page]

    async def _revised(self, page: Sequence[PublicDigest]) -> dict[int, bytes]:
        held = await self.log.delivered(revised_key(one.number) for one in page)
        numbers = [one.number for one in page if revised_key(one.number) in held]
        bodies = {number: await self.log.current_bodies(number) for number in numbers}
        return {number: found["json"] for number, found in bodies.items() if "json" in found}


class Entries:
    """Entries of feeds, each rendered once while it reads the same."""

    def __init__(self) -> None:
        self._cached: OrderedDict[tuple[str, str, bytes], Entry] = OrderedDict()

    async def of(self, shelf: Shelf, issues: Sequence[Issue]) -> list[Entry]:
        """The entries of some digests, in their order."""
        return [await self._entry(shelf, issue) for issue in issues]

    async def _entry(self, shelf: Shelf, issue: Issue) -> Entry:
        digest = issue.digest
        key = (digest.channel, digest.stream_id, issue.data)
        if key not in self._cached:
            self._cached[key] = Entry(digest, feed_html(await _page_of(shelf, digest)))
        self._cached.move_to_end(key)
        while len(self._cached) > CACHED_COUNT:
            self._cached.popitem(last=False)
        return self._cached[key]


async def _page_of(shelf: Shelf, digest: Digest) -> bytes | None:
    if digest.revision > 1:
        return (await shelf.log.current_bodies(digest.number)).get("html")
    fact = await shelf.log.fact(digest.stream_id)
    sha256 = fact.bodies.get("html") if isinstance(fact, DigestPublished) else None
    return await shelf.log.body(sha256) if sha256 else None


def _issue(data: bytes) -> Issue | None:
    try:
        return Issue(Digest.model_validate_json(data), data)
    except ValidationError:
        return None
