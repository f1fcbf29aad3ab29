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
            for number in await told_by(facts, notice.article_id, notice.corrects.digest):
                touched.setdefault(number, set()).add(notice.article_id)
    found = []
    for number in sorted(touched):
        known = await as_shown(facts, number)
        still = {one for one in touched[number] if known and not _is_blank(known, one)}
        if known and still:
            retracted = dict.fromkeys(sorted(still), by.number)
            replaced = by.number if number == by.supersedes else known.superseded_by
            shown = tombstoned(known, retracted, by.published_at, replaced)
            found.append(Revision(shown, tuple(retracted)))
    return found


def _is_blank(digest: Digest, article_id: str) -> bool:
    """Whether nothing is left of an article in a digest already, but that it was there."""
    shown: list[Item | AlsoReported] = [*digest.items, *(one for item in digest.items for one in item.also)]
    told = [one for one in shown if one.article_id == article_id]
    noticed = [one for one in digest.notices if one.article_id == article_id]
    is_gone = all(one.retracted_by is not None for one in told)
    return bool(told or noticed) and is_gone and all(one.title is None for one in noticed)


def tombstoned(
    digest: Digest, retracted: Retracted, revised_at: datetime, superseded_by: int | None = None
) -> Digest:
    """The digest with nothing left of some articles but that they were there. Pure."""
    changes = {
        "items": tuple(_item(one, retracted) for one in digest.items),
        "notices": tuple(
            one.model_copy(update={"title": None}) if one.article_id in retracted else one
            for one in digest.notices
        ),
        "revision": digest.revision + 1,
        "revised_at": revised_at,
        "superseded_by": superseded_by,
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


async def told_by(facts: ChannelLog, article_id: str, number: int) -> list[int]:
    """The digests that told of an article, from the newest, whose number is given, back to the oldest.

    Each correction names the one before, and each replacement the one that it replaces.
    """
    numbers, left = list[int](), [number]
    while left:
        one = left.pop()
        fact = await facts.digest(one)
        if one in numbers or (fact and article_id not in fact.article_ids):
            continue
        numbers.append(one)
        if fact:
            left += [fact.supersedes] if fact.supersedes else []
            left += [said.corrects.digest for said in fact.notices if said.article_id == article_id]
    return numbers


async def as_shown(facts: ChannelLog, number: int) -> Digest | None:
    """The newest revision, or what came out, as it is after anything was erased from it."""
    revision = await facts.revision(number)
    body = await facts.body(revision.bodies["json"]) if revision else None
    body = body or await facts.public_body(number)
    try:
        return Digest.model_validate_json(body) if body else None
    except ValidationError:
        return None
