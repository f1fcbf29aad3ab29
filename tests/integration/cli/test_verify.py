"""`newsfeed verify` names every kind of damage, and none where there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from newsfeed import streams
from newsfeed.eventlog.channel_log import LEDGER_BUCKETS, ChannelLog
from newsfeed.eventlog.content import pack
from newsfeed.events import DigestPublished
from newsfeed.testing.answers import Ask
from newsfeed.testing.channels import bring_out
from newsfeed.testing.facts import version_append
from newsfeed.testing.town import BRIDGE, Town

pytestmark = pytest.mark.by_turns

Damage = Callable[[Town], Awaitable[None]]

P = 0
"""The partition of the bridge."""


def ledger(article_id: str) -> str:
    """Where the channel keeps what its readers hold of an article."""
    return streams.delivered("latest", streams.bucket_of(article_id, 1, LEDGER_BUCKETS))


def head(town: Town, article_id: str) -> str:
    """Where the log keeps the head of an article."""
    manifest = town.log.manifest
    return streams.heads(P, streams.bucket_of(article_id, manifest.partitions, manifest.buckets))


async def taken_out(town: Town, key: str) -> list[tuple[bytes, dict[Any, Any]]]:
    """Everything of a stream, which is gone then."""
    entries = await town.log.redis.xrange(key)
    await town.log.redis.delete(key)
    return cast("list[tuple[bytes, dict[Any, Any]]]", entries)


async def rewrite(town: Town, position: int, field: bytes, before: bytes, after: bytes) -> None:
    """Change a field of an entry: the stream is written anew, which only an attacker or a bug would do."""
    key = streams.log(P)
    entries = await taken_out(town, key)
    [changed] = [fields for stream_id, fields in entries if stream_id == f"0-{position}".encode()]
    assert before in changed[field]
    changed[field] = changed[field].replace(before, after)
    for stream_id, fields in entries:
        await town.log.redis.xadd(key, fields, id=stream_id)


async def lose_entry(town: Town) -> None:
    await town.log.redis.xdel(streams.log(P), "0-2")


async def write_foreign(town: Town) -> None:
    await town.log.redis.xadd(streams.log(P), {"hello": "world"})


async def write_foreign_in_place(town: Town) -> None:
    await town.log.redis.xadd(streams.log(P), {"hello": "world"}, id="0-5")


async def shorten(town: Town) -> None:
    key = streams.log(P)
    for stream_id, fields in (await taken_out(town, key))[:-1]:
        await town.log.redis.xadd(key, fields, id=stream_id)


async def lose_log(town: Town) -> None:
    await town.log.redis.delete(streams.log(P))


async def break_chain(town: Town) -> None:
    await rewrite(town, 2, b"p", b"1", b"7")


async def raise_version(town: Town) -> None:
    await rewrite(town, 2, b"v", b"1", b"7")


async def change_event_id(town: Town) -> None:
    await rewrite(town, 2, b"e", b"-", b"_")


async def change_position(town: Town) -> None:
    await rewrite(town, 2, b"__data__", b'"position":2', b'"position":1')


async def backdate(town: Town) -> None:
    await rewrite(town, 2, b"__data__", b'"recorded_at":"2', b'"recorded_at":"1')


async def spoil_event(town: Town) -> None:
    await rewrite(town, 3, b"__data__", b'"article.revised"', b'"article.revoked"')


async def move_child(town: Town) -> None:
    await rewrite(town, 4, b"__data__", b'"of_position":3', b'"of_position":1')


async def lose_document(town: Town) -> None:
    await town.log.redis.delete(streams.content(P, town.bridge[0].content_sha256))


async def change_document(town: Town) -> None:
    await town.log.redis.set(streams.content(P, town.bridge[0].content_sha256), pack(b"{}"))


async def spoil_document(town: Town) -> None:
    await town.log.redis.set(streams.content(P, town.bridge[0].content_sha256), b"not zstd")


async def change_head(town: Town) -> None:
    await town.log.redis.hset(head(town, BRIDGE), BRIDGE, "7|1")


async def lose_head(town: Town) -> None:
    await town.log.redis.hdel(head(town, BRIDGE), BRIDGE)


async def invent_head(town: Town) -> None:
    await town.log.redis.hset(head(town, "nobody"), "nobody", "1|1")


@pytest.mark.parametrize(
    ("damage", "code", "position"),
    [
        (lose_entry, "position_missing", 2),
        (write_foreign, "entry_foreign", None),
        (write_foreign_in_place, "entry_foreign", 5),
        (shorten, "position_missing", 4),
        (shorten, "tail_wrong", 4),
        (lose_log, "position_missing", 1),
        (break_chain, "chain_broken", 2),
        (raise_version, "version_wrong", 2),
        (change_event_id, "event_id_wrong", 2),
        (change_position, "position_wrong", 2),
        (backdate, "recorded_at_fell", 2),
        (spoil_event, "event_unreadable", 3),
        (move_child, "of_position_wrong", 4),
        (lose_document, "document_missing", 2),
        (change_document, "document_damaged", 2),
        (spoil_document, "document_damaged", 2),
        (change_head, "head_wrong", 4),
        (lose_head, "head_missing", 4),
        (invent_head, "head_wrong", None),
    ],
)
async def test_damage_of_the_log_is_named_with_its_place(
    ask: Ask, town: Town, damage: Damage, code: str, position: int | None
) -> None:
    await damage(town)

    answer = await ask("verify", "--json")

    found = [(one["code"], one.get("partition"), one.get("position")) for one in answer.json]
    assert (code, P, position) in found
    assert answer.status == 1


async def bring_out_version(town: Town, version: int) -> None:
    await town.log.append(P, [version_append(BRIDGE, version)])
    await bring_out(town.log, "latest", [])


async def make_hole(town: Town) -> None:
    await bring_out_version(town, 3)
    await bring_out_version(town, 4)
    facts = [window_id async for window_id, _ in ChannelLog(town.log.redis, "latest").facts()]
    await town.log.redis.xdel(streams.windows("latest"), facts[3])


async def first_digest(town: Town) -> DigestPublished:
    fact = await ChannelLog(town.log.redis, "latest").digest(1)
    assert fact is not None
    return fact


async def lose_body(town: Town) -> None:
    fact = await first_digest(town)
    await town.log.redis.delete(streams.body("latest", fact.bodies["html"]))


async def change_body(town: Town) -> None:
    fact = await first_digest(town)
    await town.log.redis.set(streams.body("latest", fact.bodies["html"]), pack(b"<h1>Other news</h1>"))


async def lose_public(town: Town) -> None:
    newest = await ChannelLog(town.log.redis, "latest").newest_public()
    assert newest is not None
    await town.log.redis.xdel(streams.digests("latest"), newest.stream_id)


async def write_public(town: Town) -> None:
    await town.log.redis.xadd(streams.digests("latest"), {"number": "3", "__data__": "{}"})


async def change_public(town: Town) -> None:
    key = streams.digests("latest")
    for stream_id, fields in await taken_out(town, key):
        await town.log.redis.xadd(key, {**fields, b"__data__": b"{}"}, id=stream_id)


async def change_cursor(town: Town) -> None:
    await town.log.redis.hset(streams.cursor("latest"), "p0", "1")


async def change_ledger(town: Town) -> None:
    await town.log.redis.hset(ledger(BRIDGE), BRIDGE, "1|1|")


async def lose_from_ledger(town: Town) -> None:
    await town.log.redis.hdel(ledger(BRIDGE), BRIDGE)


async def invent_in_ledger(town: Town) -> None:
    await town.log.redis.hset(ledger("nobody"), "nobody", "1|1|")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (make_hole, "window_hole"),
        (make_hole, "number_wrong"),
        (lose_body, "body_missing"),
        (change_body, "body_damaged"),
        (lose_public, "digest_missing"),
        (write_public, "digest_foreign"),
        (change_public, "digest_wrong"),
        (change_cursor, "cursor_wrong"),
        (change_ledger, "ledger_wrong"),
        (lose_from_ledger, "ledger_missing"),
        (invent_in_ledger, "ledger_wrong"),
    ],
)
async def test_damage_of_a_channel_is_named(ask: Ask, town: Town, damage: Damage, code: str) -> None:
    await damage(town)

    answer = await ask("verify", "--json")

    assert (code, "latest") in [(one["code"], one.get("channel")) for one in answer.json]
    assert answer.status == 1


@pytest.mark.usefixtures("town")
async def test_a_sound_log_has_no_problems(ask: Ask) -> None:
    answer = await ask("verify")

    assert (answer.status, answer.out) == (0, "All of 7 events are sound.\n")


async def test_an_erased_text_and_a_dropped_projection_are_no_damage(ask: Ask, town: Town) -> None:
    """The one is the law, the other is made anew from the facts."""
    await town.log.redis.set(streams.content(P, town.bridge[0].content_sha256), b"")
    await town.log.redis.delete(streams.cursor("latest"), ledger(BRIDGE))

    answer = await ask("verify", "--json")

    assert (answer.status, answer.out) == (0, "")


async def test_problems_are_told_to_people_in_a_line_each(ask: Ask, town: Town) -> None:
    await lose_body(town)

    answer = await ask("verify")

    problem, count = answer.out.splitlines()
    assert problem.startswith("body_missing  channel latest, window ")
    assert count == "1 problems."
