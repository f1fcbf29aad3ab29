"""`newsfeed status`: how all is going; bad news only where a user would notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import typer

from newsfeed import streams
from newsfeed.cli.channels import Progress, all_progress
from newsfeed.cli.due import Due, all_due
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.cli.session import NothingYet, Session, run
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.dead_letters import DeadLetters
from newsfeed.eventlog.durability import Finding, judge, read_facts
from newsfeed.eventlog.groups import backlog
from newsfeed.eventlog.leases import holder
from newsfeed.health import Heartbeat, heartbeats
from newsfeed.readmodel.progress import VersionProgress, progress

PROGRAMS = ("ingest", "enrich", "publish", "keep", "web")
"""The programs of which one at least must run."""

_OF_SEEDS = ("seed_count", "waiting_count", "held_count", "vanished_count", "paused")

PENDING_SECONDS = 60.0
"""An event that waits longer than this is late for its readers."""


@dataclass(frozen=True, slots=True)
class GroupStatus:
    """One group in one partition; ``lag`` is None where the group was never made."""

    group: str
    partition: int
    lag: int | None
    pending: int
    oldest_pending_seconds: float
    holder: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """Everything that `status` looks at."""

    services: Sequence[Heartbeat]
    groups: Sequence[GroupStatus] = ()
    ingest_holders: Sequence[str | None] = ()
    dead_letters: dict[str, int] = field(default_factory=dict)
    channels: dict[str, Progress] = field(default_factory=dict)
    deliveries: dict[str, Due] = field(default_factory=dict)
    projections: Sequence[VersionProgress] = ()
    durability: Sequence[Finding] = ()

    def problems(self) -> list[str]:
        """What a user would notice, each in a sentence; empty when all is well. Pure."""
        found = [trouble for name in PROGRAMS for trouble in self._of_program(name)]
        found += [
            f"{count} dead letters in the group {group}"
            for group, count in self.dead_letters.items()
            if count
        ]
        found += [
            f"{one.group}, partition {one.partition}: an event waits for {one.oldest_pending_seconds:.0f} s"
            for one in self.groups
            if one.oldest_pending_seconds > PENDING_SECONDS
        ]
        found += [
            f"{one.parked} articles are parked in version {one.version} of the read model {one.projection}"
            for one in self.projections
            if one.parked
        ]
        found += [
            f"{one.parked} deliveries of {channel} are parked: `newsfeed deliveries list --state parked`"
            for channel, one in self.deliveries.items()
            if one.parked
        ]
        return found + [str(finding) for finding in self.durability if finding.fatal]

    def warnings(self) -> list[str]:
        """What could become a problem one day, each in a sentence. Pure."""
        slow = [
            f"another release made the read model {one.projection}: `newsfeed rebuild {one.projection}`"
            for one in self.projections
            if one.state == "live" and not one.fits
        ]
        return slow + [str(finding) for finding in self.durability if not finding.fatal]

    def _of_program(self, name: str) -> list[str]:
        alive = [heartbeat for heartbeat in self.services if heartbeat.service == name]
        if not alive:
            return [f"{name} is not running"]
        return [
            f"{name} ({heartbeat.instance}) is not ready: {'; '.join(heartbeat.troubles)}"
            for heartbeat in alive
            if not heartbeat.ready
        ]

    def seeds(self) -> dict[str, object]:
        """What the process that ingests says of the folder; empty when none does."""
        for heartbeat in self.services:
            if heartbeat.service == "ingest" and "seed_count" in heartbeat.details:
                return {name: heartbeat.details.get(name) for name in _OF_SEEDS}
        return {}


def status(as_json: AsJson = False) -> None:
    """Show how all is going; fails if a user would notice."""
    try:
        found = run(_look, starts_redis=False)
    except NothingYet:
        found = Status(services=[])
    problems = found.problems()
    if as_json:
        print_json(_document(found, problems))
    else:
        _print(found, problems)
    if problems:
        raise typer.Exit(1)


async def _look(session: Session) -> Status:
    services = await heartbeats(session.redis)
    durability = judge(await read_facts(session.redis)) if session.settings.durability != "off" else []
    try:
        log = await session.log()
    except NothingYet:
        return Status(services=services, durability=durability)
    partitions = range(log.manifest.partitions)
    letters = DeadLetters(log.redis, len(partitions))
    return Status(
        services=services,
        groups=[await _group(log, group, partition) for group in streams.GROUPS for partition in partitions],
        ingest_holders=[await holder(log.redis, streams.INGEST, partition) for partition in partitions],
        dead_letters={group: await letters.count(group) for group in streams.GROUPS},
        channels=await all_progress(log, session.settings),
        deliveries=await all_due(log.redis),
        projections=await progress(log),
        durability=durability,
    )


async def _group(log: EventLog, group: str, partition: int) -> GroupStatus:
    found = await backlog(log, group, partition)
    who = await holder(log.redis, group, partition)
    if found is None:
        return GroupStatus(group, partition, None, 0, 0.0, who)
    return GroupStatus(group, partition, found.lag, found.pending, found.oldest_pending_seconds, who)


def _document(found: Status, problems: list[str]) -> dict[str, object]:
    return {
        "ok": not problems,
        "problems": problems,
        "warnings": found.warnings(),
        "services": [heartbeat.model_dump(mode="json") for heartbeat in found.services],
        "groups": [asdict(group) for group in found.groups],
        "ingest_holders": found.ingest_holders,
        "dead_letters": found.dead_letters,
        "channels": {name: asdict(progress) for name, progress in found.channels.items()},
        "deliveries": {name: asdict(due) for name, due in found.deliveries.items()},
        "projections": [asdict(one) for one in found.projections],
        "seeds": found.seeds(),
    }


def _print(found: Status, problems: list[str]) -> None:
    services = [
        [
            h.service,
            h.instance,
            "ready" if h.ready else "not ready",
            h.at - h.started_at,
            "; ".join(h.troubles),
        ]
        for h in found.services
    ]
    print_table(["service", "instance", "state", "seconds up", "troubles"], services)
    typer.echo()
    groups = [
        [one.group, one.partition, one.lag, one.pending, one.oldest_pending_seconds, one.holder]
        for one in found.groups
    ]
    print_table(["group", "partition", "lag", "pending", "oldest s", "served by"], groups)
    typer.echo()
    channels = [[name, one.number, one.lag, one.closed_at] for name, one in found.channels.items()]
    print_table(["channel", "digests", "lag", "newest window"], channels)
    typer.echo()
    if found.deliveries:
        rows = [
            [name, one.active, one.pending, one.paused, one.due, one.waiting, one.parked]
            for name, one in found.deliveries.items()
        ]
        print_table(["deliveries of", "active", "pending", "paused", "due", "waiting", "parked"], rows)
        typer.echo()
    versions = [[one.projection, one.version, one.state, one.lag, one.parked] for one in found.projections]
    print_table(["read model", "version", "state", "lag", "parked"], versions)
    seeds = found.seeds()
    if seeds:
        paused = "; reading is paused until enrich has caught up" if seeds["paused"] else ""
        held = f", {seeds['held_count']} held" if seeds["held_count"] else ""
        typer.echo(f"\n{seeds['seed_count']} seeds, {seeds['waiting_count']} of them waiting{held}{paused}")
    typer.echo("")
    for warning in found.warnings():
        typer.echo(f"Warning: {warning}")
    typer.echo("\n".join(problems) or "All is well.")
