"""How the command is put together: a table of commands, and what other rooms add by entry point."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from pydantic import ValidationError
from redis.exceptions import RedisError
from typer.core import TyperGroup

from newsfeed import logs
from newsfeed.errors import NewsfeedError

PLUGINS = "newsfeed.commands"
"""The entry-point group of commands that live outside ``newsfeed.cli``: name -> plain function.

``channels.test`` is the command ``test`` of the group ``channels``.
"""

COMMANDS = {
    "up": "newsfeed.cli.up:up",
    "articles": "newsfeed.cli.articles:articles",
    "article": "newsfeed.cli.articles:article",
    "content": "newsfeed.cli.articles:content",
    "events": "newsfeed.cli.events:events",
    "trace": "newsfeed.cli.trace:trace",
    "channels": "newsfeed.cli.channels:channels",
    "digests": "newsfeed.cli.digests:digests",
    "digest": "newsfeed.cli.digests:digest",
    "watch": "newsfeed.cli.watch:watch",
    "logs": "newsfeed.cli.logs:show_logs",
    "status": "newsfeed.cli.status:status",
    "doctor": "newsfeed.cli.doctor:doctor",
    "verify": "newsfeed.cli.verify:verify",
    "erase": "newsfeed.cli.erase:erase_articles",
    "archive": "newsfeed.cli.archive:archive",
    "trim": "newsfeed.cli.trim:trim_log",
    "dead-letters": "newsfeed.cli.dead_letters:dead_letters",
    "rebuild": "newsfeed.cli.rebuild:rebuild",
}
"""Every command of this package by name: a function, or a typer application with commands of its own."""


class Commands(TyperGroup):
    """The group of all commands: expected errors become one sentence on stderr and a status."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 typer gives its context and results no public types
        """Run a command; a reader that went away (``| head``) is no error."""
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = "_".join(str(part) for part in first["loc"]).upper()
            _complain(f"the setting NEWSFEED_{name} cannot be used: {first['msg']}")
            raise typer.Exit(2) from error
        except NewsfeedError as error:
            _complain(str(error))
        except RedisError as error:
            _complain(f"Redis does not answer as it should: {error}")
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            _complain(f"{error.filename or 'the system'}: {error.strerror}")
        raise typer.Exit(1)


def _complain(sentence: str) -> None:
    typer.echo(f"newsfeed: {sentence}", err=True)


def create(only: str | None = None) -> typer.Typer:
    """The command with everything that is installed; nothing is opened before it runs.

    With the name of a command it has ``only`` that one: loading all takes longer than most need to answer.
    """
    app = typer.Typer(
        cls=Commands,
        no_args_is_help=True,
        help="Look after a newsfeed: what came in, what was found, what went out, and how all is going.",
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_prepare)
    points = sorted(entry_points(group=PLUGINS), key=lambda point: point.name)
    names = {*COMMANDS, *map(_first_word, points)}
    wanted = {only} if only in names else names
    for name, target in COMMANDS.items():
        if name in wanted:
            module, _, attribute = target.partition(":")
            _add(app, name, getattr(import_module(module), attribute))
    for point in points:
        if _first_word(point) in wanted:
            group, _, name = point.name.rpartition(".")
            _add(_group(app, group) if group else app, name, _loaded(point))
    return app


def _first_word(point: EntryPoint) -> str:
    """What one types after ``newsfeed`` for a command of another room: its group, if it is in one."""
    return point.name.rpartition(".")[0] or point.name


def _group(app: typer.Typer, name: str) -> typer.Typer:
    """A group of this package by name; made where there is none."""
    known = next((one.typer_instance for one in app.registered_groups if one.name == name), None)
    if known is None:
        known = typer.Typer(no_args_is_help=True)
        app.add_typer(known, name=name)
    return known


def _loaded(point: EntryPoint) -> Callable[..., object]:
    """A command of another room; one that cannot be loaded says so itself and leaves the others alone."""
    try:
        command: Callable[..., object] = point.load()
    except (ImportError, AttributeError) as error:
        reason = str(error)

        def broken() -> None:
            """Say why this command cannot be loaded."""
            raise NewsfeedError(f"the command {point.name} cannot be loaded: {reason}")

        return broken
    return command


def _prepare() -> None:
    logs.configure("cli", level="warning", stream=sys.stderr)


def _add(app: typer.Typer, name: str, command: typer.Typer | Callable[..., object]) -> None:
    if isinstance(command, typer.Typer):
        app.add_typer(command, name=name)
    else:
        app.command(name)(command)
