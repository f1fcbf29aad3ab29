"""Near-duplicates among reports of invented words: what editors do to a report is seen through."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.prose import Prose
from services.enrich import likeness as under_test
from services.enrich.likeness import (
    HASHES,
    NEAR_DUPLICATE,
    REVISION_CANDIDATE,
    Signature,
    bands,
    likeness,
    shingles,
    signature,
)
from services.enrich.text import tokenise

REPORTS = 300
PINNED = [429179967, 992074320, 1555124664, 734074102]
NOTICE = (
    "This report was made by the newsroom of the county. All rights are reserved by its publisher, as always."
)


@cache
def reports() -> tuple[str, ...]:
    prose = Prose(11)
    return tuple(f"{prose.title()}\n\n{prose.body(2500)}" for _ in range(REPORTS))


@cache
def signatures() -> tuple[Signature, ...]:
    return tuple(signature(tokenise(report)) for report in reports())


def with_notice(report: str, _: Random) -> str:
    return f"{report}\n\n{NOTICE}"


def with_other_words(report: str, random: Random) -> str:
    words = report.split(" ")
    return " ".join(f"other{random.random()}" if random.random() < 0.05 else word for word in words)


def beginning(report: str, _: Random) -> str:
    words = report.split(" ")
    return " ".join(words[: len(words) * 7 // 10])


@pytest.mark.parametrize("edit", [with_notice, with_other_words, beginning])
def test_an_edited_report_is_a_near_duplicate(edit: Callable[[str, Random], str]) -> None:
    """At least 99 of 100, by their likeness and by a band that both are found in."""
    random = Random(5)
    edited = [signature(tokenise(edit(report, random))) for report in reports()]

    alike = [likeness(*pair) >= NEAR_DUPLICATE for pair in zip(signatures(), edited, strict=True)]
    found = [bool({*bands(one)} & {*bands(other)}) for one, other in zip(signatures(), edited, strict=True)]
    assert sum(alike) >= 0.99 * REPORTS
    assert sum(found) >= 0.99 * REPORTS


def test_no_two_of_44_850_unrelated_pairs_are_alike() -> None:
    """A report that is taken for another's copy is lost to its readers."""
    stacked = np.stack(signatures())
    pairs = [likeness(stacked[number], other) for number in range(REPORTS) for other in stacked[number + 1 :]]

    assert len(pairs) == 44_850
    assert max(pairs) < REVISION_CANDIDATE


def test_the_estimate_is_close_to_the_truth() -> None:
    """Half of the words: as many pairs are taken for too alike as for too unlike."""
    errors = []
    for report, one in zip(reports()[:50], signatures(), strict=False):
        half = tokenise(report[: len(report) // 2])
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
