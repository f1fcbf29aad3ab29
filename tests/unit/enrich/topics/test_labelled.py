"""Files of labels, as newsrooms write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.enrich.topics.labelled import Labelled, LabelsInvalid, read_labels
from services.enrich.topics.scoring import macro_f, score

POLITICS, SPORT = "medtop:11000000", "medtop:15000000"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_json_lines_name_topics_by_code_or_label(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "labels.jsonl",
        '{"text": "A match.", "topics": ["Sport", "15000000"]}\n\n'
        '{"article_id": "a1", "topics": "politics"}\n'
        '{"text": "Nothing.", "topics": []}\n',
    )

    assert read_labels(path) == [
        Labelled((SPORT,), text="A match."),
        Labelled((POLITICS,), article_id="a1"),
        Labelled((), text="Nothing."),
    ]


def test_csv_separates_topics_within_a_cell(tmp_path: Path) -> None:
    path = written(
        tmp_path, "labels.CSV", '\ufefftext,topics\n"A match,\nand a vote","sport; medtop:11000000|"\n'
    )

    assert read_labels(path) == [Labelled((SPORT, POLITICS), text="A match,\nand a vote")]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", "", "holds no labels"),
        ("a.jsonl", "{", "line 1"),
        ("a.jsonl", "[]", "a.jsonl:1: not an object"),
        ("a.jsonl", '\n{"topics": ["sport"]}', "a.jsonl:2: give either"),
        ("a.jsonl", '{"text": "x", "article_id": "y", "topics": []}', "give either"),
        ("a.jsonl", '{"text": 3, "topics": []}', "give either"),
        ("a.jsonl", '{"text": "x"}', "not a list"),
        ("a.jsonl", '{"text": "x", "topics": [1]}', "not a list"),
        ("a.jsonl", '{"text": "x", "topics": ["sprot"]}', "'sprot' is neither"),
        ("a.csv", "text,topics\nx,99999999", "a.csv:2: '99999999'"),
        ("a.csv", "body,label\nx,sport", "give either"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(LabelsInvalid, match=said):
        read_labels(written(tmp_path, name, text))


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(LabelsInvalid):
        read_labels(tmp_path / "labels.csv")


def test_scores_count_what_is_right_found_and_missed() -> None:
    scores = score([({"a"}, {"a", "c"}), ({"a", "b"}, {"b"}), ({"b"}, {"a"})])
    by_topic = {one.topic: one for one in scores}

    assert [(one.precision, one.recall, one.f) for one in scores] == [(0.5, 0.5, 0.5), (1.0, 0.5, 2 / 3)]
    assert by_topic.keys() == {"a", "b"}
    assert macro_f(scores) == pytest.approx(7 / 12)
    assert macro_f([]) == 0.0
