"""An editor who finds a rejected seed is told what to do."""

from __future__ import annotations

import re
from pathlib import Path

from services import ingest
from services.ingest.rejections import DEFAULT_HINT, HINTS, hint_for

SOURCES = sorted(Path(ingest.__path__[0]).rglob("*.py"))
RAISED = re.compile(r"""(?:Rejection|_refusal)\(\s*"([a-z_]+)\"""")


def raised_codes() -> set[str]:
    """Every code that a module of ingest rejects a seed with."""
    return {code for source in SOURCES for code in RAISED.findall(source.read_text(encoding="utf-8"))}


def test_every_code_has_a_hint() -> None:
    """A new rejection without a hint leaves an editor alone with a code."""
    assert {"too_large", "unreadable", "timeout", "memory", "parser_failed", "corrupt"} <= raised_codes()
    assert set() == raised_codes() - HINTS.keys()


def test_every_hint_belongs_to_a_code() -> None:
    """A hint for a code that nobody raises is a promise that nobody keeps."""
    assert set() == HINTS.keys() - raised_codes()


def test_hints_are_whole_sentences() -> None:
    """They are read by people."""
    assert [hint for hint in HINTS.values() if not (hint[0].isupper() and hint.endswith("."))] == []


def test_an_unknown_code_has_a_hint_too() -> None:
    """The reason file always has one."""
    assert hint_for("never_heard_of") == DEFAULT_HINT
