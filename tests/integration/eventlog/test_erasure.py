"""A take-down holds against everything that may be under way when it comes."""

from __future__ import annotations

from typing import Any, cast

import orjson
import pytest

from newsfeed import streams
from newsfeed.errors import LogConflict
from newsfeed.eventlog import Append, EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.content import ERASED
from newsfeed.eventlog.erasure import erase, forget_on_disk, keep_out, redact_all, shared_with, texts_of
from newsfeed.eventlog.redaction import Redacted, redact, redacted
from newsfeed.eventlog.verify import verify_log
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.events import ArticleErased, ArticleIngested
from newsfeed.testing.builders import enrichment
from newsfeed.testing.facts import NOON, document, enrichment_append, version_append
from newsfeed.testing.town import BRIDGE, FAIR, build_town, put_enrichment, put_version

SECRET = document("Ada opens bridge", "It is open.")


async def problems(log: EventLog) -> list[str]:
    of_log = [problem.code async for problem in verify_log(log)]
    return of_log + [problem.code async for problem in verify_channels(log)]


async def stored(log: EventLog, article_id: str, sha256: str) -> bytes | None:
    key = streams.content(log.partition_of(article_id), sha256)
    return cast("bytes | None", await log.redis.get(key))


async def test_the_fact_and_the_texts_go_in_one_step(log: EventLog) -> None:
    """After the commit no text is there, whatever happens to the one who asked for it."""
    event = await put_version(log, "a", 1, SECRET)
    await put_enrichment(log, event)

    fact = await erase(log, await texts_of(log, "a"), "order 7", NOON)

    assert fact
    assert fact.content_sha256s == (SECRET.sha256,)
    hashes = (*fact.content_sha256s, *fact.enrichment_sha256s)
    assert len(hashes) == 2
    assert {await stored(log, "a", sha256) for sha256 in hashes} == {ERASED}
    assert await problems(log) == []
    assert await erase(log, await texts_of(log, "a"), "order 7", NOON) is None


async def test_what_derives_from_an_erased_text_brings_nothing_back(log: EventLog) -> None:
    """An enricher that read the text before the erasure commits after it: its names must not be kept."""
    event = await put_version(log, "a", 1, SECRET)
    bare = enrichment_append(event)
    found = enrichment(entities={"local:ada": 1})
    late = bare.event.model_copy(update={"enrichment_sha256": found.sha256})
    await erase(log, await texts_of(log, "a"), "order 7", NOON)

    answers = await log.append(log.partition_of("a"), [Append(late, [found], cause=bare.cause)])

    assert answers[0] > 0
    assert await stored(log, "a", found.sha256) is None
    assert await problems(log) == []


async def test_a_writer_that_read_the_text_before_conflicts(log: EventLog) -> None:
    """The erasure raises the version, so whoever decided before it must decide again."""
    await put_version(log, "a", 1, SECRET)
    await erase(log, await texts_of(log, "a"), "order 7", NOON)

    with pytest.raises(LogConflict):
        await log.append(log.partition_of("a"), [version_append("a", 2, document("Ada again"))])


async def test_the_text_does_not_come_back_as_another_article(log: EventLog) -> None:
    """The file may lie there under another name, whose article stands in another partition."""
    await put_version(log, "a", 1, SECRET)
    await erase(log, await texts_of(log, "a"), "order 7", NOON)
    await keep_out(log, [SECRET.sha256])
    names = [name for name in "bcdefgh" if log.partition_of(name) != log.partition_of("a")]

    await put_version(log, names[0], 1, SECRET)

    assert await log.articles(log.partition_of(names[0]), [SECRET.sha256]) == {}


async def test_a_copy_of_the_text_is_found_and_common_findings_are_kept(log: EventLog) -> None:
    """Erasing one of two copies would leave the text there; erasing what both found would harm the other."""
    first = await put_version(log, "a", 1, SECRET)
    second = await put_version(log, "b", 1, SECRET)
    third = await put_version(log, "c", 1, document("Another", "Text."))
    for event in (first, second, third):
        await put_enrichment(log, event)

    texts = await texts_of(log, "a")
    shared = await shared_with(log, [texts])
    await erase(log, texts, "order 7", NOON, kept=shared.enrichments)

    assert shared.copies == {"b": {SECRET.sha256}}
    assert shared.enrichments == set(texts.enrichments)
    assert await log.enrichments(log.partition_of("c"), texts.enrichments)


