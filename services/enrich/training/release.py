"""The model as it ships: weights, their sum, and the card with the scores."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.enrich.recognition.network import Network
from services.enrich.training.calibration import fitted, observations
from services.enrich.training.corpora import Sentence, corpora, read
from services.enrich.training.marked import lines
from services.enrich.training.scoring import TOLD, Score, score
from services.enrich.training.written import FOLDER, aligned

MODEL_FOLDER = FOLDER.parent / "models" / "nano"
NEWS = ("en_pud-test", "de_pud-test", "pt_pud-test")
_SCORES = "<!-- scores -->"


def release(arrays: Mapping[str, npt.NDArray[np.generic]], data: Path, folder: Path) -> str:
    """Write the weights, calibrated, and ``version.txt``: 12 digits of their SHA-256, which are returned."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "weights.npz"
    network = Network(arrays)
    seen = (pair for sentences in news(data).values() for pair in observations(network, sentences))
    line = np.array(fitted(seen), np.float32)
    np.savez_compressed(path, **dict(sorted({**arrays, "confidence": line}.items())))  # type: ignore[arg-type] # by name
    version = sum_of(path)[:12]
    (folder / "version.txt").write_text(f"{version}\n", encoding="ascii")
    return version


def news(data: Path) -> dict[str, list[Sentence]]:
    """The development sets of modern news, by name: what confidence is calibrated on."""
    sets = {corpus.name: read(corpus) for corpus in corpora(data, "dev") if corpus.name.endswith(NEWS)}
    return {**sets, **own_sentences()}


def own_sentences() -> dict[str, list[Sentence]]:
    """Our own development sets, by name."""
    return {
        f"our own, {path.name.split('-')[0]}": [
            one for line in lines(path) for one in aligned(line, path.name.split("-")[0])
        ]
        for path in sorted((FOLDER / "dev").glob("*-news.txt"))
    }


def sum_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_card(data: Path, folder: Path) -> None:
    """Put sum and scores into ``MODEL_CARD.md``, between its two marks."""
    path = folder / "MODEL_CARD.md"
    before, _, after = path.read_text(encoding="utf-8").split(_SCORES)
    weights = folder / "weights.npz"
    told = [f"SHA-256 of `weights.npz`: `{sum_of(weights)}` ({weights.stat().st_size / 1e6:.2f} MB).", ""]
    told += ["| set | all | bounds alone | PER | LOC | ORG |", "|---|---|---|---|---|---|"]
    told += [_row(name, found) for name, found in scores(Network.load(weights), data).items()]
    path.write_text("\n".join([f"{before}{_SCORES}", *told, f"{_SCORES}{after}"]), encoding="utf-8")


def scores(network: Network, data: Path) -> dict[str, dict[str, Score]]:
    """The bare network on every development set, by name."""
    sets = {corpus.name: read(corpus) for corpus in corpora(data, "dev")}
    return {name: score(network, sentences) for name, sentences in {**sets, **own_sentences()}.items()}


def _row(name: str, found: Mapping[str, Score]) -> str:
    cells = (f"{found[kind].f:.3f}" for kind in ("all", "untyped", *TOLD))
    return f"| {name} | {' | '.join(cells)} |"
