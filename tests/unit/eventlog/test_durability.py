"""What is said of a Redis by what it says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsfeed.eventlog.durability import Facts, judge

SOUND = Facts(
    version="6.2.14",
    maxmemory_policy="noeviction",
    maxmemory_bytes=1000,
    used_memory_bytes=900,
    aof_enabled=True,
    aof_last_write_status="ok",
    appendfsync="everysec",
    lua_replicate_commands="yes",
)


def test_nothing_is_said_of_a_sound_redis() -> None:
    """A warning that is always there is read by nobody."""
    assert judge(SOUND) == []
    assert judge(replace(SOUND, version="8.0.6", lua_replicate_commands=None)) == []


@pytest.mark.parametrize(
    ("facts", "detail"),
    [
        (replace(SOUND, version="6.0.20"), "too old"),
        (replace(SOUND, lua_replicate_commands="no"), "lua-replicate-commands is off"),
        (replace(SOUND, maxmemory_policy="allkeys-lru"), "maxmemory-policy is allkeys-lru"),
    ],
)
def test_what_would_cost_the_log_is_fatal(facts: Facts, detail: str) -> None:
    """A program must not begin what Redis is going to lose."""
    [finding] = judge(facts)

    assert finding.fatal
    assert detail in finding.detail


@pytest.mark.parametrize(
    ("facts", "detail"),
    [
        (replace(SOUND, aof_enabled=False), "append-only file is off"),
        (replace(SOUND, appendfsync="no"), "appendfsync is no"),
        (replace(SOUND, aof_last_write_status="err"), "last write"),
        (replace(SOUND, used_memory_bytes=901), "901 of 1000 bytes"),
        (replace(SOUND, appendfsync=None), "appendfsync could not be read"),
        (replace(SOUND, lua_replicate_commands=None), "lua-replicate-commands could not be read"),
    ],
)
def test_what_may_cost_something_one_day_is_a_warning(facts: Facts, detail: str) -> None:
    """Somebody may have chosen it; they are told, and can work."""
    [finding] = judge(facts)

    assert not finding.fatal
    assert detail in finding.detail


def test_the_worst_comes_first_and_ignorance_is_no_proof() -> None:
    """Where nothing may be read, nothing is claimed to be well."""
    details = [finding.detail for finding in judge(replace(Facts(), maxmemory_policy="volatile-ttl"))]

    assert details == [
        "maxmemory-policy is volatile-ttl, so that the log could vanish to make room",
        "its version could not be read",
        "whether the append-only file is on could not be read",
        "appendfsync could not be read",
    ]
