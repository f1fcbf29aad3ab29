"""`newsfeed channels test`: which of the newest articles belong to a channel, and what the others lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from newsfeed.channels import Channel
from newsfeed.cli import session
from newsfeed.cli.printing import AsJson, print_json, print_table
from newsfeed.eventlog import EventLog
from newsfeed.settings import Settings
from newsfeed.vocabulary import ancestors
from services.publish.candidates import Candidate
from services.publish.choosing import Choice
from services.publish.digests import Reason
from services.publish.matching import why, why_not
from services.publish.recent import recent_candidates


@dataclass(frozen=True, slots=True)
class Tried:
    """One article: the reasons why it belongs to the channel, or the clauses that it lacks."""

    candidate: Candidate
    reasons: tuple[Reason, ...] | None
    lacks: tuple[str, ...]

    @property
    def title(self) -> str | None:
        """None once the text was erased."""
        return self.candidate.document.title if self.candidate.document else None


def try_channel(
    name: Annotated[str | None, typer.Argument(help="A channel that is defined.")] = None,
    query: Annotated[str | None, typer.Option(help="A query in its place: docs/queries.md.")] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="So many of the newest articles.")] = 100,
    misses: Annotated[int, typer.Option(min=0, help="So many of the nearest misses.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show which of the newest articles belong to a channel and why, and which nearly do."""
    choice = Choice(name, query, {"immediate": True})

    async def answer(log: EventLog, settings: Settings) -> list[Tried]:
        channel = await choice.channel(log.redis, settings)
        return [tried(channel, one) for one in await recent_candidates(log, last)]

    results = session.ask(answer)
    matches = [one for one in results if one.reasons is not None]
    missed = sorted((one for one in results if one.reasons is None), key=lambda one: len(one.lacks))[:misses]
    if as_json:
        for one in (*matches, *missed):
            print_json(_plain(one))
        return
    typer.echo(f"{len(matches)} of the newest {len(results)} articles belong to it")
    if matches:
        rows = [[one.candidate.article_id, one.title, _because(one)] for one in matches]
        print_table(["article", "title", "why"], rows)
    if missed:
        typer.echo("\nnearest misses")
        rows = [[one.candidate.article_id, one.title, "; ".join(one.lacks)] for one in missed]
        print_table(["article", "title", "lacks"], rows)


def tried(channel: Channel, candidate: Candidate) -> Tried:
    """Ask a channel about an article."""
    reasons = why(channel, candidate, ancestors)
    lacks = why_not(channel, candidate, ancestors) if reasons is None else []
    return Tried(candidate, reasons, tuple(lacks))


def _because(one: Tried) -> str:
    return "; ".join(_told(one, reason) for reason in one.reasons or ())


def _told(one: Tried, reason: Reason) -> str:
    """The clause, what met it, and the words where it stands."""
    score = f" {reason.score:.2f}" if reason.score is not None else ""
    met = f" ({reason.name or reason.id}{score})" if (reason.name or reason.id) != reason.clause else score
    text = one.candidate.document.text if one.candidate.document else ""
    places = [f"{text[m.start : m.end]!r} at {m.start}" for m in reason.mentions]
    clause = f"{reason.member}: {reason.clause}" if reason.member else reason.clause
    return f"{clause}{met}{': ' if places else ''}{', '.join(places)}"


def _plain(one: Tried) -> dict[str, object]:
    return {
        "article_id": one.candidate.article_id,
        "version": one.candidate.version,
        "title": one.title,
        "matches": one.reasons is not None,
        "why": [reason.model_dump(mode="json") for reason in one.reasons or ()],
        "lacks": list(one.lacks),
    }
