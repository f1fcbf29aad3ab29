"""What a program saw of the log, kept where Redis is not: only so can a tail that went back be noticed.

After a failover to a replica that was behind, or a power cut, Redis is consistent and shorter. Its
log and its own record of the tail lost the same entries together, and the next append would fill
their places with others. So every program remembers the newest event that it saw in each partition,
beside its logs, and every commit presents it (see ``commit.lua``).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from newsfeed.errors import LogLost
from newsfeed.eventlog.archive.lost import ahead
from newsfeed.eventlog.commits import Seen
from newsfeed.eventlog.log import EventLog

REMEDY = "look at `newsfeed doctor`"


class Memory(BaseModel):
    """The log that was seen, and how far, by partition."""

    model_config = ConfigDict(frozen=True)

    log_id: UUID
    seen: Mapping[int, Seen]


def folder_of(var: Path) -> Path:
    """Where the memories of all programs of a ``var`` are, a file each."""
    return var / "tails"


def memories(var: Path) -> dict[str, Memory]:
    """What every program of a ``var`` remembers, by its name; what cannot be read is as good as forgotten."""
    found = {file.stem: _load(file) for file in sorted(folder_of(var).glob("*.json"))}
    return {name: memory for name, memory in found.items() if memory}


def remember(log: EventLog, var: Path, program: str) -> None:
    """Write down what was seen, whole or not at all; a disk that is full costs this check, nothing else."""
    file = folder_of(var) / f"{program}.json"
    before = _load(file)
    known = before.seen if before and before.log_id == log.manifest.log_id else {}
    memory = Memory(log_id=log.manifest.log_id, seen=_newest(known, log.seen))
    if memory == before:
        return
    draft = file.with_suffix(f".{os.getpid()}.draft")  # Programs of one name may be several processes.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(memory.model_dump_json(), encoding="utf-8")
        os.replace(draft, file)  # noqa: PTH105 the same, said so that both names are seen


async def recall(log: EventLog, var: Path) -> None:
    """Check the log against all that any program saw or sealed, and go on from there; raises LogLost."""
    for memory in memories(var).values():
        problems = await losses(log, memory)
        if problems:
            raise LogLost(f"{problems[0]}; {REMEDY}")
        log.seen |= _newest(log.seen, memory.seen)
    for segment in await ahead(log):
        raise LogLost(f"the archive holds {segment.name}, the log ends before that; {REMEDY}")


async def losses(log: EventLog, memory: Memory) -> list[str]:
    """What of a memory the log does not hold any more, each in a sentence."""
    if memory.log_id != log.manifest.log_id:
        if not any(seen.position for seen in memory.seen.values()):
            return []
        return [
            f"this is another log ({log.manifest.log_id}) than the one that was worked on ({memory.log_id})"
        ]
    found = []
    for partition, seen in memory.seen.items():
        tail = await log.tail(partition)
        if tail < seen.position:
            found.append(f"partition {partition} ends at {tail}; it was seen to hold {seen.position}")
            continue
        entry = await log.entry(partition, seen.position) if seen.position else None
        if entry and entry.event_id != seen.event_id:
            found.append(f"partition {partition} holds another event at {seen.position} than was seen there")
    return found


def forget(var: Path) -> None:
    """Let every program begin to remember anew, from what the log is now."""
    for file in folder_of(var).glob("*.json"):
        file.unlink()


def _newest(one: Mapping[int, Seen], other: Mapping[int, Seen]) -> dict[int, Seen]:
    """Of each partition what was seen last."""
    both = (*one.items(), *other.items())
    return dict(sorted(both, key=lambda item: item[1].position))


def _load(file: Path) -> Memory | None:
    with suppress(OSError, ValidationError):
        return Memory.model_validate_json(file.read_bytes())
    return None
