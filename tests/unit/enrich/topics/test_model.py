"""A newsroom's own model: what it learns, how it is kept, and what it changes."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from newsfeed.documents import ArticleDocument
from services.enrich.enricher import Enricher
from services.enrich.settings import EnrichSettings
from services.enrich.text import Token, tokenise
from services.enrich.topics import logistic
from services.enrich.topics.chosen import chosen_model
from services.enrich.topics.features import WIDTH, features
from services.enrich.topics.model import ModelUnusable, TooFewLabels, TopicModel, learn

HARBOUR, BEES = "medtop:20000763", "medtop:06000000"
SHIPS = [
    f"The {size} ferry left pier {number} of the harbour." for number, size in enumerate(["old", "big"] * 5)
]
FEATURE_SUM = 2976308
HIVES = [f"A {size} swarm of bees came to hive {number}." for number, size in enumerate(["old", "big"] * 5)]


def taught() -> tuple[list[list[Token]], list[set[str]]]:
    return [tokenise(text) for text in (*SHIPS, *HIVES)], [{HARBOUR}] * len(SHIPS) + [{BEES}] * len(HIVES)


@pytest.fixture(scope="module")
def data() -> bytes:
    return learn(*taught())


def test_a_model_tells_new_texts_apart(data: bytes) -> None:
    learnt = TopicModel.of(data)
    ships = learnt.scores(tokenise("Another ferry waits in the harbour."))
    bees = learnt.scores(tokenise("A swarm of bees in a hive."))

    assert learnt.topics == (BEES, HARBOUR)
    assert ships[HARBOUR] > ships[BEES]
    assert bees[BEES] > bees[HARBOUR]


def test_labels_that_say_the_opposite_teach_the_opposite() -> None:
    """Planted bug: were labels and texts out of step, the test above would fail."""
    texts, labels = taught()
    wrong = TopicModel.of(learn(texts, labels[::-1])).scores(tokenise("Another ferry waits in the harbour."))

    assert wrong[BEES] > wrong[HARBOUR]


def test_the_same_labels_give_the_same_bytes(data: bytes) -> None:
    """The hash of a model is part of the enricher's version; chance would fork history."""
    assert learn(*taught()) == data


def test_a_text_without_words_has_a_score_too(data: bytes) -> None:
    assert set(TopicModel.of(data).scores([])) == {BEES, HARBOUR}


def test_nothing_is_learnt_from_too_few_labels() -> None:
    texts, labels = taught()

    with pytest.raises(TooFewLabels):
        learn(texts[:4], labels[:4])
    with pytest.raises(TooFewLabels):
        learn(texts[:10], labels[:10])


@pytest.mark.parametrize("damage", [b"", b"no model", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_model_is_refused(damage: bytes, tmp_path: Path) -> None:
    file = tmp_path / "topics.npz"
    file.write_bytes(damage)

    with pytest.raises(ModelUnusable, match=r"newsfeed topics train"):
        TopicModel.load(file)


@pytest.mark.parametrize(
    "other", [{"format": np.array(2)}, {"topics": np.array(["medtop:99999999", HARBOUR])}, {"idf": None}]
)
def test_a_model_of_another_kind_is_refused(
    data: bytes, other: dict[str, np.ndarray | None], tmp_path: Path
) -> None:
    parts = {**np.load(io.BytesIO(data)), **other}
    file = tmp_path / "topics.npz"
    np.savez(file, **{name: part for name, part in parts.items() if part is not None})

    with pytest.raises(ModelUnusable):
        TopicModel.load(file)


def test_a_model_is_read_where_the_settings_say(data: bytes, tmp_path: Path) -> None:
    assert chosen_model(EnrichSettings(var=tmp_path)) is None
    (tmp_path / "topics.npz").write_bytes(data)
    (tmp_path / "other.npz").write_bytes(data)

    for settings in (
        EnrichSettings(var=tmp_path),
        EnrichSettings(var=tmp_path / "else", enrich_topics_model=tmp_path / "other.npz"),
    ):
        chosen = chosen_model(settings)
        assert chosen is not None
        assert chosen.sha256 == TopicModel.of(data).sha256


def test_a_named_model_that_is_missing_stops_the_program(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable):
        chosen_model(EnrichSettings(enrich_topics_model=tmp_path / "none.npz"))


def test_the_enricher_changes_its_version_with_the_model(data: bytes) -> None:
    """What it says is another fact then, and `newsfeed re-enrich` sees it."""
    learnt = TopicModel.of(data)
    plain, half, whole = Enricher(), Enricher(learnt), Enricher(learnt, 1.0)
    document = ArticleDocument(title="A ferry in the harbour", body="The ferry left the pier.")

    assert len({plain.version, half.version, whole.version}) == 3
    assert learnt.sha256[:12] in half.version
    assert HARBOUR not in {topic.id for topic in plain.enrich(document).topics}
    assert [topic.method for topic in whole.enrich(document).topics if topic.id == HARBOUR] == ["model"]


def test_features_are_the_same_everywhere() -> None:
    """A model trained on one machine is used on another: ids must never move."""
    found = features(tokenise("Bees, bees!"))

    assert found.ids.tolist() == sorted(set(found.ids.tolist()))
    assert found.ids.max() < WIDTH
    assert int(found.ids.sum()) == FEATURE_SUM
    assert round(float(found.amounts.max()), 3) == 1.693


def test_only_the_beginning_of_a_long_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.enrich.topics.features.MOST_TOKENS", 2)

    assert features(tokenise("one two three")).ids.tolist() == features(tokenise("one two")).ids.tolist()


def test_the_minimum_of_a_bowl_is_found() -> None:
    def bowl(point: logistic.Vector) -> tuple[float, logistic.Vector]:
        scale = np.array([1.0, 100.0, 0.01])
        return float((scale * (point - 3) ** 2).sum()), 2 * scale * (point - 3)

    assert np.allclose(logistic.minimum(bowl, np.zeros(3))[:2], 3.0, atol=0.05)
