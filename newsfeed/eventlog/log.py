"""The partitioned article log: append and read."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from newsfeed import streams
from newsfeed.documents import ArticleDocument, Document, EnrichmentDocument
from newsfeed.errors import LeaseLost, LogBehind, LogConflict, LogDamaged, LogForgotten
from newsfeed.eventlog.connection import Client
from newsfeed.eventlog.content import pack, read_documents
from newsfeed.eventlog.entries import Entry, entry_id, read_entry
from newsfeed.eventlog.leases import Lease
from newsfeed.eventlog.manifest import Manifest
from newsfeed.eventlog.scripts import script
from newsfeed.events import LogEvent, VersionEvent

MAX_BATCH = 100
"""Events, and acknowledgements, of one commit: about 2 ms of the server's time."""


@dataclass(frozen=True, slots=True)
class Append:
    """An event to append with the documents it points to.

    ``cause`` is the position, in the same partition, of the event that this one derives from;
    0 for an event that comes from outside.
    """

    event: LogEvent
    documents: Sequence[Document] = ()
    cause: int = 0

    @property
    def adds_version(self) -> bool:
        """Whether the event makes a new version of its article; derived events do not."""
        return isinstance(self.event, VersionEvent)

    @property
    def expected_version(self) -> int:
        """The version that the article must have before; -1 where that does not matter."""
        return self.event.version - 1 if isinstance(self.event, VersionEvent) else -1


@dataclass(frozen=True, slots=True)
class Head:
    """The newest event of a subject: its version and position; 0 and 0 when there is none."""

    version: int = 0
    position: int = 0


@dataclass(slots=True)
class _Keys:
    """The KEYS of a commit, each once, by the number that Lua knows it by."""

    names: list[str]
    _numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        if name not in self._numbers:
            self.names.append(name)
            self._numbers[name] = len(self.names)
        return self._numbers[name]


