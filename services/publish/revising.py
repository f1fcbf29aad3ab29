"""What the archive shows of a digest after one of its articles was retracted: a tombstone in its place.

Deliveries that were made stay what they were; whoever opens the digest later finds its newest revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError

from newsfeed.eventlog.channel_log import ChannelLog
from services.publish.digests import AlsoReported, Digest, DigestContent, Item, Notice

T = TypeVar("T", Item, AlsoReported)

Retracted = Mapping[str, int]
"""An article to the number of the digest that retracts it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A digest as the archive shows it from now on, and the articles that were taken out this time."""

    digest: Digest
    article_ids: tuple[str, ...]


async def revisions(facts: ChannelLog, notices: tuple[Notice, ...], by: Digest) -> list[Revision]:
    """The digests that told of what another one retracts, in the order of their numbers.

    One that is not kept any more is left out, and so is one of a form that we do not know.
    """
    touched: dict[int, set[str]] = {}
    for notice in notices:
        if notice.kind == "retraction":
            for number in await _told_by(facts, notice):
                touched.setdefault(number, set()).add(notice.article_id)
    found = []
    for number in sorted(touched):
        known = await _as_shown(facts, number)
        if known:
            retracted = dict.fromkeys(sorted(touched[number]), by.number)
            found.append(Revision(tombstoned(known, retracted, by.published_at), tuple(retracted)))
    return found


def tombstoned(digest: Digest, retracted: Retracted, revised_at: datetime) -> Digest:
    """The digest with nothing left of some articles but that they were there. Pure."""
    changes = {
        "items": tuple(_item(one, retracted) for one in digest.items),
        "notices": tuple(
            one.model_copy(update={"title": None}) if one.article_id in retracted else one
            for one in digest.notices
        ),
        "revision": digest.revision + 1,
        "revised_at": revised_at,
    }
    content = {name: value for name, value in digest if name != "sha256"}
    return Digest.sealed(DigestContent(**{**content, **changes}))


def _item(item: Item, retracted: Retracted) -> Item:
    also = tuple(_blanked(one, retracted) for one in item.also)
    gone = {"summary": None, "byline": None, "entities": (), "topics": ()}
    blanked = _blanked(item, retracted)
    return blanked.model_copy(update={"also": also, **(gone if blanked is not item else {})})


def _blanked(one: T, retracted: Retracted) -> T:
    if one.article_id not in retracted:
        return one
    why = tuple(reason.model_copy(update={"name": None, "mentions": ()}) for reason in one.why)
    changes = {"title": None, "url": None, "why": why, "retracted_by": retracted[one.article_id]}
    return one.model_copy(update=changes)


async def _told_by(facts: ChannelLog, notice: Notice) -> list[int]:
    """The digests that told of an article, the newest first: each correction names the one before."""
    numbers: list[int] = []
    number: int | None = notice.corrects.digest
    while number and number not in numbers:
        numbers.append(number)
        fact = await facts.digest(number)
        earlier = {one.article_id: one.corrects.digest for one in fact.notices} if fact else {}
        number = earlier.get(notice.article_id)
    return numbers


async def _as_shown(facts: ChannelLog, number: int) -> Digest | None:
    """The newest revision, or what came out, as it is after anything was erased from it."""
    revision = await facts.revision(number)
    body = await facts.body(revision.bodies["json"]) if revision else None
    body = body or await facts.public_body(number)
    try:
        return Digest.model_validate_json(body) if body else None
    except ValidationError:
        return None
