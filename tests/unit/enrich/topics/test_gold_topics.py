"""Topics of our own news items: floors that a change must not fall below.

The figures are those of the half that nothing was tuned on. Raise a floor when topics get better.
"""

from __future__ import annotations

import pytest

from services.enrich.topics import finding
from services.enrich.topics.spotting import Span, Spots
from tools.topics_quality import SHORT_NEWS, gold_items, gold_names, measure, measure_desks

FLOORS = {
    "en.macro_f": 0.95,
    "fr.macro_f": 0.95,
    "en-news.macro_f": 0.95,
    "fr-news.macro_f": 0.93,
    "de.macro_f": 0.95,
    "es.macro_f": 0.95,
    "ar.macro_f": 0.90,
    "da.macro_f": 0.90,
    "it.macro_f": 0.90,
    "nl.macro_f": 0.90,
    "pl.macro_f": 0.90,
    "pt.macro_f": 0.88,
    "ru.macro_f": 0.90,
    "sv.macro_f": 0.90,
    "tr.macro_f": 0.90,
    "uk.macro_f": 0.90,
    "zh.macro_f": 0.90,
    "desks/en.macro_f": 0.88,
    "desks/en.of_six": 0.90,
    "desks/fr.macro_f": 0.93,
    "desks/fr.of_six": 0.93,
    "all.precision": 0.91,
    "all.recall": 0.97,
    "all.primary": 0.98,
}

FEWEST = {"en": 100, "fr": 100, "en-news": 40, "fr-news": 40, "desks/en": 180, "desks/fr": 180}


def below() -> set[str]:
    """The figures that are below their floor."""
    figures = measure() | measure_desks()
    assert figures.keys() == FLOORS.keys()
    return {name for name, value in figures.items() if value < FLOORS[name]}


def test_topics_stay_above_their_floors() -> None:
    """A wrong topic reaches every subscriber of a channel."""
    assert below() == set()


def test_the_floors_see_evidence_that_goes_to_the_wrong_topic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted bug: the evidence for two topics is exchanged."""
    weigh = finding.weigh
    exchanged = {"medtop:16000000": "medtop:11000000", "medtop:11000000": "medtop:16000000"}

    def wrong(spots: Spots, lead_end: int) -> tuple[dict[str, float], dict[str, list[Span]]]:
        evidence, words = weigh(spots, lead_end)
        return {exchanged.get(topic, topic): value for topic, value in evidence.items()}, words

    monkeypatch.setattr(finding, "weigh", wrong)

    assert {"en.macro_f", "fr-news.macro_f", "all.precision"} <= below()


@pytest.mark.parametrize("name", [*gold_names(), *SHORT_NEWS])
def test_every_topic_has_items_of_both_halves(name: str) -> None:
    """A macro mean over topics that are not there says nothing."""
    items = list(gold_items(name))
    halves = {(item.topics[0], item.half) for item in items}

    assert len(items) >= FEWEST.get(name, 34)
    assert len(halves) == 2 * (6 if name.endswith("-news") or name in SHORT_NEWS else 17)
    assert len({item.title for item in items}) == len(items)