class EventLog:
    """One log of facts on one Redis. Safe to share between tasks; opens nothing by itself."""

    def __init__(self, redis: Client, manifest: Manifest) -> None:
        self.redis = redis
        self.manifest = manifest
        self._commit = script(redis, "commit")

    def partition_of(self, subject: str) -> int:
        """The partition that holds everything about a subject."""
        return streams.partition_of(subject, self.manifest.partitions)

    def _heads_key(self, partition: int, subject: str) -> str:
        bucket = streams.bucket_of(subject, self.manifest.partitions, self.manifest.buckets)
        return streams.heads(partition, bucket)

    async def append(self, partition: int, appends: Sequence[Append]) -> list[int]:
        """Append up to 100 events of one partition, all or none.

        Returns a position per event, negative for one that was there already. Raises
        :class:`LogConflict`, :class:`LogDamaged`, :class:`LogForgotten`; then nothing was written.
        """
        return await self.commit(partition, appends)

    async def commit(
        self,
        partition: int,
        appends: Sequence[Append],
        *,
        lease: Lease | None = None,
        acks: Sequence[int] = (),
        dead: Mapping[int, str] | None = None,
    ) -> list[int]:
        """Acknowledge ``acks``, dead-letter ``dead`` (position -> JSON) and append, in one step.

        The answer for an event whose cause somebody else acknowledged is 0: it was not appended.
        Raises also :class:`LeaseLost` and :class:`LogBehind`; then nothing was written.
        """
        group = lease.group if lease else ""
        keys = _Keys(
            [
                streams.log(partition),
                streams.tail(partition),
                streams.fence(partition, group),
                streams.dead(partition, group),
            ]
        )
        arguments: list[str | int | bytes] = [
            group,
            lease.token if lease else "",
            len(acks),
            *sorted(acks),
            len(appends),
        ]
        for append in appends:
            arguments += self._arguments(keys, partition, append)
        arguments.append(len(dead or {}))
        for position, letter in (dead or {}).items():
            arguments += [position, letter]
        return _understood(await self._commit(keys=keys.names, args=arguments))

    def _arguments(self, keys: _Keys, partition: int, append: Append) -> list[str | int | bytes]:
        event = append.event
        arguments: list[str | int | bytes] = [
            keys.number(self._heads_key(partition, event.subject)),
            event.subject,
            append.expected_version,
            append.cause,
            int(append.adds_version),
            str(event.event_id),
            event.model_dump_json(exclude={"position", "recorded_at"}, exclude_none=True),
            len(append.documents),
        ]
        for document in append.documents:
            arguments += [
                keys.number(streams.content(partition, document.sha256)),
                pack(document.canonical_bytes()),
            ]
        return arguments

    async def tail(self, partition: int) -> int:
        """The last position of a partition; 0 when it is empty."""
        return int(await self.redis.hget(streams.tail(partition), "n") or 0)

    async def tails(self) -> list[int]:
        """The last position of every partition."""
        return [await self.tail(partition) for partition in range(self.manifest.partitions)]

    async def read(
        self, partition: int, *, after: int = 0, through: int | None = None
    ) -> AsyncGenerator[Entry, None]:
        """Entries ``(after, through]`` in order, unreadable ones too; raises :class:`LogDamaged` at a gap."""
        end = "+" if through is None else entry_id(through)
        expected = after + 1
        while page := await self.redis.xrange(
            streams.log(partition), entry_id(expected), end, count=MAX_BATCH
        ):
            for raw in page:
                entry = read_entry(raw)
                if entry.position != expected:
                    raise LogDamaged(f"partition {partition}: position {expected} is missing")
                yield entry
                expected += 1

    async def wait(self, positions: Mapping[int, int], seconds: float) -> None:
        """Return as soon as a partition holds more than its position, or after so many seconds."""
        after = {streams.log(partition): entry_id(position) for partition, position in positions.items()}
        await self.redis.xread(cast("dict[Any, Any]", after), count=1, block=round(seconds * 1000))

    async def entry(self, partition: int, position: int) -> Entry | None:
        """The entry at one position."""
        return (await self.entries(partition, [position])).get(position)

    async def entries(self, partition: int, positions: Iterable[int]) -> dict[int, Entry]:
        """The entries at some positions, in one round trip; absent ones are left out."""
        pipeline = self.redis.pipeline(transaction=False)
        for position in positions:
            pipeline.xrange(streams.log(partition), entry_id(position), entry_id(position))
        found = (read_entry(page[0]) for page in await pipeline.execute() if page)
        return {entry.position: entry for entry in found}

    async def heads(self, subjects: Iterable[str]) -> dict[str, Head]:
        """The head of each subject, in one round trip."""
        wanted = list(dict.fromkeys(subjects))
        pipeline = self.redis.pipeline(transaction=False)
        for subject in wanted:
            pipeline.hget(self._heads_key(self.partition_of(subject), subject), subject)
        return {
            subject: _head(stored) for subject, stored in zip(wanted, await pipeline.execute(), strict=True)
        }

    async def newest_versions(
        self, subjects: Iterable[str], through: Mapping[int, int] | None = None
    ) -> dict[str, VersionEvent]:
        """The event that made the newest version of each article; unknown articles are left out.

        With ``through`` (position by partition): as it was when the log ended there.
        """
        positions = {subject: head.position for subject, head in (await self.heads(subjects)).items()}
        newest: dict[str, VersionEvent] = {}
        while positions := {subject: position for subject, position in positions.items() if position}:
            pipeline = self.redis.pipeline(transaction=False)
            for subject, position in positions.items():
                at = entry_id(position)
                pipeline.xrange(streams.log(self.partition_of(subject)), at, at)
            for subject, found in zip(list(positions), await pipeline.execute(), strict=True):
                entry = read_entry(found[0]) if found else None
                positions[subject] = entry.previous if entry else 0
                limit = through.get(self.partition_of(subject), 0) if through is not None else None
                seen = entry is not None and (limit is None or entry.position <= limit)
                if entry and seen and isinstance(entry.event, VersionEvent):
                    newest[subject] = entry.event
                    positions[subject] = 0
        return newest

    async def history(self, subject: str) -> list[Entry]:
        """Every entry of a subject, oldest first, by walking its chain."""
        partition = self.partition_of(subject)
        position = (await self.heads([subject]))[subject].position
        chain: list[Entry] = []
        while position and (entry := await self.entry(partition, position)):
            chain.append(entry)
            position = entry.previous
        return chain[::-1]

    async def articles(self, partition: int, sha256s: Iterable[str]) -> dict[str, ArticleDocument]:
        """The texts of article versions; absent and erased ones are left out."""
        stored = await read_documents(self.redis, partition, sha256s)
        return {sha256: ArticleDocument.from_bytes(data) for sha256, data in stored.items()}

    async def enrichments(self, partition: int, sha256s: Iterable[str]) -> dict[str, EnrichmentDocument]:
        """What enrichment found; absent and erased ones are left out."""
        stored = await read_documents(self.redis, partition, sha256s)
        return {sha256: EnrichmentDocument.from_bytes(data) for sha256, data in stored.items()}


def _head(stored: bytes | None) -> Head:
    if not stored:
        return Head()
    version, _, position = stored.partition(b"|")
    return Head(int(version), int(position))


def _understood(reply: Sequence[bytes | int]) -> list[int]:
    kind, *rest = reply
    match kind:
        case b"OK":
            return [int(position) for position in rest[1:]]
        case b"FENCED":
            raise LeaseLost("another process took the partition over")
        case b"BEHIND":
            raise LogBehind(int(rest[0]))
        case b"CONFLICT":
            raise LogConflict(int(rest[0]) - 1, int(rest[1]))
        case b"FORGOTTEN":
            raise LogForgotten(f"event {int(rest[0]) - 1} of the batch: its history was trimmed")
        case _:
            raise LogDamaged(f"the log ends at {rest[0]!r}, it should end at {rest[-1]!r}")
