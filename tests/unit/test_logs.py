"""Logs: one JSON object a line for programs, readable for people, libraries in the same shape."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import structlog

from newsfeed import logs

UUID = "26ac8432-77f2-5ecd-a754-c94422cd5f05"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    logging.root.handlers[:], logging.root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "log" / "ingest.jsonl"


def lines(file: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in file.read_bytes().splitlines()]


def test_an_event_is_one_line_of_json_in_the_file_and_on_a_pipe(file: Path) -> None:
    """What programs read must not depend on who looks on."""
    stream = io.StringIO()
    logs.configure("ingest", file=file, stream=stream)

    logs.get_logger().info("ingest.seeds_taken", seed_count=2, article_ids=[UUID])

    (line,) = lines(file)
    assert orjson.loads(stream.getvalue()) == line
    assert (line["service"], line["event"], line["level"]) == ("ingest", "ingest.seeds_taken", "info")
    assert line["article_ids"] == [UUID]
    assert line["timestamp"].endswith("Z")


def test_a_terminal_shows_ids_by_their_beginning(file: Path) -> None:
    """A hundred ids a line would hide what happened; the file keeps them whole."""
    stream = Terminal()
    logs.configure("ingest", file=file, stream=stream)

    logs.get_logger().info("ingest.seeds_taken", article_ids=[UUID, UUID], digest=UUID)

    assert UUID not in stream.getvalue()
    assert "2 of them" in stream.getvalue()
    assert "26ac8432…" in stream.getvalue()
    assert lines(file)[0]["article_ids"] == [UUID, UUID]


def test_the_level_is_kept(file: Path) -> None:
    """Debug is for those who ask for it."""
    logs.configure("ingest", level="warning", file=file, stream=io.StringIO())

    logs.get_logger().info("ingest.hidden")
    logs.get_logger().warning("ingest.shown")

    assert [line["event"] for line in lines(file)] == ["ingest.shown"]


def test_libraries_speak_in_the_same_shape(file: Path) -> None:
    """One stream to tail, one shape to parse; warnings included."""
    logs.configure("ingest", file=file, stream=io.StringIO())

    logging.getLogger("watchfiles").warning("it %s", "rained")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("careful", stacklevel=1)

    rained, careful = lines(file)
    assert (rained["event"], rained["library"], rained["message"]) == (
        "library.logged",
        "watchfiles",
        "it rained",
    )
    assert "careful" in careful["message"]


def test_faststreams_chatter_counts_as_debug(file: Path) -> None:
    """It logs two lines a message; its errors stay errors."""
    logs.configure("enrich", file=file, stream=io.StringIO())

    logs.FastStreamLogger().log(logging.INFO, "Received")
    logs.FastStreamLogger().log(logging.ERROR, " Failed ", exc_info=ValueError("why"), extra={"channel": "c"})

    (line,) = lines(file)
    assert (line["event"], line["message"], line["channel"]) == ("faststream.logged", "Failed", "c")
    assert "why" in line["error"]


def test_a_full_disk_stops_no_service(file: Path) -> None:
    """A log that cannot be written must not take the news down with it."""

    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    logs.configure("ingest", file=file, stream=Full())

    logs.get_logger().info("ingest.seeds_taken")

    assert len(lines(file)) == 1
