"""A GLiNER model: what is loaded, what is not, and what would go wrong unseen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from services.enrich.recognition import gliner_engine, piecewise
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.gliner_engine import GlinerRecogniser
from services.enrich.text import tokenise
from tests.integration.enrich.engines import small_gliner
from tests.integration.enrich.engines.sentences import SENTENCES, endless, told

pytestmark = [
    pytest.mark.engines,
    pytest.mark.usefixtures("gliner_model"),  # or the tests are skipped
    pytest.mark.filterwarnings("default"),  # those of the library are its own
]

SENTENCE = SENTENCES[0][0]


@pytest.fixture
def recogniser(gliner_model: Path) -> GlinerRecogniser:
    """The small model, loaded anew: these tests break it."""
    return GlinerRecogniser(str(gliner_model))


def names(recogniser: GlinerRecogniser, text: str) -> list[tuple[str, str]]:
    found = recogniser.recognise(text, tokenise(text), "fr")
    return [(text[one.start : one.end], one.type) for one in found]


def test_a_model_is_known_by_its_weights(gliner_model: Path, tmp_path: Path) -> None:
    """Two that lie in folders of one name are two; one that was moved is the same."""
    moved, other = tmp_path / "moved" / "small", tmp_path / "other" / "small"
    shutil.copytree(gliner_model, moved)
    small_gliner.make(other, steps=1)

    first, same, another = (GlinerRecogniser(str(folder)) for folder in (gliner_model, moved, other))

    assert {first.name, same.name, another.name} == {"gliner:small"}
    assert first.version == same.version != another.version


def test_the_limits_are_those_of_the_model(recogniser: GlinerRecogniser) -> None:
    """The question needs room: three labels with a sign before each, one after them and two around all."""
    assert recogniser._most_words == small_gliner.WORDS
    assert recogniser._most_subwords == small_gliner.POSITIONS - gliner_engine.OFFSET - 9


def test_words_that_are_cut_into_many_parts_leave_room_for_fewer(recogniser: GlinerRecogniser) -> None:
    """A model has room for few names that it never saw: here each letter of them takes a position."""
    text = "Wolfeschlegelsteinhausen Zwyngwyl a cité " * 12 + SENTENCE

    assert names(recogniser, text)[-3:] == told(0)


@pytest.mark.parametrize("limit", ["_most_words", "_most_subwords"])
def test_a_limit_that_is_too_wide_would_be_noticed(recogniser: GlinerRecogniser, limit: str) -> None:
    """The library drops the words that are too many, the encoder fails at positions that it does not have."""
    text = f"{'Wolfeschlegel ' * 20}a dit : {endless(20)}"
    assert names(recogniser, text)[-60:] == told(0) * 20

    setattr(recogniser, limit, 10_000)

    found: list[tuple[str, str]] = []
    with suppress(RuntimeError):
        found = names(recogniser, text)
    assert found[-60:] != told(0) * 20


def test_a_seam_without_an_overlap_would_be_noticed(
    recogniser: GlinerRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["lundi " * shift + endless(8) for shift in range(12)]
    assert all(names(recogniser, text) == told(0) * 8 for text in texts)

    monkeypatch.setattr(piecewise, "OVERLAP", 0)

    assert any(names(recogniser, text) != told(0) * 8 for text in texts)


def test_words_that_the_encoder_does_not_see_would_be_noticed(
    recogniser: GlinerRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the blanks in their place every name is taken for the word after it."""
    text = f"👩‍👩‍👧 {SENTENCE}"
    assert names(recogniser, text) == told(0)

    monkeypatch.setattr(GlinerRecogniser, "_shown", lambda _, piece: piece)

    assert names(recogniser, text) != told(0)


@pytest.mark.parametrize(
    ("kind", "mode"), [("deberta-v2", "markerV0"), ("bert", "token_level"), ("distilbert", "markerV0")]
)
def test_models_of_other_kinds_are_loaded_and_read_every_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, mode: str
) -> None:
    """They learned nothing; asked to be sure of nothing, they find names everywhere."""
    small_gliner.make(tmp_path, kind, steps=0, span_mode=mode)
    monkeypatch.setattr(gliner_engine, "THRESHOLD", 0.0)
    recogniser = GlinerRecogniser(str(tmp_path))
    text = f"{endless(20)}\n{'👩‍👩‍👧' * 50} {'a' * 500} \u200b"

    found = recogniser.recognise(text, tokenise(text), "fr")

    assert found
    assert all(text[one.start : one.end].strip() and 0 <= one.score <= 1 for one in found)


def _without_configuration(folder: Path) -> None:
    (folder / "gliner_config.json").unlink()


def _without_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def _half_the_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[: weights.stat().st_size // 2])


def _weights_that_are_none(folder: Path) -> None:
    _without_weights(folder)
    (folder / "pytorch_model.bin").write_bytes(b"no weights")


def _weights_of_another(folder: Path) -> None:
    configuration = folder / "gliner_config.json"
    text = configuration.read_text().replace('"intermediate_size": 64', '"intermediate_size": 48')
    configuration.write_text(text)


def _half_a_configuration(folder: Path) -> None:
    (folder / "gliner_config.json").write_text("{")


def _half_a_tokeniser(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")


@pytest.mark.parametrize(
    "damage",
    [
        shutil.rmtree,
        _without_configuration,
        _half_a_configuration,
        _without_weights,
        _half_the_weights,
        _weights_that_are_none,
        _weights_of_another,
        _half_a_tokeniser,
    ],
)
def test_a_model_that_is_not_whole_is_told_when_it_is_loaded(
    gliner_model: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Not when the first article comes."""
    folder = tmp_path / "small"
    shutil.copytree(gliner_model, folder)
    damage(folder)

    with pytest.raises(EngineUnavailable, match=f"the engine gliner:{folder} cannot be used: neither"):
        GlinerRecogniser(str(folder))