async def test_digests_lose_the_words_and_keep_the_rest(log: EventLog) -> None:
    """Number, id, order and the other articles stay; so does where readers of the stream are."""
    await build_town(log)
    stream = streams.digests("latest")
    await _with_items(log)
    await log.redis.xgroup_create(stream, "readers", id="0")
    await log.redis.xreadgroup("readers", "one", {stream: ">"}, count=1)
    before: Any = await log.redis.xrange(stream)
    groups = await log.redis.xinfo_groups(stream)
    pending = await log.redis.xpending(stream, "readers")

    first = await redact(log.redis, "latest", {BRIDGE})
    again = await redact(log.redis, "latest", {BRIDGE})

    after: Any = await log.redis.xrange(stream)
    assert first == [Redacted("latest", 1), Redacted("latest", 2)]
    assert again == []
    assert [raw[0] for raw in after] == [raw[0] for raw in before]
    items = orjson.loads(after[0][1][b"__data__"])["items"]
    assert [(item["article_id"], item["title"]) for item in items] == [(BRIDGE, None), (FAIR, "Fair tonight")]
    assert b"Ada" not in b"".join(value for raw in after for value in raw[1].values())
    assert b"Ada" not in (await log.redis.dump(stream) or b"")
    assert await log.redis.xpending(stream, "readers") == pending
    assert [group["last-delivered-id"] for group in await log.redis.xinfo_groups(stream)] == [
        group["last-delivered-id"] for group in groups
    ]
    assert await problems(log) == []


async def test_deleting_an_entry_is_not_enough(log: EventLog) -> None:
    """The planted bug: XDEL marks an entry, and its bytes stay as long as a neighbour lives."""
    await build_town(log)
    stream = streams.digests("latest")
    await _with_items(log)
    entries: Any = await log.redis.xrange(stream)

    await log.redis.xdel(stream, entries[0][0])

    assert b"Ada" in (await log.redis.dump(stream) or b"")


async def test_redis_writes_its_files_anew(log: EventLog) -> None:
    """Before that the old text stands in the append-only file, command by command."""
    await put_version(log, "a", 1, SECRET)
    await erase(log, await texts_of(log, "a"), "order 7", NOON)
    await redact_all(log.redis, {"a"})

    assert await forget_on_disk(log.redis) == []


async def test_an_erased_article_is_known_by_its_fact_alone(log: EventLog) -> None:
    """What the log says stays: replaying it must go on for ever."""
    await put_version(log, "a", 1, SECRET)
    await erase(log, await texts_of(log, "a"), "order 7", NOON)

    history = [entry.readable() for entry in await log.history("a")]

    assert isinstance(history[0], ArticleIngested)
    assert isinstance(history[1], ArticleErased)
    assert history[1].causation_id == history[0].event_id
    assert (await log.heads(["a"]))["a"].erased == history[1].position


def test_a_digest_that_is_no_json_is_left_alone() -> None:
    """Strangers may write to a public stream."""
    assert redacted(b"no json", {"a"}) == b"no json"


async def _with_items(log: EventLog) -> None:
    """Put words into the digests of the town, as publish would."""
    channel = ChannelLog(log.redis, "latest")
    titles = {BRIDGE: "Ada opens bridge", FAIR: "Fair tonight"}
    digests = [digest async for digest in channel.public()]
    facts = [await channel.digest(digest.number) for digest in digests]
    await log.redis.delete(streams.digests("latest"))
    for digest, fact in zip(digests, facts, strict=True):
        assert fact
        content = orjson.loads(digest.data)
        content["items"] = [
            {
                "article_id": item.article_id,
                "title": titles[item.article_id],
                "why": [{"name": titles[item.article_id]}],
            }
            for item in fact.items
        ]
        content["notices"] = [
            {"article_id": notice.article_id, "title": titles[notice.article_id]} for notice in fact.notices
        ]
        fields = {"number": digest.number, "__data__": orjson.dumps(content)}
        await log.redis.xadd(streams.digests("latest"), fields, digest.stream_id)  # type: ignore[arg-type]
