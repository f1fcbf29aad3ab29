"""The gates on data of our own, which is everywhere, against the floors that `make quality` pins."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from quality import entities, floors, languages, linking, reports, stories
from quality.measures import Measure
from services.enrich import language as identifying
from services.enrich import stories as deciding
from services.enrich.linking import geography, linker
from services.enrich.recognition.seconded import SecondedRecogniser

pytestmark = pytest.mark.no_cover

Own = Callable[[], Iterable[Measure]]


def read_by_the_service() -> Iterable[Measure]:
    return entities.own(SecondedRecogniser())


def troubles(own: Own) -> dict[str, str]:
    """What is wrong, by the names of figures."""
    known = floors.read()
    found = {one.name: floors.trouble(one, known) for one in own()}
    assert found
    return {name: trouble for name, trouble in found.items() if trouble}


@pytest.mark.parametrize("own", [read_by_the_service, languages.own, linking.own, reports.own, stories.own])
def test_what_is_ours_is_read_as_well_as_before(own: Own) -> None:
    """The data sets are not everywhere; what we wrote is."""
    assert troubles(own) == {}


def test_a_detector_that_hears_small_languages_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: every language it knows is as likely."""
    monkeypatch.setattr(identifying, "_share", lambda _code, _stated: 1.0)

    assert troubles(languages.own).keys() == {"own/8-words"}


def test_places_without_their_neighbours_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: neither countries that are mentioned nor what follows a name says anything of it."""
    monkeypatch.setattr(geography, "COUNTRY_MENTIONED", 0.0)
    monkeypatch.setattr(geography, "INSIDE", 0.0)

    assert "places/en" in troubles(linking.places)


def test_a_broken_comparison_of_words_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: entities alone tell stories apart."""
    monkeypatch.setattr(deciding, "TERM_SHARE", 0.0)

    assert {"tune/pairs", "floor/pairs"} <= troubles(stories.own).keys()


def test_reports_without_what_is_known_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: no place is found in the table."""
    monkeypatch.setattr(linker, "_located", lambda _span, _choice: None)

    assert "ids" in troubles(reports.own)
