"""Each engine with a model that knows the names of a few sentences; two of the models are made here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.enrich.recognition.engines import engine
from services.enrich.recognition.recognised import Recogniser
from tests.integration.enrich.engines import small_gliner, small_spacy


@pytest.fixture(scope="session")
def spacy_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline that was trained and written to a folder."""
    folder = tmp_path_factory.mktemp("spacy") / "small"
    small_spacy.make(folder)
    return folder


@pytest.fixture(scope="session")
def nothing_is_fetched() -> Iterator[None]:
    """What the library would look for on its hub while a model is made, it does not find."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        yield


@pytest.fixture(scope="session")
def gliner_model(tmp_path_factory: pytest.TempPathFactory, nothing_is_fetched: None) -> Path:
    """A model that was trained and written to a folder; needs PyTorch."""
    del nothing_is_fetched
    pytest.importorskip("gliner", reason="needs the extra gliner: make engines")
    folder = tmp_path_factory.mktemp("gliner") / "small"
    small_gliner.make(folder)
    return folder


@pytest.fixture(
    scope="session", params=["builtin", "spacy", pytest.param("gliner", marks=pytest.mark.engines)]
)
def setting(request: pytest.FixtureRequest) -> str:
    """What ``NEWSFEED_ENRICH_ENGINE`` would be."""
    folders = {"spacy": "spacy_pipeline", "gliner": "gliner_model"}
    kind: str = request.param
    return f"{kind}:{request.getfixturevalue(folders[kind])}" if kind in folders else kind


@pytest.fixture(scope="session")
def recogniser(setting: str) -> Recogniser:
    """The engine, loaded as a program does it."""
    return engine(setting)
