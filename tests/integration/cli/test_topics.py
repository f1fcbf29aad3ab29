"""`newsfeed topics`: a newsroom teaches what its articles are about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from newsfeed.readmodel.queries import current_article
from newsfeed.testing.answers import Ask
from newsfeed.testing.town import BRIDGE, Town
from services.enrich.settings import EnrichSettings
from services.enrich.topics.chosen import chosen_model

pytestmark = pytest.mark.by_turns

FERRIES, BEES = "medtop:20000763", "medtop:06000000"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """Ten texts, half of them about each topic."""
    path = tmp_path / "labels.jsonl"
    lines = [{"text": f"The ferry left pier {number}.", "topics": [FERRIES]} for number in range(5)]
    lines += [{"text": f"Bees came to hive {number}.", "topics": [BEES]} for number in range(5)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


async def test_a_model_is_trained_and_used_and_tested(ask: Ask, labels: Path) -> None:
    before = (await ask("topics", "test", str(labels), "--json")).json
    trained = await ask("topics", "train", str(labels))
    after = (await ask("topics", "test", str(labels), "--json")).json
    shown = (await ask("topics", "test", str(labels))).out

    model = chosen_model(EnrichSettings())
    assert model is not None
    assert trained.status == 0
    assert f"10 texts taught 2 topics; {EnrichSettings().topics_model} is {model.sha256[:12]}" in trained.out
    assert [row["topic"] for row in after] == [BEES, FERRIES]
    assert {row["f"] for row in after} == {1.0}
    assert before[1]["f"] == after[1]["lexicon_f"] == 0.0
    assert "macro-F 1.000 by model" in shown
    assert not list(EnrichSettings().var.glob("*.new"))


async def test_texts_of_articles_come_from_the_log(ask: Ask, town: Town, labels: Path) -> None:
    state = await current_article(town.log, BRIDGE)
    assert state is not None
    with labels.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps({"article_id": BRIDGE, "topics": [FERRIES, "sport"]}))

    answer = await ask("topics", "train", str(labels))

    assert "11 texts taught 2 topics" in answer.out
    assert "Not learnt, for want of texts with or without them: medtop:15000000" in answer.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"article_id": "nowhere", "topics": []}', "nowhere"),
        ('{"text": "x", "topics": ["sprot"]}', "neither a code nor"),
        ('{"text": "x", "topics": []}', "no topic has 5 texts"),
    ],
)
async def test_what_cannot_be_learnt_is_told_and_leaves_no_model(
    ask: Ask, town: Town, tmp_path: Path, line: str, said: str
) -> None:
    assert town.bridge
    path = tmp_path / "bad.jsonl"
    path.write_text(line, encoding="utf-8")

    answer = await ask("topics", "train", str(path))

    assert answer.status == 1
    assert said in answer.err
    assert not EnrichSettings().topics_model.exists()
