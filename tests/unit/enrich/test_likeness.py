"""Near-duplicates among reports of invented words: what editors do to a report is seen through."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import duplicates
from quality.duplicates import EDITS, Edit, falsely_alike, recall, reports
from services.enrich import likeness as under_test
from services.enrich.likeness import HASHES, NEAR_DUPLICATE, bands, likeness, shingles, signature
from services.enrich.text import tokenise

REPORTS = 60
PINNED = [429179967, 992074320, 1555124664, 734074102]


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_report_is_a_near_duplicate(edit: Edit) -> None:
    """By its likeness, and by a band that both are found in; `make quality` asks it of 300 reports."""
    assert recall(reports(REPORTS), edit) >= 0.99


def test_no_two_unrelated_reports_are_alike() -> None:
    """A report that is taken for another's copy is lost to its readers."""
    assert falsely_alike(reports(REPORTS)) == (0, REPORTS * (REPORTS - 1) // 2)


def test_a_broken_likeness_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: any word is as good as another."""
    monkeypatch.setattr(under_test, "_word_hash", lambda _key: 7)
    monkeypatch.setattr(duplicates, "_signature", lambda report: signature(tokenise(report)))

    assert falsely_alike(reports(REPORTS))[0] > 0


def test_the_estimate_is_close_to_the_truth() -> None:
    """Half of the words: as many pairs are taken for too alike as for too unlike."""
    errors = []
    for report in reports(REPORTS):
        one, half = signature(tokenise(report)), tokenise(report[: len(report) // 2])
        mine, theirs = {*shingles(tokenise(report)).tolist()}, {*shingles(half).tolist()}
        errors.append(likeness(one, signature(half)) - len(mine & theirs) / len(mine | theirs))

    assert abs(float(np.mean(errors))) < 0.02
    assert float(np.std(errors)) < 0.06


def test_signatures_are_the_same_everywhere() -> None:
    """They are stored, and compared with those of other machines and later releases."""
    assert signature(tokenise("The council met on Monday."))[:4].tolist() == PINNED


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    """One changed character must not make another report of a Chinese one."""
    report = "国际奥委会周一在洛桑宣布，下届冬季运动会的滑雪比赛将推迟三天举行，因为山上的雪还不够。"
    one, other = (signature(tokenise(text)) for text in (report, report.replace("三天", "四天")))

    assert likeness(one, other) > NEAR_DUPLICATE


@pytest.mark.parametrize("text", ["", "…", "\u200b" * 1000, "😀" * 1000])
def test_a_text_without_words_is_like_none(text: str) -> None:
    """Two empty reports are no copies of each other."""
    empty = signature(tokenise(text))

    assert (likeness(empty, empty), bands(empty)) == (0.0, ())


@given(st.text(max_size=300))
def test_any_text_is_like_itself_and_has_all_bands_or_none(text: str) -> None:
    """Whatever a file holds."""
    one = signature(tokenise(text))

    assert len(one) in {0, HASHES}
    assert likeness(one, one) == float(len(one) > 0)
    assert len(bands(one)) == len(one) // under_test.ROWS
