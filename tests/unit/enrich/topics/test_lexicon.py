"""Which words meet which entry of a list."""

from __future__ import annotations

import pytest

from services.enrich.text import tokenise
from services.enrich.topics.lexicon import Lexicon
from services.enrich.topics.spotting import spot
from services.enrich.topics.stems import stem
from services.enrich.topics.wordfile import Entry, entries, languages


def lexicon(language: str, **sections: str) -> Lexicon:
    listed = [Entry.of(item, name[1:]) for name, words in sections.items() for item in words.split()]
    return Lexicon(language, listed)


def said(text: str, known: Lexicon) -> list[tuple[str, float]]:
    """Topic (two digits) and weight of each word that speaks, in the order of the text."""
    found = spot(tokenise(text), known).senses
    spoken = sorted((spans[0], sense) for sense, spans in found.items())
    return [(topic[7:9], round(weight, 2)) for _, sense in spoken for topic, weight in sense.weights]


@pytest.mark.parametrize(
    ("language", "words", "text"),
    [
        ("en", "strike", "Strikes end"),
        ("en", "elect*", "the electoral roll"),
        ("en", "health_worker", "a Health workers' union"),
        ("fr", "grève", "des grèves"),
        ("fr", "chef_d'état", "un chef d\u2019\u00e9tat"),
        ("de", "*steuer", "die Einkommensteuer"),
        ("de", "haus", "die Häuser"),
        ("de", "gericht", "vor dem Landgericht"),
        ("nl", "brand~", "de branden"),
        ("es", "ministro", "las ministras"),
        ("pt", "eleição", "as eleições"),
        ("it", "governo", "i governi"),
        ("ru", "выборы", "на выборах"),
        ("uk", "війна", "війною"),
        ("pl", "partia", "partii"),
        ("ar", "حرب", "والحرب"),
        ("tr", "seçim", "SEÇİMLERDE"),
        ("tr", "kitap", "kitabı"),
        ("sv", "krig", "kriget"),
        ("da", "valg", "valget"),
        ("zh", "停火", "双方同意停火"),
    ],
)
def test_forms_of_a_word_meet(language: str, words: str, text: str) -> None:
    assert [topic for topic, _ in said(text, lexicon(language, t09=words))] == ["09"]


@pytest.mark.parametrize(
    ("language", "words", "text"),
    [
        ("en", "strike", "striking"),
        ("en", "health_worker", "health of a worker"),
        ("fr", "environnement", "environ"),
        ("de", "gericht", "gerichtet"),
        ("zh", "停火", "停下大火"),
    ],
)
def test_other_words_do_not(language: str, words: str, text: str) -> None:
    assert said(text, lexicon(language, t08=words)) == []


def test_a_phrase_is_read_before_its_words_and_the_longest_first() -> None:
    known = lexicon("en", t07="health health_worker", t09="health_worker_strike", t00="health_food")

    assert said("health worker strike", known) == [("09", 1.0)]
    assert said("health workers", known) == [("07", 1.0)]
    assert said("health food", known) == []
    assert said("health", known) == [("07", 1.0)]


def test_weak_words_and_shared_words_count_less() -> None:
    known = lexicon("en", t15="goal~ coach", t16="coach")

    assert said("goal", known) == [("15", 0.35)]
    assert said("coach", known) == [("15", 0.71), ("16", 0.71)]


def test_a_language_without_a_list_is_read_with_the_english_one() -> None:
    assert Lexicon.load("fi").language == "en"
    assert said("NATO ja Champions League", Lexicon.load("fi"))


def test_norwegian_is_read_with_the_danish_list() -> None:
    text = "Regjeringen og Stortinget: statsministeren om valget og politikken"

    assert {topic for topic, _ in said(text, Lexicon.load("nb"))} == {"11"}


def test_what_was_read_is_forgotten_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text of ever new words must not fill the memory."""
    monkeypatch.setattr("services.enrich.topics.lexicon.MOST_KEYS", 10)
    known = lexicon("en", t09="strike")

    spot(tokenise(" ".join(f"word{number}" for number in range(1000))), known)

    assert len(known) <= 10


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_list_is_large_and_its_marks_are_known(language: str) -> None:
    """At least 45 words a topic in four languages, 30 or 25 in the others."""
    listed = list(entries(language))
    most = {"en": 45, "fr": 45, "de": 45, "es": 45}.get(language, 30 if language in "pt it nl ru ar" else 25)
    counts = [sum(entry.topic == f"medtop:{number:02}000000" for entry in listed) for number in range(1, 18)]

    assert min(counts) >= most
    assert not [entry.text for entry in listed if set(entry.text) & set("*~_[]") or not entry.text.strip()]


@pytest.mark.parametrize("word", ["", "a", "ss", "ies", "x" * 64, "الـ", "وال", "ı", "ões"])
def test_stems_of_odd_words_are_not_longer_than_the_word(word: str) -> None:
    assert all(len(stem(word, language)) <= max(1, len(word)) for language in [*languages(), "fi", "und"])
