"""The docs are true as far as a machine can tell: links, commands, settings and words exist."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer
from pydantic_settings import BaseSettings

import services
from newsfeed.cli.app import create
from newsfeed.testing.samples import EVENTS

ROOT = Path(__file__).parent.parent
FOLDERS = (".", "docs", "docs/adr", "docs/events", "tests", "tests/unit", "tests/integration", "tests/e2e")
PAGES = sorted(page for folder in FOLDERS for page in (ROOT / folder).glob("*.md"))

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]+`|^    \S[^\n]*$", re.DOTALL | re.MULTILINE)
COMMAND = re.compile(r"(?<![\w/.-])newsfeed ([a-z][a-z-]+)")
SETTING = re.compile(r"\bNEWSFEED_[A-Z_]+\b")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def texts() -> Iterator[tuple[str, str]]:
    """Each page with its name."""
    for page in PAGES:
        yield page.relative_to(ROOT).as_posix(), page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """The fragments that the headings of a page can be reached by."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_broken(page: Path, target: str) -> bool:
    """Whether a link from a page leads to a missing file or heading."""
    path, _, fragment = unquote(target).partition("#")
    aim = (page.parent / path).resolve() if path else page
    return not aim.exists() or bool(fragment and fragment not in anchors(aim))


def commands() -> set[str]:
    """Every first word that the CLI takes."""
    return set(getattr(typer.main.get_command(create()), "commands", {}))


def settings() -> set[str]:
    """Every environment variable that a settings class of ours reads."""
    rooms = [f"services.{entry.name}.settings" for entry in pkgutil.iter_modules(services.__path__)]
    names: set[str] = set()
    for name in ("newsfeed.settings", *rooms):
        if importlib.util.find_spec(name):
            for value in vars(importlib.import_module(name)).values():
                if isinstance(value, type) and issubclass(value, BaseSettings) and value is not BaseSettings:
                    prefix = value.model_config.get("env_prefix", "")
                    names |= {f"{prefix}{field}".upper() for field in value.model_fields}
    return names


def documented_settings() -> set[str]:
    """Every environment variable of ours that a page names."""
    return {name for _, text in texts() for name in SETTING.findall(text)}


def test_every_local_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and is_broken(page, target)
    ]

    assert broken == []


def test_every_command_in_the_docs_exists() -> None:
    known = commands()
    unknown = {
        f"{name}: newsfeed {command}"
        for name, text in texts()
        for code in CODE.findall(text)
        for command in COMMAND.findall(code)
        if command not in known
    }

    assert unknown == set()


@pytest.mark.skipif(
    not importlib.util.find_spec("services.ingest.settings"), reason="ingest has no settings yet"
)
def test_every_setting_in_the_docs_exists() -> None:
    assert documented_settings() - settings() == set()


def test_every_setting_is_in_the_docs() -> None:
    assert settings() - documented_settings() == set()


def test_every_event_has_a_heading_in_the_glossary() -> None:
    headings = set(HEADING.findall((ROOT / "docs/glossary.md").read_text(encoding="utf-8")))

    assert {kind.__name__ for kind in EVENTS} - headings == set()


def test_the_index_names_every_page_of_the_docs() -> None:
    index = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    pages = [page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")]

    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []
