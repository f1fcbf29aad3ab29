"""The model as it ships: what it is the mean of, and that its card is about these weights."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np

from services.enrich.training.pipeline import Pipeline
from services.enrich.training.release import MODEL_FOLDER, sum_of


def told(folder: Path) -> tuple[str, str]:
    """The sum that the card tells, and the version."""
    card = (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^SHA-256 of `weights.npz`: `([0-9a-f]{64})`", card, re.MULTILINE)
    return found, (folder / "version.txt").read_text(encoding="ascii").strip()


def agrees(folder: Path) -> bool:
    """Whether card and version are about the weights in the folder."""
    found = sum_of(folder / "weights.npz")
    return told(folder) == (found, found[:12])


def test_card_and_version_are_of_the_weights_that_ship() -> None:
    """Who checks a download, or asks what found a name, goes by them."""
    assert agrees(MODEL_FOLDER)


def test_other_weights_would_be_noticed(tmp_path: Path) -> None:
    """Planted bug: weights that were put there without their card."""
    folder = shutil.copytree(MODEL_FOLDER, tmp_path / "nano")
    with (folder / "weights.npz").open("ab") as file:
        file.write(b"\0")

    assert not agrees(folder)


def test_the_model_is_the_mean_of_the_last_trainings_and_of_what_they_began_with(tmp_path: Path) -> None:
    """Stages that are there are read, and not made again."""
    stages = {"teacher-gold": 9, "teacher-written": 1, "model-0": 2, "model-1": 3, "model-2": 4}
    for name, value in stages.items():
        np.savez(tmp_path / f"{name}.npz", bias=np.full(2, value, np.float32))

    said: list[str] = []
    model = Pipeline(tmp_path / "no data", tmp_path, said.append).model()

    assert (model["bias"].tolist(), said) == ([2.5, 2.5], [])
