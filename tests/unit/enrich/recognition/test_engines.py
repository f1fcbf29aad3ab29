"""The engines a setting can name; what they find is shown in the integration tests."""

from __future__ import annotations

import sys

import pytest
from pydantic import ValidationError

from services.enrich.recognition.aligning import Claim, aligned
from services.enrich.recognition.engines import PATTERN, engine
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.seconded import SecondedRecogniser
from services.enrich.settings import EnrichSettings
from services.enrich.text import tokenise


def test_an_extra_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("spacy", "gliner"):
        monkeypatch.setitem(sys.modules, name, None)
        with pytest.raises(EngineUnavailable) as told:
            engine(f"{name}:model")

        assert str(told.value) == (f"the engine {name} cannot be used: install the extra: newsfeed[{name}]")


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
