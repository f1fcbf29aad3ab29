"""`newsfeed verify`: whether the log, every channel, the registry and the deliveries are what they were."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import asdict

import typer

from newsfeed.cli.printing import AsJson, print_json, shown
from newsfeed.cli.session import ask
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.verify import Problem, verify_log
from newsfeed.eventlog.verify_channels import verify_channels
from newsfeed.eventlog.verify_deliveries import verify_deliveries
from newsfeed.eventlog.verify_registry import verify_registry
from newsfeed.settings import Settings


def verify(as_json: AsJson = False) -> None:
    """Check the log, every channel, the registry and all deliveries; name each damage. Nothing is changed."""

    async def answer(log: EventLog, _settings: Settings) -> int:
        count = 0
        checks = (verify_log(log), verify_channels(log), verify_registry(log), verify_deliveries(log))
        for check in checks:
            async with aclosing(check) as problems:
                async for problem in problems:
                    count += 1
                    _show(problem, as_json)
        if not as_json:
            typer.echo(
                f"{count} problems." if count else f"All of {sum(await log.tails())} events are sound."
            )
        return count

    if ask(answer):
        raise typer.Exit(1)


def _show(problem: Problem, as_json: bool) -> None:
    if as_json:
        print_json({name: value for name, value in asdict(problem).items() if value is not None})
        return
    where = [f"channel {problem.channel}"] if problem.channel else []
    where += [f"window {problem.stream_id}"] if problem.stream_id else []
    where += [f"partition {problem.partition}"] if problem.partition is not None else []
    where += [f"position {problem.position}"] if problem.position is not None else []
    typer.echo(f"{problem.code}  {', '.join(where)}: {shown(problem.detail)}")
