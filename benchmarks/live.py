"""Live: from the fact of an enrichment to a listener on the web, and a start with a thousand channels.

The publish program runs in a process of its own, as it is installed; the web beside the listener in ours.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.articles import enriched, ingested, texts
from benchmarks.measuring import PrivateRedis, Ratio, private_redis
from benchmarks.publish import MANY, candidates, channels
from newsfeed.channels import Channel
from newsfeed.documents import ArticleDocument
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.cancelling import end
from newsfeed.eventlog.channel_log import ChannelLog
from newsfeed.eventlog.manifest import open_manifest
from newsfeed.events import ArticleIngested
from newsfeed.testing.listening import Web
from newsfeed.tokens import Links
from services.web.desk import Desk
from services.web.routes import application
from services.web.server import listen, serve_on
from services.web.settings import WebSettings

ARTICLES = 100
"""Told of one by one, of a round."""
P99_SECONDS = 1.0
WAITING = 500
"""Articles that wait for the channels when publish starts."""
UP_SECONDS = 30.0
PAUSE_MS = 250
"""Articles come at uneven times of a tick of this length."""
POLL_SECONDS = 0.05


async def measure(rounds: int) -> list[Ratio]:
    """How long a digest takes to its listener; and how long a thousand channels take to their first."""
    with TemporaryDirectory(prefix="nf-") as name:
        async with private_redis() as redis:
            seconds = [one for _ in range(rounds) for one in await _listened(redis, Path(name))]
    with TemporaryDirectory(prefix="nf-") as name:
        async with private_redis() as redis:
            up = await _started(redis, Path(name))
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    detail = f"median {p50:.2f} s, p99 {p99:.2f} s of {len(ordered):,} articles"
    return [
        Ratio("enriched to listener, p99 / 1 s", [p99 / P99_SECONDS], detail, 1.0, at_most=True),
        Ratio(
            "1,000 channels up / 30 s",
            [up / UP_SECONDS],
            f"{up:.1f} s until all closed a window over {WAITING} articles",
            1.0,
            at_most=True,
        ),
    ]


async def _listened(redis: PrivateRedis, var: Path) -> Sequence[float]:
    """Seconds from each enrichment to the digest with it, as a listener of an immediate channel saw them."""
    await redis.client.flushall()
    log = EventLog(redis.client, await open_manifest(redis.client, 4))
    config = _written(var, [Channel(name="now", title="Now", immediate=True)])
    desk = Desk(WebSettings(redis_url=redis.url, var=var, config=config), log, Links(b"a key"), {})
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    serving = asyncio.create_task(serve_on(listening, application(desk), desk.closing))
    seconds: list[float] = []
    try:
        async with _publishing(redis, config, var):
            line = await Web(port).listen("/channels/now/events")
            for number, (title, body) in enumerate(texts(ARTICLES + 1)):
                article_id = await _enrich(log, number, title, body)
                begun = time.perf_counter()
                while article_id.encode() not in await line.chunk():
                    pass
                seconds.append(time.perf_counter() - begun)
                await asyncio.sleep(number * 37 % PAUSE_MS / 1000)
            line.cut()
    finally:
        await end(serving)
    return seconds[1:]  # The first one met a program that was still starting.


async def _started(redis: PrivateRedis, var: Path) -> float:
    """Seconds from the start of publish until every channel has closed a window over what waited."""
    log = EventLog(redis.client, await open_manifest(redis.client, 4))
    made = [one.model_copy(update={"every_seconds": 1}) for one in channels(MANY, candidates(WAITING))]
    config = _written(var, made)
    for number, (title, body) in enumerate(texts(WAITING)):
        await _enrich(log, number, title, body)
    await asyncio.sleep(2)  # A window of a second takes what was recorded before its boundary.
    tails = dict(enumerate(await log.tails()))
    begun, left = time.perf_counter(), {channel.name for channel in made}
    async with _publishing(redis, config, var):
        while left:
            await asyncio.sleep(POLL_SECONDS)
            for name in [*left]:
                cursor = await ChannelLog(redis.client, name).cursor()
                if cursor.positions != tails:
                    break
                left.discard(name)
    return time.perf_counter() - begun


async def _enrich(log: EventLog, number: int, title: str, body: str) -> str:
    document = ArticleDocument(title=title, body=body)
    append = ingested(number, document)
    assert isinstance(append.event, ArticleIngested)
    article_id = append.event.article_id
    partition = log.partition_of(article_id)
    [entry] = (await log.entries(partition, await log.append(partition, [append]))).values()
    assert isinstance(entry.event, ArticleIngested)
    await log.append(partition, [enriched(entry.event, document)])
    return article_id


def _written(var: Path, made: Sequence[Channel]) -> Path:
    """A file that defines channels."""
    path = var / "newsfeed.toml"
    tables = []
    for one in made:
        cadence = "immediate = true" if one.immediate else f"every_seconds = {one.every_seconds}"
        head = f"[[channels]]\nname = '{one.name}'\ntitle = '{one.title}'"
        tables.append(f"{head}\n{cadence}\nquery = '''{one.query}'''\n")
    path.write_text("\n".join(tables), encoding="utf-8")
    return path


@asynccontextmanager
async def _publishing(redis: PrivateRedis, config: Path, var: Path) -> AsyncIterator[None]:
    """The publish program."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[1]),
        "NEWSFEED_REDIS_URL": redis.url,
        "NEWSFEED_CONFIG": str(config),
        "NEWSFEED_VAR": str(var),
        "NEWSFEED_LOG_LEVEL": "warning",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "faststream", "run", "services.publish.app:app"),
        cwd=var,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
