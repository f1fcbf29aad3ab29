"""`newsfeed logs`: the structured logs of all programs, merged by time and readable."""

from __future__ import annotations

import heapq
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import structlog
import typer

from newsfeed.cli.printing import AsJson, print_bytes
from newsfeed.cli.session import NothingYet, Session, run, until_interrupted
from newsfeed.logs import LEVELS
from newsfeed.readmodel.queries import NotFound, find
from newsfeed.settings import Settings

LOOK_SECONDS = 0.2
"""How often a follower looks whether the files have grown."""

Line = dict[str, Any]

Level = Literal["debug", "info", "warning", "error"]


def show_logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    service: Annotated[str | None, typer.Option(help="Only this program, such as enrich.")] = None,
    level: Annotated[Level, typer.Option(help="The lowest level.")] = "debug",
    article: Annotated[str | None, typer.Option(help="Only lines about this article.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the logs of all programs in the order of time; with --follow also what comes."""
    folder = Settings().var / "log"
    ids = _identifiers(article) if article else None

    def accepts(line: Line) -> bool:
        return (
            service in (None, line.get("service"))
            and LEVELS.get(str(line.get("level")), LEVELS["error"]) >= LEVELS[level]
            and (ids is None or mentions(line, ids))
        )

    show = _show_json if as_json else _shower()
    files = LogFiles(folder)
    with until_interrupted():
        _show(files.new_lines(), accepts, show)
        while follow:
            time.sleep(LOOK_SECONDS)
            _show(files.new_lines(), accepts, show)


def _show(lines: Iterable[Line], accepts: Callable[[Line], bool], show: Callable[[Line], None]) -> None:
    for line in lines:
        if accepts(line):
            show(line)


def _identifiers(article: str) -> frozenset[str]:
    """The article's id and the correlation ids of its events; what was given, where the log knows no more."""

    async def look(session: Session) -> frozenset[str]:
        log = await session.log()
        state = await find(log, article)
        history = await log.history(state.article_id)
        events = [entry.event for entry in history if not isinstance(entry.event, Exception)]
        return frozenset({state.article_id, *(str(event.correlation_id) for event in events)})

    with suppress(NotFound, NothingYet):
        return run(look, starts_redis=False)
    return frozenset({article})


def mentions(value: object, ids: frozenset[str]) -> bool:
    """Whether one of the ids is a value, anywhere inside."""
    if isinstance(value, Mapping):
        return any(mentions(inner, ids) for inner in value.values())
    if isinstance(value, list):
        return any(mentions(inner, ids) for inner in value)
    return isinstance(value, str) and value in ids


class LogFiles:
    """The ``*.jsonl`` files of a folder, each read on from where it was left."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._offsets: dict[Path, int] = {}

    def new_lines(self) -> Iterator[Line]:
        """What was written since the last call, of all files by time; one line of each in memory."""
        files = sorted(self._folder.glob("*.jsonl"))
        return heapq.merge(*map(self._read_on, files), key=lambda line: str(line.get("timestamp", "")))

    def _read_on(self, path: Path) -> Iterator[Line]:
        """Whole new lines; a file that became shorter was begun anew; what is not JSON is passed over."""
        offset = self._offsets.get(path, 0)
        if path.stat().st_size < offset:
            offset = 0
        with path.open("rb") as file:
            file.seek(offset)
            for raw in file:
                if not raw.endswith(b"\n"):
                    break
                offset += len(raw)
                self._offsets[path] = offset
                with suppress(orjson.JSONDecodeError):
                    line = orjson.loads(raw)
                    if isinstance(line, dict):
                        yield line


def _show_json(line: Line) -> None:
    print_bytes(orjson.dumps(line) + b"\n")


def _shower() -> Callable[[Line], None]:
    """Shows a line for people, in colours on a terminal."""
    renderer = structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), sort_keys=False)

    def show(line: Line) -> None:
        printable = {name: _harmless(value) for name, value in line.items()}
        typer.echo(renderer(None, "", printable))

    return show


def _harmless(value: object) -> object:
    """Control characters, which could move the cursor, as escapes; line breaks of tracebacks stay."""
    if isinstance(value, str):
        return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in value)
    return value
