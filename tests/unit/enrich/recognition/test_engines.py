"""The engines a setting can name, on small models made here."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from services.enrich.recognition import gliner_engine, spacy_engine
from services.enrich.recognition.aligning import Claim, aligned
from services.enrich.recognition.engines import PATTERN, engine
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.seconded import SecondedRecogniser
from services.enrich.settings import EnrichSettings
from services.enrich.text import tokenise

TEXT = "Anna Lind a quitté l'Ukraine pour Reuters."


def names(setting: str, text: str = TEXT) -> list[tuple[str, str]]:
    found = engine(setting).recognise(text, tokenise(text), "fr")
    return [(text[one.start : one.end], one.type) for one in found]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spaCy pipeline of three rules, on disk."""
    spacy = pytest.importorskip("spacy", reason="the spacy extra is not installed")
    nlp = spacy.blank("fr")
    rules = {"PERSON": "Anna Lind", "GPE": "Ukraine", "ORG": "Reuters", "DATE": "quitté"}
    nlp.add_pipe("entity_ruler").add_patterns(
        [{"label": label, "pattern": pattern} for label, pattern in rules.items()]
    )
    folder = tmp_path_factory.mktemp("spacy") / "rules"
    nlp.to_disk(folder)
    return folder


@pytest.mark.filterwarnings("default")
def test_a_spacy_pipeline_is_loaded_and_asked(pipeline: Path) -> None:
    expected = [("Anna Lind", "PER"), ("Ukraine", "LOC"), ("Reuters", "ORG")]

    assert names(f"spacy:{pipeline}") == expected


@pytest.mark.filterwarnings("default")
def test_a_long_text_reaches_spacy_in_pieces(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spacy_engine, "PIECE", 60)

    assert len(names(f"spacy:{pipeline}", f"{TEXT}\n" * 30)) == 90


@pytest.mark.filterwarnings("default")
def test_a_spacy_pipeline_that_is_not_there_is_told(tmp_path: Path) -> None:
    pytest.importorskip("spacy", reason="the spacy extra is not installed")
    with pytest.raises(EngineUnavailable):
        engine(f"spacy:{tmp_path / 'nothing'}")


class Gliner:
    """What GLiNER promises: a class method that loads and one that finds."""

    asked: tuple[list[str], float]

    @classmethod
    def from_pretrained(cls, model: str, *, local_files_only: bool) -> Gliner:
        assert local_files_only
        if "nothing" in model:
            raise OSError("no such model")
        return cls()

    def predict_entities(self, text: str, labels: list[str], threshold: float) -> list[dict[str, Any]]:
        wanted = {"Anna Lind": "person", "Ukraine": "location", "Reuters": "organization"}
        assert set(labels) == set(wanted.values())
        assert 0 < threshold < 1
        return [
            {
                "start": text.index(name),
                "end": text.index(name) + len(name),
                "label": label,
                "text": name,
                "score": 0.9,
            }
            for name, label in wanted.items()
            if name in text
        ]


@pytest.fixture
def gliner(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in of the library: a real one brings PyTorch, and no model of it is small."""
    module = ModuleType("gliner")
    module.GLiNER = Gliner  # type: ignore[attr-defined] # a module made here
    monkeypatch.setitem(sys.modules, "gliner", module)


@pytest.mark.usefixtures("gliner")
def test_a_gliner_model_is_asked_as_its_library_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = [("Anna Lind", "PER"), ("Ukraine", "LOC"), ("Reuters", "ORG")]
    monkeypatch.setattr(gliner_engine, "PIECE", 60)

    assert names("gliner:some/model", f"{TEXT}\n{TEXT}") == expected * 2


@pytest.mark.usefixtures("gliner")
def test_a_gliner_model_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineUnavailable):
        engine("gliner:nothing")


def test_an_extra_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("spacy", "gliner"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(EngineUnavailable, match=f"newsfeed\\[{name}\\]"):
            engine(f"{name}:model")


def test_the_setting_is_checked_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEWSFEED_ENRICH_ENGINE", "oracle")
    with pytest.raises(ValidationError):
        EnrichSettings()
    with pytest.raises(ValueError, match="oracle"):
        engine("oracle")


def test_the_setting_and_the_engine_agree_on_what_is_allowed() -> None:
    field = EnrichSettings.model_fields["enrich_engine"]

    assert [one.pattern for one in field.metadata if hasattr(one, "pattern")] == [PATTERN]


def test_the_default_is_the_builtin_model() -> None:
    assert isinstance(engine(EnrichSettings().enrich_engine), SecondedRecogniser)


def test_claims_are_widened_to_tokens_and_the_surer_wins() -> None:
    tokens = tokenise("Anna Lindström parle")
    claims = [Claim(0, 8, "person", 0.6), Claim(5, 14, "PER", 0.9), Claim(15, 20, "DATE", 1.0)]

    assert [(one.start, one.end, one.type) for one in aligned(claims, tokens)] == [(5, 14, "PER")]
