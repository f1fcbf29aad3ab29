"""A pipeline of spaCy: what is loaded, what is not, and what would go wrong unseen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.enrich.recognition import piecewise, spacy_engine
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.spacy_engine import SpacyRecogniser
from services.enrich.text import tokenise
from tests.integration.enrich.engines.sentences import SENTENCES, endless, told

pytestmark = pytest.mark.filterwarnings("default")  # those of the library are its own


def names(recogniser: SpacyRecogniser, text: str) -> list[tuple[str, str]]:
    found = recogniser.recognise(text, tokenise(text), "fr")
    return [(text[one.start : one.end], one.type) for one in found]


def test_a_pipeline_is_known_by_what_it_calls_itself(spacy_pipeline: Path) -> None:
    recogniser = SpacyRecogniser(str(spacy_pipeline))

    assert (recogniser.name, recogniser.version) == ("spacy:small", "1.2.3")


def test_labels_of_other_pipelines_are_understood(tmp_path: Path) -> None:
    """Those of English ones are not those of French ones; what is no name is left out."""
    import spacy

    nlp: Any = spacy.blank("en")
    rules = {"PERSON": "Anna Lind", "GPE": "Ukraine", "ORG": "Reuters", "DATE": "lundi"}
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": pattern} for label, pattern in rules.items()])
    nlp.to_disk(tmp_path)

    assert names(SpacyRecogniser(str(tmp_path)), SENTENCES[0][0].replace("l'", "")) == told(0)


def test_a_seam_without_an_overlap_would_be_noticed(
    spacy_pipeline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recogniser = SpacyRecogniser(str(spacy_pipeline))
    texts = ["lundi " * shift + endless(8) for shift in range(12)]
    monkeypatch.setattr(spacy_engine, "PIECE", 250)
    assert all(names(recogniser, text) == told(0) * 8 for text in texts)

    monkeypatch.setattr(piecewise, "OVERLAP", 0)

    assert any(names(recogniser, text) != told(0) * 8 for text in texts)


def _half_a_configuration(folder: Path) -> None:
    (folder / "config.cfg").write_text("[")


def _without_weights(folder: Path) -> None:
    (folder / "ner" / "model").unlink()


def _half_the_weights(folder: Path) -> None:
    weights = folder / "ner" / "model"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])


@pytest.mark.parametrize(
    "damage", [shutil.rmtree, _half_a_configuration, _without_weights, _half_the_weights]
)
def test_a_pipeline_that_is_not_whole_is_told_when_it_is_loaded(
    spacy_pipeline: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Not when the first article comes."""
    folder = tmp_path / "small"
    shutil.copytree(spacy_pipeline, folder)
    damage(folder)

    with pytest.raises(EngineUnavailable, match=f"the engine spacy:{folder} cannot be used"):
        SpacyRecogniser(str(folder))


@pytest.mark.parametrize("package", ["fr_core_news_nowhere", "spacy", "pytest"])
def test_a_package_that_is_no_pipeline_is_told(package: str) -> None:
    with pytest.raises(EngineUnavailable, match=f"the engine spacy:{package} cannot be used"):
        SpacyRecogniser(package)
