"""A program looks at Redis before it trusts it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from newsfeed import streams
from newsfeed.errors import RedisUnsafe
from newsfeed.eventlog.connection import Client, connect
from newsfeed.eventlog.durability import ensure_durable, judge, read_facts
from newsfeed.health import heartbeats
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.runtime import EXIT_FATAL, Program, create_app
from newsfeed.settings import Durability, Settings
from newsfeed.testing.waiting import until

Configure = Callable[[str, str], Awaitable[None]]


async def _details(redis: Client) -> list[str]:
    return [finding.detail for finding in judge(await read_facts(redis))]


def _settings(server: EmbeddedRedis, var: Path, durability: Durability) -> Settings:
    return Settings(redis_url=server.url, var=var, durability=durability)


async def _refused(settings: Settings) -> str:
    """The log of a program that must end by itself with the status for that."""
    with pytest.raises(SystemExit) as ended:
        await create_app(settings, Program("enrich")).run()
    assert ended.value.code == EXIT_FATAL
    return (settings.var / "log" / "enrich.jsonl").read_text()


async def _started(redis: Client, settings: Settings) -> list[str]:
    """The weaknesses that a program tells of, which then works nevertheless."""
    app = create_app(settings, Program("enrich"))
    task = asyncio.create_task(app.run())
    await until(lambda: heartbeats(redis))
    app.exit()
    with suppress(SystemExit):
        await task
    lines = map(json.loads, (settings.var / "log" / "enrich.jsonl").read_text().splitlines())
    return [finding for line in lines for finding in line.get("findings", [])]


async def test_our_own_server_has_no_weakness(redis: Client) -> None:
    assert await _details(redis) == []


@pytest.mark.parametrize(
    ("name", "value", "detail"),
    [
        ("maxmemory-policy", "allkeys-lru", "maxmemory-policy is allkeys-lru"),
        ("appendonly", "no", "the append-only file is off"),
        ("appendfsync", "no", "appendfsync is no"),
    ],
)
async def test_a_weakness_is_seen_on_a_real_server(
    redis: Client, configure: Configure, name: str, value: str, detail: str
) -> None:
    await configure(name, value)

    [found] = await _details(redis)

    assert found.startswith(detail)


async def test_a_redis_that_is_nearly_full_is_seen(redis: Client, configure: Configure) -> None:
    used = int((await redis.info("memory"))["used_memory"])
    await configure("maxmemory", str(round(used * 1.05)))

    [found] = await _details(redis)

    assert "bytes of maxmemory are used" in found


async def test_a_program_refuses_eviction_before_it_makes_a_log(
    server: EmbeddedRedis, redis: Client, configure: Configure, tmp_path: Path
) -> None:
    """What it would write could vanish; the remedy is a command to paste."""
    await configure("maxmemory-policy", "allkeys-lru")

    said = await _refused(_settings(server, tmp_path, "warn"))

    assert "`CONFIG SET maxmemory-policy noeviction`" in said
    assert not await redis.exists(streams.MANIFEST)


async def test_a_program_warns_once_and_works_without_an_append_only_file(
    server: EmbeddedRedis, redis: Client, configure: Configure, tmp_path: Path
) -> None:
    """Somebody may keep data by replicas or snapshots alone."""
    await configure("appendonly", "no")

    [finding] = await _started(redis, _settings(server, tmp_path, "warn"))

    assert finding.endswith("`CONFIG SET appendonly yes`")


async def test_strict_refuses_what_others_are_warned_of(
    server: EmbeddedRedis, configure: Configure, tmp_path: Path
) -> None:
    await configure("appendfsync", "no")

    assert "`CONFIG SET appendfsync everysec`" in await _refused(_settings(server, tmp_path, "strict"))


async def test_off_looks_at_nothing(
    server: EmbeddedRedis, redis: Client, configure: Configure, tmp_path: Path
) -> None:
    await configure("maxmemory-policy", "allkeys-lru")
    await configure("appendfsync", "no")

    assert await _started(redis, _settings(server, tmp_path, "off")) == []


async def test_where_config_is_forbidden_info_must_do(server: EmbeddedRedis, redis: Client) -> None:
    """Managed services hide CONFIG; eviction is told by INFO all the same."""
    await redis.acl_setuser(
        "limited",
        enabled=True,
        nopass=True,
        keys=["*"],
        channels=["*"],
        categories=["+@all"],
        commands=["-config"],
    )
    limited = connect(f"unix://limited:any@{server.socket}")

    facts = await read_facts(limited)
    with pytest.raises(RedisUnsafe, match="appendfsync could not be read"):
        await ensure_durable(limited, "strict")
    weak = await ensure_durable(limited, "warn")

    await limited.aclose()
    await redis.acl_deluser("limited")
    assert (facts.maxmemory_policy, facts.aof_enabled, facts.appendfsync) == ("noeviction", True, None)
    assert "appendfsync could not be read" in [finding.detail for finding in weak]
