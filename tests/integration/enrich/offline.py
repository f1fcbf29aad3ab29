"""A process that enriches what is in a log and in which nothing can be looked up.

Arguments: the URL of a Redis on a unix socket, ``whole`` or ``curious``. Whatever would leave the process by
another socket, or ask for the address of a name, is refused from before the first import of ours.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any

REFUSED = frozenset(
    f"socket.{name}"
    for name in ("bind", "getaddrinfo", "gethostbyaddr", "gethostbyname", "getnameinfo", "sendmsg", "sendto")
)


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """The hook: connections to Redis on its unix socket are let through."""
    if event in REFUSED or (event == "socket.connect" and arguments[0].family != socket.AF_UNIX):
        raise PermissionError(f"{event} {arguments[1:]}")


async def enrich(url: str, kind: str) -> None:
    """Everything that the program does with an article, in every partition."""
    from newsfeed.eventlog import EventLog
    from newsfeed.eventlog.connection import connect
    from newsfeed.eventlog.manifest import read_manifest
    from newsfeed.events import ArticleIngested
    from services.enrich.choosing import chosen_enricher
    from services.enrich.handlers import enrich_handler
    from services.enrich.settings import EnrichSettings
    from services.enrich.story_index import RedisIndex

    redis = connect(url)
    log = EventLog(redis, await read_manifest(redis))
    handler = enrich_handler(log, chosen_enricher(EnrichSettings()), RedisIndex(redis))
    if kind == "curious":
        await asyncio.to_thread(socket.getaddrinfo, "models.example", 443)
    for partition in range(log.manifest.partitions):
        entries = [entry.event async for entry in log.read(partition)]
        versions = [event for event in entries if isinstance(event, ArticleIngested)]
        for appends in await handler.react(partition, versions):
            await log.append(partition, appends)
    await redis.aclose()


if __name__ == "__main__":
    sys.addaudithook(refuse)
    asyncio.run(enrich(sys.argv[1], sys.argv[2]))
