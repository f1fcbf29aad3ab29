"""A process that appends version after version of one article, in a race with others like it.

Arguments: the URL, a name, how many events to append, how many in a batch, the kind of log.
It says that it is ready, begins at a line of input, and tells how many it appended and how often others
were first. At a damaged log it ends early.
"""

from __future__ import annotations

import asyncio
import sys

from redis.exceptions import ResponseError

from newsfeed.errors import LogConflict, LogDamaged
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.manifest import read_manifest
from newsfeed.testing.facts import document, version_append
from newsfeed.testing.planted import MultiInsteadOfLua

KINDS: dict[str, type[EventLog]] = {"EventLog": EventLog, "MultiInsteadOfLua": MultiInsteadOfLua}


async def write(url: str, name: str, count: int, size: int, kind: type[EventLog]) -> tuple[int, int]:
    """How many events were appended, and how many batches came too late."""
    redis = connect(url)
    log = kind(redis, await read_manifest(redis))
    print("ready", flush=True)  # noqa: T201 the parent waits for it
    await asyncio.to_thread(sys.stdin.readline)
    appended = late = version = 0
    while appended < count:
        versions = range(version + 1, version + 1 + min(size, count - appended))
        batch = [version_append("a", one, document(body=f"Version {one} by {name}.")) for one in versions]
        try:
            appended += sum(answer > 0 for answer in await log.append(0, batch))
            version = versions[-1]
        except LogConflict as conflict:
            late, version = late + 1, conflict.version
        except ResponseError:  # Redis itself refused the id of an entry.
            late, version = late + 1, (await log.heads(["a"]))["a"].version
        except LogDamaged:
            break
    await redis.aclose()
    return appended, late


if __name__ == "__main__":
    _, url, name, count, size, kind = sys.argv
    print(*asyncio.run(write(url, name, int(count), int(size), KINDS[kind])))  # noqa: T201 the answer
