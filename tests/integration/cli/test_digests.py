"""`newsfeed channels`, `digests`, `digest` and `watch`."""

from __future__ import annotations

import asyncio
import hashlib

import orjson
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from newsfeed import streams
from newsfeed.cli.watch import Listener
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.answers import Ask, start_command
from newsfeed.testing.channels import bring_out
from newsfeed.testing.town import Town

pytestmark = pytest.mark.by_turns


@pytest.mark.usefixtures("town")
async def test_channels_show_their_newest_digest_and_lag(ask: Ask) -> None:
    [channel] = (await ask("channels", "list", "--json")).json

    assert (channel["name"], channel["number"], channel["lag"]) == ("latest", 2, 0)
    assert "latest" in (await ask("channels", "list")).out


@pytest.mark.usefixtures("redis")
async def test_channels_are_listed_before_the_first_seed(ask: Ask) -> None:
    [channel] = (await ask("channels", "list", "--json")).json

    assert (channel["name"], channel["number"], channel["lag"]) == ("latest", 0, 0)


@pytest.mark.usefixtures("town")
async def test_digests_are_listed_with_their_hash(ask: Ask) -> None:
    answer = await ask("digests", "latest", "--json")
    first, second = answer.json

    public = orjson.loads((await ask("digest", "latest", "1", "--format", "json")).out)
    assert (first["number"], first["item_count"], first["notice_count"]) == (1, 2, 0)
    assert (second["number"], second["item_count"], second["notice_count"]) == (2, 0, 2)
    assert (first["sha256"], first["stream_id"]) == (public["sha256"], public["stream_id"])


@pytest.mark.usefixtures("town")
async def test_skipped_windows_are_shown_when_asked_for(ask: Ask) -> None:
    shown = (await ask("digests", "latest", "--json", "--all")).json

    assert [one["skipped"] for one in shown] == [False, True, False]
    assert len((await ask("digests", "latest")).out.splitlines()) == 3


@pytest.mark.parametrize("body", ["text", "html", "json"])
async def test_a_digest_is_printed_byte_for_byte(ask: Ask, town: Town, body: str) -> None:
    fact = await ChannelLog(town.log.redis, "latest").digest(2)

    answer = await ask("digest", "latest", "2", "--format", body)

    assert fact is not None
    assert hashlib.sha256(answer.out.encode()).hexdigest() == fact.bodies[body]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(
    ("arguments", "status"), [(["latest", "9"], 1), (["none", "1"], 1), (["latest", "0"], 2)]
)
async def test_a_digest_that_is_not_there(ask: Ask, arguments: list[str], status: int) -> None:
    answer = await ask("digest", *arguments)

    assert (answer.status, answer.out) == (status, "")


@pytest.mark.usefixtures("town")
async def test_watching_since_0_catches_up_by_the_stream(ask: Ask) -> None:
    answer = await ask("watch", "latest", "--since", "0", "--count", "2", "--json")

    assert [digest["number"] for digest in answer.json] == [1, 2]


@pytest.mark.usefixtures("town")
async def test_watching_since_an_id_leaves_that_one_out(ask: Ask) -> None:
    first = (await ask("digests", "latest", "--json")).json[0]

    answer = await ask("watch", "latest", "--since", first["stream_id"], "--count", "1")

    assert answer.out == "Digest 2 of latest\n\n"


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize(("arguments", "status"), [(["none"], 1), (["latest", "--since", "noon"], 2)])
async def test_what_cannot_be_watched(ask: Ask, arguments: list[str], status: int) -> None:
    answer = await ask("watch", *arguments)

    assert answer.status == status


async def until_subscribed(redis: Client) -> None:
    """Wait until somebody listens to the channel."""
    while not dict(await redis.pubsub_numsub(streams.digests("latest")))[b"newsfeed:digests:latest"]:
        await asyncio.sleep(0.01)


async def test_a_watcher_process_shows_only_what_comes(town: Town, environment: dict[str, str]) -> None:
    process = await start_command(environment, "watch", "latest", "--json", "--count", "2")
    await until_subscribed(town.log.redis)
    await bring_out(town.log, "latest", [])
    await bring_out(town.log, "latest", [])
    out, err = await process.communicate()

    assert [orjson.loads(line)["number"] for line in out.splitlines()] == [3, 4]
    assert (process.returncode, err) == (0, b"")


async def test_a_listener_fills_a_gap_from_the_stream(town: Town) -> None:
    """Pub/Sub drops what a slow listener does not take; the stream still has it."""
    listener = Listener(town.log.redis, "latest", None).digests()
    following = asyncio.ensure_future(anext(listener))
    await until_subscribed(town.log.redis)
    for number in (7, 3, 1):  # Messages of digests that never were, and of one long past.
        await town.log.redis.publish(
            streams.digests("latest"), orjson.dumps({"number": number + 2, "stream_id": f"{number}-0"})
        )
    await town.log.redis.publish(streams.digests("latest"), b"no digest at all")
    await bring_out(town.log, "latest", [])

    digest = await following
    await listener.aclose()

    assert digest.number == 3


async def test_a_listener_misses_nothing_while_redis_is_away(own_server: EmbeddedRedis) -> None:
    """Neither a digest that came out after the restart, nor one from before it twice."""
    redis = connect(own_server.url)
    log = EventLog(redis, await open_manifest(redis, 1))
    await bring_out(log, "latest", [])
    listening = connect(own_server.url)
    digests = Listener(listening, "latest", "0-0").digests()
    first = await anext(digests)
    following = asyncio.ensure_future(anext(digests))
    await until_subscribed(redis)
    async with Redis.from_url(own_server.url, retry=Retry(NoBackoff(), 0)) as impatient:
        await impatient.shutdown()
    await asyncio.to_thread(own_server.ensure_running)
    await bring_out(log, "latest", [])

    second = await following
    await digests.aclose()
    await listening.aclose()
    await redis.aclose()

    assert (first.number, second.number) == (1, 2)
