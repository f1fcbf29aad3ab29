"""Make the model of languages that :mod:`services.enrich.language` reads, out of the one of py3langid.

    python -m tools.build_language_model

py3langid counts which of 100,053 short runs of bytes a text has, at each byte the longest one that ends
there. Most of them tell apart languages in which there is no daily news, or are rare. Kept are those that
say most of each language; what a dropped one was counted as goes to the longest kept one that it ends in,
which then stands in its place. The same version of py3langid and numpy gives the same bytes.
"""

from __future__ import annotations

import hashlib
import lzma
from collections import deque
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_DIR, MODEL_FILE
from py3langid.modelio import load_model, save_model

from newsfeed import zstd
from services.enrich.language import MODEL, is_written

WRITTEN_COUNT, OTHER_COUNT = 800, 100
"""Runs that are kept for the sake of a language with daily news, and of any other."""

Weights = NDArray[np.float64]
"""Natural logarithms of how often each run (row) is met in each language (column)."""


def main() -> None:
    """Write the model, and tell what the note beside it says of it."""
    source = MODEL_DIR / MODEL_FILE
    weights, priors, languages, moves, rows, outputs = load_model(source)
    runs = _runs(np.asarray(moves).reshape(-1, 256)[np.asarray(rows)], outputs)
    kept = _most_telling(np.asarray(weights, dtype=np.float64), languages)
    names = {runs[feature]: index for index, feature in enumerate(kept)}
    states, found = automaton(names)
    left = np.log(moved(np.exp(np.asarray(weights, dtype=np.float64)), runs, kept, names))
    with NamedTemporaryFile() as made:
        save_model(made.name, (left, priors, languages, states.ravel(), np.arange(len(states)), found))
        write(Path(made.name))
    told = f"{len(kept)} of {len(runs)} runs, {len(states)} states, {MODEL.stat().st_size} bytes"
    print(told, f"made from sha256 {_sha256(source)}", f"sha256 {_sha256(MODEL)}", sep="\n")  # noqa: T201


def write(made: Path) -> None:
    """Write the arrays that py3langid wrote one after the other, which opens sooner than its own form."""
    with np.load(BytesIO(lzma.decompress(made.read_bytes()))) as arrays, BytesIO() as packed:
        for array in arrays.values():
            np.save(packed, array)
        MODEL.write_bytes(zstd.compress(packed.getvalue(), level=19))


def _runs(moves: NDArray[Any], outputs: Sequence[int]) -> dict[int, bytes]:
    """The run of bytes that each feature stands for: the shortest way to a state where it is counted."""
    ways: dict[int, bytes] = {0: b""}
    waiting = deque([0])
    found: dict[int, bytes] = {}
    while waiting:
        state = waiting.popleft()
        if outputs[state] >= 0:
            found.setdefault(outputs[state], ways[state])
        for byte, following in enumerate(moves[state].tolist()):
            if following not in ways:
                ways[following] = ways[state] + bytes([byte])
                waiting.append(following)
    return found


def _most_telling(weights: Weights, languages: Sequence[str]) -> list[int]:
    """The features to keep: what each adds to the difference of a language from the mean of all."""
    shares = np.exp(weights)
    tells = shares * (weights - np.log(shares.mean(axis=1, keepdims=True)))
    kept: set[int] = set()
    for column, language in enumerate(languages):
        count = WRITTEN_COUNT if is_written(language) else OTHER_COUNT
        kept.update(np.argpartition(-tells[:, column], count)[:count].tolist())
    return sorted(kept)


def moved(
    shares: Weights, runs: Mapping[int, bytes], kept: Sequence[int], names: Mapping[bytes, int]
) -> Weights:
    """How often each kept run is met as the longest one, now that others are gone."""
    found = shares[kept]
    for feature, run in runs.items():
        if run not in names:
            endings = (names.get(run[start:]) for start in range(1, len(run)))
            longest = next((index for index in endings if index is not None), None)
            if longest is not None:
                found[longest] += shares[feature]
    return found


def automaton(names: Mapping[bytes, int]) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
    """Where each state goes on each byte, and the longest run that ends in it, -1 for none (Aho-Corasick)."""
    prefixes = {b""} | {run[:length] for run in names for length in range(1, len(run) + 1)}
    states = {prefix: state for state, prefix in enumerate(sorted(prefixes, key=lambda one: (len(one), one)))}
    moves = np.zeros((len(states), 256), dtype=np.uint32)
    found = np.full(len(states), -1, dtype=np.int32)
    for prefix, state in states.items():
        if prefix:
            ending = next(prefix[start:] for start in range(1, len(prefix) + 1) if prefix[start:] in states)
            moves[state] = moves[states[ending]]
            found[state] = names.get(prefix, found[states[ending]])
        for byte in range(256):
            if (following := states.get(prefix + bytes([byte]))) is not None:
                moves[state, byte] = following
    return moves, found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
