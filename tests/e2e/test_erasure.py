"""The right to be forgotten: after `erase` no byte of a text is left, and everything else is as it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from newsfeed import zstd
from newsfeed.eventlog.connection import Client, connect
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.place import Place

TITLE = "Harbour pilot Quentin Abernathy-Okoro was seen at the customs house"
SENTENCES = (
    "The pilot left the customs house through the garden at a quarter past nine.",
    "Two clerks said that he carried a grey case and spoke to nobody.",
    "His lawyer asked that the report be taken down at once.",
)
NAME = "Abernathy-Okoro"
NEEDLES = [text.encode() for text in (TITLE, *SENTENCES, NAME)]
OTHER = "The ferry to Vallstad runs again\n\nIt takes cars again from Monday on, Ada Lindqvist said.\n"


def report(*extra: str) -> str:
    return "\n\n".join([TITLE, " ".join(SENTENCES), *extra]) + "\n"


def found_in_files(folder: Path) -> list[str]:
    """Every file below a folder that holds any of the words."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(needle in path.read_bytes() for needle in NEEDLES)]


async def found_in_redis(redis: Client) -> list[str]:
    """Every key whose value, as it is dumped and unpacked where it is packed, holds any of the words."""
    found = []
    async for key in redis.scan_iter(count=1000):
        values = [cast("bytes", await redis.dump(key)), *await _strings(redis, key)]
        if any(needle in value for needle in NEEDLES for value in (*values, *unpacked(values))):
            found.append(key.decode())
    return sorted(found)


async def _strings(redis: Client, key: bytes) -> list[bytes]:
    """The values that a dump may hold compressed."""
    match await redis.type(key):
        case b"string":
            return [cast("bytes", await redis.get(key))]
        case b"hash":
            return cast("list[bytes]", await redis.hvals(key))
        case b"stream":
            entries = cast("list[tuple[bytes, dict[bytes, bytes]]]", await redis.xrange(key))
            return [value for _, fields in entries for value in fields.values()]
        case _:
            return []


def unpacked(values: list[bytes]) -> Iterator[bytes]:
    for value in values:
        try:
            yield zstd.decompress(value)
        except zstd.ZstdError:
            continue


def looked(place: Place) -> list[str]:
    """Where any of the words are, in Redis and in every file of ``var``."""

    async def look(url: str) -> list[str]:
        redis = connect(url)
        try:
            return await found_in_redis(redis)
        finally:
            await redis.aclose()

    with EmbeddedRedis(place.folder / "var") as embedded:
        in_redis = asyncio.run(look(embedded.url))
    return in_redis + found_in_files(place.folder / "var")


@pytest.mark.timeout(300)
def test_after_an_erasure_no_byte_of_the_text_is_left_and_none_comes_back(place: Place) -> None:
    """In no value of Redis, no file of it, no log, no digest; the other article keeps every byte.

    Whoever was told of it gets a retraction that names the digest; the file that still lies there stays out.
    """
    place.write({"desk/one.txt": report(), "desk/other.txt": OTHER})
    place.drain()
    place.write({"desk/one.txt": report("He is back at sea.")})
    place.drain()
    by_seed = {one["seed"]: one for one in place.listing("articles")}
    identity, other = by_seed["desk/one.txt"]["article_id"], by_seed["desk/other.txt"]["article_id"]
    kept = place.newsfeed("article", other, "--json"), place.newsfeed("content", other)
    events = place.listing("events")
    before = looked(place)

    told = place.newsfeed("erase", identity, "--reason", "order 7/2026")

    assert any("content" in key for key in before)
    assert any("digests" in key for key in before)
    assert looked(place) == []
    assert (place.newsfeed("article", other, "--json"), place.newsfeed("content", other)) == kept
    assert "desk/one.txt" in told
    assert_only_the_erasure_was_added(events, place.listing("events"))
    place.newsfeed("verify")
    (place.seeds / "desk" / "one.txt").touch()
    place.write({"desk/again.txt": report(), "wire/again.txt": report() + "\n\n"})
    place.drain()
    assert looked(place) == []
    assert_retracted(place, identity, other)
    assert "article.erased" in place.newsfeed("trace", identity)
    place.newsfeed("verify")


def assert_only_the_erasure_was_added(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """The log tells what was done, of both texts, and is otherwise as it was."""
    assert [event for event in after if event["type"] != "article.erased"] == before
    (fact,) = [event for event in after if event["type"] == "article.erased"]
    assert fact["data"]["reason"] == "order 7/2026"
    assert len(fact["data"]["content_sha256s"]) == 2


def assert_retracted(place: Place, identity: str, other: str) -> None:
    """The first digest has lost a title and nothing else; a later one names the last that told of it."""
    first = orjson.loads(place.newsfeed("digest", "latest", "1", "--format", "json"))
    titles = {item["article_id"]: item["title"] for item in first["items"]}
    assert titles == {identity: None, other: "The ferry to Vallstad runs again"}
    notices = [notice for digest in place.digests("latest") for notice in digest["notices"]]
    (notice,) = [notice for notice in notices if notice["kind"] == "retraction"]
    assert (notice["article_id"], notice["corrects"]["digest"]) == (identity, 2)
