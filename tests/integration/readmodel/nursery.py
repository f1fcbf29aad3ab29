"""Starts children that project, one after the other, each ready to be killed at any moment.

Usage: python nursery.py URL BATCH KIND. For every line on the input, a number of batches, a child is
forked that has imported everything already; its process id is told, then how it ended. It
projects so many batches and then waits to be killed; with 0 batches it projects all, and ends.
``KIND`` is ``whole``, or names a bug: ``states-first`` and ``checkpoint-first`` write in two steps.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace

from newsfeed.eventlog import EventLog
from newsfeed.eventlog.connection import connect
from newsfeed.eventlog.fields import Change
from newsfeed.eventlog.manifest import read_manifest
from newsfeed.readmodel.projector import Projector
from newsfeed.readmodel.store import ModelStore
from newsfeed.testing.tally import TALLY, Tally

BETWEEN_SECONDS = 0.003
"""As long as a batch takes about: a bug that hides must be met by the kills of a short run."""


class Torn(ModelStore[Tally]):
    """The bug: states and checkpoint in two steps."""

    states_first = True

    async def _apply(self, change: Change) -> bool:
        states, checkpoint = change.writes[:-1], change.writes[-1:]
        first, second = (states, checkpoint) if self.states_first else (checkpoint, states)
        if not await super()._apply(replace(change, writes=first)):
            return False
        await asyncio.sleep(BETWEEN_SECONDS)
        return await super()._apply(replace(change, guards=[], writes=second))


class TornTheOtherWay(Torn):
    """The same, the other way round."""

    states_first = False


KINDS = {"whole": ModelStore, "states-first": Torn, "checkpoint-first": TornTheOtherWay}


def tell(what: object) -> None:
    """A line in one write: parent and child share the pipe, and print may take two."""
    os.write(sys.stdout.fileno(), f"{what}\n".encode())


async def project(url: str, batch: int, batches: int, kind: str) -> None:
    """What a child does."""
    redis = connect(url)
    log = EventLog(redis, await read_manifest(redis))
    store = KINDS[kind](log, TALLY, 1)
    projector = Projector(log, store, batch=batch)
    tell("begun")
    done = 0
    for partition in range(log.manifest.partitions):
        while await projector.step(partition):
            done += 1
            if done == batches:
                await asyncio.sleep(3600)
    await redis.aclose()


def main(url: str, batch: int, kind: str) -> None:
    """Fork a child for every line: the number of its batches."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            asyncio.run(project(url, batch, int(line), kind))
            os._exit(0)
        tell(child)
        _, status = os.waitpid(child, 0)
        tell(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
