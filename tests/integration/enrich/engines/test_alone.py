"""No engine needs a network, whether its model is there or not."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.integration.enrich.engines.sentences import SENTENCES, told

SCRIPT = Path(__file__).with_name("alone.py")


async def said(setting: str) -> dict[str, Any]:
    """What a process without a network tells of an engine."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", str(SCRIPT), setting, SENTENCES[0][0]),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path), "HOME": "/nonexistent"},
    )
    told, _ = await process.communicate()
    answer: dict[str, Any] = json.loads(told)
    return answer


async def test_the_builtin_model_is_loaded_and_asked_without_a_network() -> None:
    assert await said("builtin") == {"names": [list(one) for one in told(0)], "tried": []}


@pytest.mark.engines
@pytest.mark.filterwarnings("default")  # those of the libraries are their own
@pytest.mark.parametrize("kind", ["spacy", "gliner"])
async def test_an_engine_is_loaded_and_asked_without_a_network(
    spacy_pipeline: Path, gliner_model: Path, kind: str
) -> None:
    folder = {"spacy": spacy_pipeline, "gliner": gliner_model}[kind]

    assert await said(f"{kind}:{folder}") == {"names": [list(one) for one in told(0)], "tried": []}


@pytest.mark.engines
@pytest.mark.usefixtures("gliner_model")
@pytest.mark.parametrize("setting", ["spacy:fr_core_news_nowhere", "gliner:no/where"])
async def test_a_model_that_is_not_here_is_not_fetched(setting: str) -> None:
    answer = await said(setting)

    assert answer["unavailable"].startswith(f"the engine {setting} cannot be used: ")
    assert answer["tried"] == []


async def test_a_process_that_looks_a_name_up_would_be_noticed() -> None:
    assert (await said("curious"))["tried"] == ["socket.getaddrinfo (443, 0, 0, 0)"]
