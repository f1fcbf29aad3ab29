"""The model of languages in the package is the one that its note tells of, made from the py3langid in use."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import MODEL_DIR, MODEL_FILE

from services.enrich.language import MODEL
from tools.build_language_model import automaton, moved

NOTE = (MODEL.parent / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [MODEL_DIR / MODEL_FILE, MODEL], ids=["source", "ours"])
def test_the_note_names_what_is_there(path: Path) -> None:
    """A new version of py3langid may bring another model; then ours is made anew, and measured."""
    assert f"`{hashlib.sha256(path.read_bytes()).hexdigest()}`" in NOTE


def test_at_each_byte_the_longest_kept_run_that_ends_there_is_found() -> None:
    """Also behind one that began and broke off."""
    moves, found = automaton({b"ab": 0, b"b": 1, b"abcd": 2, b"cx": 3})

    state, heard = 0, []
    for byte in b"abcx b":
        state = int(moves[state, byte])
        heard.append(int(found[state]))

    assert heard == [-1, 0, -1, 3, -1, 1]


def test_what_is_dropped_is_counted_as_the_longest_kept_run_that_it_ends_in() -> None:
    """Nothing of it is lost but what no kept run ends."""
    runs = {0: b"the", 1: b"he", 2: b"e", 3: b"xy"}
    shares = np.array([[0.4, 0.1], [0.2, 0.3], [0.1, 0.1], [0.3, 0.5]])

    left = moved(shares, runs, [1, 2], {b"he": 0, b"e": 1})

    assert left == pytest.approx(np.array([[0.6, 0.4], [0.1, 0.1]]))
