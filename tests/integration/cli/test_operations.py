"""`newsfeed status`, `logs`, and what all commands have in common."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from typer.main import get_command
from typer.testing import CliRunner

from newsfeed import streams
from newsfeed.cli import app, session
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.entries import entry_id
from newsfeed.eventlog.groups import ensure_group
from newsfeed.health import Heartbeat, beat, server_time
from newsfeed.testing.answers import Ask, start_command
from newsfeed.testing.letters import bury_first
from newsfeed.testing.town import BRIDGE, Town

pytestmark = pytest.mark.by_turns


async def alive(redis: Client, *names: str, ready: bool = True) -> None:
    """Heartbeats as running programs give them."""
    now = await server_time(redis)
    for name in names:
        heartbeat = Heartbeat(
            service=name,
            instance="host:1",
            pid=1,
            at=now,
            started_at=now,
            ready=ready,
            troubles=() if ready else ("the folder cannot be listed",),
            details={"seed_count": 3, "waiting_count": 1} if name == "ingest" else {},
        )
        await beat(redis, heartbeat)


async def test_all_is_well_when_every_program_is_ready(ask: Ask, town: Town) -> None:
    await ensure_group(town.log, streams.ENRICH)
    await alive(town.log.redis, "ingest", "enrich", "publish", "keep", "web")

    answer = await ask("status", "--json")

    [found] = answer.json
    assert (answer.status, found["ok"], found["problems"]) == (0, True, [])
    assert (found["seeds"]["seed_count"], found["seeds"]["waiting_count"]) == (3, 1)
    assert sum(group["lag"] for group in found["groups"]) == sum(await town.log.tails())
    assert found["channels"]["latest"]["lag"] == 0
    assert "All is well." in (await ask("status")).out


async def test_a_weakness_of_redis_is_shown_and_is_no_failure(
    ask: Ask, town: Town, configure: Callable[[str, str], Awaitable[None]]
) -> None:
    """It may be meant so, but nobody should learn of it from a loss."""
    await alive(town.log.redis, "ingest", "enrich", "publish", "keep", "web")
    await configure("appendfsync", "no")

    answer = await ask("status")

    assert answer.status == 0
    assert "Warning: appendfsync is no" in answer.out
    assert "`CONFIG SET appendfsync everysec`" in (await ask("status", "--json")).json[0]["warnings"][0]


async def test_eviction_is_bad_news(
    ask: Ask, town: Town, configure: Callable[[str, str], Awaitable[None]]
) -> None:
    """Set while programs run, it puts at risk what they have written."""
    await alive(town.log.redis, "ingest", "enrich", "publish", "keep", "web")
    await configure("maxmemory-policy", "allkeys-lru")

    answer = await ask("status", "--json")

    assert answer.status == 1
    assert "`CONFIG SET maxmemory-policy noeviction`" in answer.json[0]["problems"][0]


async def test_a_missing_program_is_bad_news(ask: Ask, town: Town) -> None:
    await alive(town.log.redis, "ingest", "publish", "keep", "web")

    answer = await ask("status", "--json")

    assert (answer.status, answer.json[0]["problems"]) == (1, ["enrich is not running"])


async def test_a_program_that_is_not_ready_is_bad_news(ask: Ask, town: Town) -> None:
    await alive(town.log.redis, "enrich", "publish", "keep", "web")
    await alive(town.log.redis, "ingest", ready=False)

    answer = await ask("status")

    assert answer.status == 1
    assert "the folder cannot be listed" in answer.out


async def test_a_dead_letter_is_bad_news(ask: Ask, town: Town) -> None:
    await alive(town.log.redis, "ingest", "enrich", "publish", "keep", "web")
    await bury_first(town.log)

    answer = await ask("status", "--json")

    assert (answer.status, answer.json[0]["dead_letters"]) == (1, {"enrich": 1})


async def test_an_event_that_waits_for_minutes_is_bad_news(ask: Ask, town: Town) -> None:
    await alive(town.log.redis, "ingest", "enrich", "publish", "keep", "web")
    await ensure_group(town.log, streams.ENRICH)
    key, consumer = streams.log(0), streams.consumer(0, streams.ENRICH)
    await town.log.redis.xreadgroup(streams.ENRICH, consumer, {key: ">"}, count=1)
    await town.log.redis.xclaim(key, streams.ENRICH, consumer, 0, [entry_id(1)], idle=61_000)

    answer = await ask("status", "--json")

    assert answer.status == 1
    assert re.search(r"an event waits for \d\d s", answer.json[0]["problems"][0])


def write_logs(var: Path, **lines: list[dict[str, object]]) -> None:
    """What programs have logged."""
    (var / "log").mkdir(parents=True)
    for service, written in lines.items():
        text = b"".join(orjson.dumps({"service": service, **line}) + b"\n" for line in written)
        (var / "log" / f"{service}.jsonl").write_bytes(text + b"half a line")


def line(second: int, event: str, level: str = "info", **fields: object) -> dict[str, object]:
    return {"timestamp": f"2026-03-01T00:00:{second:02}Z", "event": event, "level": level, **fields}


async def test_logs_of_all_programs_are_merged_by_time(ask: Ask, tmp_path: Path) -> None:
    write_logs(tmp_path / "var", enrich=[line(1, "b"), line(3, "d")], ingest=[line(0, "a"), line(2, "c")])

    shown = (await ask("logs", "--json")).json

    assert [one["event"] for one in shown] == ["a", "b", "c", "d"]


async def test_logs_can_be_narrowed(ask: Ask, tmp_path: Path) -> None:
    write_logs(tmp_path / "var", enrich=[line(0, "a")], ingest=[line(1, "b"), line(2, "c", level="error")])

    assert [one["event"] for one in (await ask("logs", "--json", "--service", "enrich")).json] == ["a"]
    assert [one["event"] for one in (await ask("logs", "--json", "--level", "warning")).json] == ["c"]
    assert (await ask("logs", "--level", "loud")).status == 2


async def test_logs_of_an_article_come_with_those_of_its_correlation(
    ask: Ask, town: Town, tmp_path: Path
) -> None:
    correlation_id = str(town.bridge[0].correlation_id)
    write_logs(
        tmp_path / "var",
        ingest=[line(0, "a", article_ids=["x", BRIDGE]), line(1, "b", article_ids=["x"])],
        publish=[line(2, "c", correlation_ids=[correlation_id]), line(3, "d", path=f"{BRIDGE}.txt")],
    )

    shown = (await ask("logs", "--json", "--article", BRIDGE[:6])).json

    assert [one["event"] for one in shown] == ["a", "c"]


async def test_a_log_line_moves_no_cursor(ask: Ask, tmp_path: Path) -> None:
    write_logs(tmp_path / "var", ingest=[line(0, "ingest.seed_rejected", path="\x1b[2Jevil")])

    answer = await ask("logs")

    assert "ingest.seed_rejected" in answer.out
    assert "\x1b" not in answer.out


async def test_logs_are_followed_until_interrupted(environment: dict[str, str], tmp_path: Path) -> None:
    write_logs(tmp_path / "var", ingest=[line(0, "a")])
    process = await start_command(environment, "logs", "--follow", "--json")
    assert process.stdout is not None

    first = orjson.loads(await process.stdout.readline())
    (tmp_path / "var/log/enrich.jsonl").write_bytes(orjson.dumps(line(1, "b")) + b"\n")
    second = orjson.loads(await process.stdout.readline())
    process.send_signal(signal.SIGINT)

    assert [first["event"], second["event"]] == ["a", "b"]
    assert await process.wait() == 0


@pytest.mark.usefixtures("town")
async def test_a_reader_that_goes_away_is_no_error(environment: dict[str, str]) -> None:
    command = f"{sys.executable} -c 'from newsfeed.cli import main; main()' events --json | head -n 1"
    done = await asyncio.to_thread(
        subprocess.run,
        ["/bin/sh", "-c", command],
        env={**environment, "PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )

    assert (done.stdout.count(b"\n"), done.stderr) == (1, b"")


def test_without_redis_a_command_says_so_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSFEED_REDIS_URL", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(session, "connect", lambda url: Redis.from_url(url, retry=Retry(NoBackoff(), 0)))

    result = CliRunner().invoke(app.create(), ["articles"])

    assert result.exit_code == 1
    assert result.stderr.startswith("newsfeed: Redis does not answer as it should")


def test_a_setting_that_cannot_be_used_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSFEED_PARTITIONS", "0")

    result = CliRunner().invoke(app.create(), ["articles"])

    assert result.exit_code == 2
    assert result.stderr.startswith("newsfeed: the setting NEWSFEED_PARTITIONS cannot be used")


def test_a_var_that_never_held_data_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEWSFEED_REDIS_URL", raising=False)
    monkeypatch.setenv("NEWSFEED_VAR", str(tmp_path / "var"))

    result = CliRunner().invoke(app.create(), ["articles"])

    assert (result.exit_code, result.stderr) == (0, "newsfeed: nothing has been ingested yet\n")
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("first", "commands"),
    [
        ("status", {"status"}),
        ("plan", {"plan"}),
        ("channels", {"channels"}),
        ("subscriptions", {"subscriptions"}),
    ],
)
def test_a_command_is_loaded_without_the_others(first: str, commands: set[str]) -> None:
    """Loading all of them takes longer than most need to answer."""
    assert set(getattr(get_command(app.create(first)), "commands", {})) == commands


def test_a_group_has_what_other_rooms_add_to_it() -> None:
    channels = getattr(get_command(app.create("channels")), "commands", {})["channels"]

    assert {"list", "define", "test", "backtest"} <= set(channels.commands)


@pytest.mark.parametrize("first", ["nonsense", "--help", None])
def test_what_is_no_command_can_be_answered_with_all_of_them(first: str | None) -> None:
    commands = getattr(get_command(app.create(first)), "commands", {})

    assert {*app.COMMANDS, "plan", "subscribe", "deliveries"} <= set(commands)


def test_a_plugin_that_cannot_be_loaded_breaks_only_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("sing", "newsfeed.nowhere:sing", app.PLUGINS)
    loaded = EntryPoint("sum", "newsfeed.cli.status:status", app.PLUGINS)
    monkeypatch.setattr(app, "entry_points", lambda group: [broken, loaded] if group == app.PLUGINS else [])

    result = CliRunner().invoke(app.create(), ["sing"])

    assert result.exit_code == 1
    assert "the command sing cannot be loaded" in result.stderr
    assert CliRunner().invoke(app.create(), ["sum", "--help"]).exit_code == 0
