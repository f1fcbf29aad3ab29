"""The program as a whole, and the command that listens to it from afar."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import islice
from pathlib import Path

import httpx2
import pytest
import typer

from newsfeed.cli.far import events_url, listen, shown
from newsfeed.cli.ports import choose_port
from newsfeed.eventlog.connection import Client
from newsfeed.health import heartbeats
from newsfeed.readmodel.queries import NotFound
from newsfeed.redis_server import EmbeddedRedis
from newsfeed.testing.listening import Web
from newsfeed.testing.waiting import until
from services.web.app import create
from services.web.settings import WebSettings

CONFIG = """
[[channels]]
name = "latest"
title = "Latest"
every_seconds = 60
"""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@asynccontextmanager
async def running(server: EmbeddedRedis, var: Path, port: int) -> AsyncIterator[None]:
    """The program, ended in good order."""
    config = var / "newsfeed.toml"
    config.write_text(CONFIG)
    app = create(WebSettings(redis_url=server.url, var=var, port=port, partitions=2, config=config))
    task = asyncio.create_task(app.run())
    try:
        yield
    finally:
        app.exit()
        with suppress(SystemExit):
            await task


async def answers(port: int) -> bool:
    """Whether health is well on a port."""
    try:
        async with httpx2.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/health")).status_code == 200
    except httpx2.TransportError:
        return False


async def test_the_program_serves_while_it_runs(server: EmbeddedRedis, redis: Client, tmp_path: Path) -> None:
    """Its end ends the listeners, too: an endless answer must not hold a shutdown up."""
    port = free_port()

    async with running(server, tmp_path, port):
        await until(lambda: answers(port))
        line = await Web(port).listen("/channels/latest/events")
        [beat] = await heartbeats(redis)
    chunks = [await line.chunk(), await line.chunk()]
    line.cut()

    assert chunks == [b"retry: 2000\n\n", b""]
    assert (beat.service, beat.details["listening"]) == ("web", f"127.0.0.1:{port}")
    assert not await answers(port)


async def test_a_port_that_is_taken_is_told_and_waited_for(
    server: EmbeddedRedis, redis: Client, tmp_path: Path
) -> None:
    """An operator sees why there are no pages; when the port is free they are there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])

        async def is_told() -> bool:
            return any("cannot listen" in trouble for b in await heartbeats(redis) for trouble in b.troubles)

        async with running(server, tmp_path, port):
            await until(is_told)
            taken.close()
            await until(lambda: answers(port))


def test_a_port_is_chosen_that_can_be_listened_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names one gets that or a refusal; who does not gets one that works."""
    monkeypatch.delenv("NEWSFEED_PORT", raising=False)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
        monkeypatch.setattr("newsfeed.cli.ports.DEFAULT_PORT", port)

        with pytest.raises(typer.BadParameter, match="taken"):
            choose_port(port)
        chosen = choose_port(None)

    assert chosen not in {0, port}
    assert (choose_port(0), choose_port(port), choose_port(None)) == (0, port, port)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\nretry: 1\n\n"


async def test_watching_from_afar_goes_on_where_it_was_cut() -> None:
    """An event that was cut off is asked for again; none comes twice."""
    cursors: list[str] = []
    parts = [b"id: 1-0\ndata: a\n\nid: 2-0\nda", b"", b"id: 2-0\ndata: b\n\n: \n\nid: 3-0\ndata: c\n\n"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        cursors.append(head.partition("last-event-id: ")[2].partition("\r\n")[0])
        writer.write(HEAD + parts[len(cursors) - 1])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as far:
        url = events_url(f"http://127.0.0.1:{far.sockets[0].getsockname()[1]}/", "latest")
        found = await asyncio.to_thread(lambda: list(islice(listen(url, None), 3)))

    assert [(event.event_id, event.data) for event in found] == [("1-0", "a"), ("2-0", "b"), ("3-0", "c")]
    assert cursors == ["", "1-0", "1-0"]


async def test_watching_a_channel_that_there_is_not_ends(web: Web) -> None:
    """Trying for ever would look like a channel without news."""
    url = events_url(f"http://127.0.0.1:{web.port}", "nope")

    with pytest.raises(NotFound, match="404"):
        await asyncio.to_thread(lambda: next(listen(url, None)))


@pytest.mark.parametrize("base", ["file:///etc", "127.0.0.1:8000", "http://", "ftp://a"])
def test_only_web_addresses_are_watched(base: str) -> None:
    """The client under it would read files, too."""
    with pytest.raises(typer.BadParameter):
        events_url(base, "latest")


def test_a_digest_is_shown_in_lines() -> None:
    """Notices first, as everywhere."""
    data = (
        '{"channel_title":"L","number":2,"items":[{"title":"A\\nb"}],'
        '"notices":[{"kind":"correction","article_id":"x"}]}'
    )

    assert shown(data) == "L · No. 2\n  ! correction: x\n  1. A b"
