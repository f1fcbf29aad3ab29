"""Times as pages show them: in many languages, with labels, in numbers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest import visible_times
from services.ingest.visible_times import visible_time


@pytest.mark.parametrize(
    ("line", "hour"),
    [
        ("Published: 5 March 2024, 10:15 GMT", 10),
        ("Tuesday, March 5, 2024 at 5:15 a.m. EST", 10),
        ("05.03.2024, 11:15 Uhr MEZ", 10),
        ("05.03.2024, 11.15 Uhr", 11),
        ("Stand: 5. März 2024, 11:15 Uhr", 11),
        ("Publié le 5 mars 2024 à 11h15", 11),
        ("5 de marzo de 2024 a las 11:15 CET", 10),
        ("05/03/2024 às 07h15", 7),
        ("05/03/2024 às 07h15 | Atualizado 08h00", 7),
        ("5 марта 2024, 13:15 МСК", 10),
        ("05 Mart 2024 - 13:15", 13),
        ("5 marca 2024, 11:15", 11),
        ("2024-03-05 18:15", 18),
        ("2024年3月5日 19時15分", 19),
    ],
)
def test_a_shown_time_is_read(line: str, hour: int) -> None:
    """A zone counts where it is shown; a second time behind it does not."""
    moment = visible_time(line, day_first=True)

    assert moment is not None
    assert moment.at == datetime(2024, 3, 5, hour, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "day_first", "month"),
    [("03/05/2024", False, 3), ("03/05/2024", True, 5), ("03.05.2024", False, 5), ("25/12/2024", False, 12)],
)
def test_which_number_is_the_day_is_told_by_the_language_or_the_dots(
    line: str, day_first: bool, month: int
) -> None:
    moment = visible_time(line, day_first=day_first)

    assert moment is not None
    assert (moment.at.month, moment.day_only) == (month, True)


@pytest.mark.parametrize("line", ["", "No date", "31/31/2024", "Call 555 1234", "x" * 81 + " 5 March 2024"])
def test_another_line_tells_no_time(line: str) -> None:
    assert visible_time(line) is None


def test_a_day_that_is_taken_for_a_month_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the month stands first whatever the language."""
    numbers = visible_times._numbers
    monkeypatch.setattr(visible_times, "_numbers", lambda line, **_: numbers(line, day_first=False))

    with pytest.raises(AssertionError):
        test_which_number_is_the_day_is_told_by_the_language_or_the_dots(
            line="03/05/2024", day_first=True, month=5
        )
