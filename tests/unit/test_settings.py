"""Settings come from the environment, once, and say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from newsfeed.settings import Settings
from services.ingest.settings import IngestSettings


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every program of a place is told in the same way."""
    monkeypatch.setenv("NEWSFEED_REDIS_URL", "redis://elsewhere")
    monkeypatch.setenv("NEWSFEED_ON_DONE", "move")

    settings = IngestSettings()

    assert (settings.redis_url, settings.on_done) == ("redis://elsewhere", "move")


def test_a_secret_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password must not have to be in the environment."""
    (tmp_path / "url").write_text("redis://:secret@host\n")
    monkeypatch.setenv("NEWSFEED_REDIS_URL_FILE", str(tmp_path / "url"))

    assert Settings().redis_url == "redis://:secret@host"


def test_a_lease_shorter_than_a_read_is_refused() -> None:
    """Another process could take a partition over while our read of it still waits on the server."""
    with pytest.raises(ValidationError, match="lease_seconds must be at least"):
        Settings(lease_seconds=0.5, polling_seconds=0.5)


def test_a_protocol_in_the_url_is_refused() -> None:
    """With it FastStream's stream subscribers receive nothing, and nobody is told."""
    with pytest.raises(ValidationError, match="leave `protocol` out"):
        Settings(redis_url="redis://host?protocol=3")


def test_a_read_must_end_before_its_socket_gives_up() -> None:
    """Else every quiet second is logged as an error and followed by a back-off."""
    with pytest.raises(ValidationError, match="polling_seconds"):
        Settings(polling_seconds=20, lease_seconds=60)


def test_a_typing_error_names_its_setting() -> None:
    """Settings are written by hand."""
    with pytest.raises(ValidationError, match="on_done"):
        IngestSettings.model_validate({"on_done": "burn"})
