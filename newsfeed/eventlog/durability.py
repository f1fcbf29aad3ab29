"""Does Redis keep what it is given? Its settings are read once at the start, and judged.

``INFO`` tells nearly all of it. ``CONFIG`` is asked for the rest; where an ACL or a managed service
forbids it, that is a finding of its own: what cannot be read is not taken to be well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from redis.exceptions import ResponseError

from newsfeed.errors import RedisUnsafe
from newsfeed.eventlog.connection import Client
from newsfeed.settings import Durability

MINIMUM_VERSION = (6, 2)
"""The oldest Redis that has every command we use."""

EFFECTS_ALWAYS = (7, 0)
"""Since this version scripts are always replicated by their effects; before, a setting decides."""

HEADROOM_RATIO = 0.1
"""With less than this of ``maxmemory`` free, Redis will soon refuse to append."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which Redis could lose what it was given, or stop taking it."""

    detail: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        """A sentence for an operator."""
        return f"{self.detail}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a server says of itself; None is what could not be read."""

    version: str | None = None
    maxmemory_policy: str | None = None
    maxmemory_bytes: int | None = None
    used_memory_bytes: int | None = None
    aof_enabled: bool | None = None
    aof_last_write_status: str | None = None
    appendfsync: str | None = None
    lua_replicate_commands: str | None = None


async def ensure_durable(redis: Client, mode: Durability) -> list[Finding]:
    """The weaknesses to warn of; raises :class:`RedisUnsafe` for what the mode does not allow."""
    if mode == "off":
        return []
    findings = judge(await read_facts(redis))
    refused = [finding for finding in findings if finding.fatal or mode == "strict"]
    if refused:
        raise RedisUnsafe(*(str(finding) for finding in refused))
    return findings


async def read_facts(redis: Client) -> Facts:
    """What the server says of itself, as far as we are allowed to ask."""
    server = await _info(redis, "server")
    memory = await _info(redis, "memory")
    persistence = await _info(redis, "persistence")
    config = await _config(redis, "appendfsync", "lua-replicate-commands")
    enabled = persistence.get("aof_enabled")
    return Facts(
        version=server.get("redis_version"),
        maxmemory_policy=memory.get("maxmemory_policy"),
        maxmemory_bytes=_integer(memory.get("maxmemory")),
        used_memory_bytes=_integer(memory.get("used_memory")),
        aof_enabled=None if enabled is None else enabled == "1",
        aof_last_write_status=persistence.get("aof_last_write_status"),
        appendfsync=config.get("appendfsync"),
        lua_replicate_commands=config.get("lua-replicate-commands"),
    )


def judge(facts: Facts) -> list[Finding]:
    """What is wrong, the worst first. Pure."""
    found = [*_about_scripts(facts), *_about_memory(facts), *_about_disk(facts)]
    return sorted(found, key=lambda finding: not finding.fatal)


def _about_scripts(facts: Facts) -> Iterator[Finding]:
    if facts.version is None:
        yield _unread("its version", "INFO")
        return
    version = tuple(int(part) for part in facts.version.split(".")[:2])
    if version < MINIMUM_VERSION:
        yield Finding(f"Redis {facts.version} is too old", "install Redis 6.2 or newer", fatal=True)
    elif version < EFFECTS_ALWAYS and facts.lua_replicate_commands is None:
        yield _unread("lua-replicate-commands", "CONFIG GET")
    elif version < EFFECTS_ALWAYS and facts.lua_replicate_commands != "yes":
        yield Finding(
            "lua-replicate-commands is off, so that no commit can run",
            "`CONFIG SET lua-replicate-commands yes`",
            fatal=True,
        )


def _about_memory(facts: Facts) -> Iterator[Finding]:
    if facts.maxmemory_policy is None:
        yield _unread("maxmemory-policy", "INFO")
    elif facts.maxmemory_policy != "noeviction":
        yield Finding(
            f"maxmemory-policy is {facts.maxmemory_policy}, so that the log could vanish to make room",
            "`CONFIG SET maxmemory-policy noeviction`",
            fatal=True,
        )
    limit, used = facts.maxmemory_bytes, facts.used_memory_bytes
    if limit and used is not None and used > limit * (1 - HEADROOM_RATIO):
        yield Finding(
            f"{used} of {limit} bytes of maxmemory are used; when it is full nothing is appended any more",
            f"`CONFIG SET maxmemory {2 * limit}`, where the machine has as much",
        )


def _about_disk(facts: Facts) -> Iterator[Finding]:
    if facts.aof_enabled is None:
        yield _unread("whether the append-only file is on", "INFO")
    elif not facts.aof_enabled:
        yield Finding(
            "the append-only file is off, so that a restart loses what came after the last snapshot",
            "`CONFIG SET appendonly yes`",
        )
        return
    if facts.appendfsync is None:
        yield _unread("appendfsync", "CONFIG GET")
    elif facts.appendfsync == "no":
        yield Finding(
            "appendfsync is no, so that a power cut can lose half a minute",
            "`CONFIG SET appendfsync everysec`",
        )
    if facts.aof_last_write_status not in {None, "ok"}:
        yield Finding(
            "the last write to the append-only file failed",
            "look into the log of Redis and at the space on its disk",
        )


def _unread(what: str, command: str) -> Finding:
    return Finding(f"{what} could not be read", f"allow `{command}` to the user of newsfeed, or check it")


async def _info(redis: Client, section: str) -> Mapping[str, str]:
    try:
        return {name: str(value) for name, value in (await redis.info(section)).items()}
    except ResponseError:
        return {}


async def _config(redis: Client, *names: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    try:
        for name in names:
            stored = cast("Mapping[bytes | str, bytes | str]", await redis.config_get(name))
            for key, value in stored.items():
                found[_text(key)] = _text(value)
    except ResponseError:
        return found
    return found


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _integer(value: str | None) -> int | None:
    return int(value) if value is not None else None
