"""What every engine promises, each with a real model."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from newsfeed.documents import ArticleDocument
from services.enrich.enricher import Enricher
from services.enrich.recognition import spacy_engine
from services.enrich.recognition.recognised import Recognised, Recogniser
from services.enrich.text import tokenise
from tests.integration.enrich.engines.sentences import SENTENCES, endless, told

pytestmark = pytest.mark.filterwarnings("default")  # those of the libraries are theirs

FIRST, SECOND, THIRD = (text for text, _ in SENTENCES)


def found(recogniser: Recogniser, text: str) -> list[Recognised]:
    return recogniser.recognise(text, tokenise(text), "fr")


def names(recogniser: Recogniser, text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.type) for one in found(recogniser, text)]


@pytest.mark.parametrize("index", range(len(SENTENCES)))
def test_it_finds_people_places_and_organisations(recogniser: Recogniser, index: int) -> None:
    assert names(recogniser, SENTENCES[index][0]) == told(index)


@pytest.mark.parametrize(
    "before",
    [
        "😀 ",
        "👩‍👩‍👧 🇫🇷 ",
        "\ufeff ",
        "e\u0301te\u0301. ",
        "\u200b\u200d\u2060 ",
        "𠮷野家。\n",
        "« ",
        "\n\n\t",
    ],
)
def test_names_are_where_they_say_whatever_stands_before_them(recogniser: Recogniser, before: str) -> None:
    """Offsets are code points of the text, not bytes, half pairs or what an engine made of it."""
    text = before + FIRST
    place = len(before)
    expected = [(place, place + 9, "PER"), (place + 21, place + 28, "LOC"), (place + 34, place + 41, "ORG")]

    spans = [(one.start, one.end, one.type) for one in found(recogniser, text) if one.start >= place]

    assert spans == expected


def test_names_are_in_order_apart_on_tokens_and_of_some_certainty(recogniser: Recogniser) -> None:
    text = f"{FIRST} {SECOND}\n{THIRD}"
    tokens = tokenise(text)

    names = recogniser.recognise(text, tokens, "fr")

    assert len(names) == 10
    assert all(one.last <= other.first for one, other in pairwise(names))
    assert all(one.start == tokens[one.first].start and one.end == tokens[one.last - 1].end for one in names)
    assert all(0 <= one.score <= 1 for one in names)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets spaCy read no more than the small model of GLiNER at once."""
    monkeypatch.setattr(spacy_engine, "PIECE", 250)


@pytest.mark.usefixtures("narrow")
def test_nothing_is_lost_in_a_long_text(recogniser: Recogniser) -> None:
    """It is more than any engine reads at once."""
    text = "\n".join([FIRST, SECOND, THIRD] * 60)

    assert names(recogniser, text) == (told(0) + told(1) + told(2)) * 60


@pytest.mark.usefixtures("narrow")
def test_nothing_is_lost_in_a_sentence_without_an_end(recogniser: Recogniser) -> None:
    """It is cut somewhere within."""
    assert names(recogniser, endless(60)) == told(0) * 60


def test_a_text_that_is_too_long_is_read_in_part(
    recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"{FIRST} {SECOND}"
    read = len(tokenise(FIRST))
    for module in ("piecewise", "builtin"):
        monkeypatch.setattr(f"services.enrich.recognition.{module}.MOST_TOKENS", read)

    assert names(recogniser, text) == told(0)


def test_an_article_does_not_depend_on_those_before_it(recogniser: Recogniser) -> None:
    before = found(recogniser, FIRST)
    found(recogniser, f"{THIRD} {SECOND}")

    assert found(recogniser, FIRST) == before


def test_partitions_may_ask_it_at_once(recogniser: Recogniser) -> None:
    """A program reads each partition in a thread of its own."""
    texts = [FIRST, SECOND, THIRD] * 8
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda text: names(recogniser, text), texts))

    assert answers == [told(0), told(1), told(2)] * 8


HOSTILE = {
    "one letter": "a" * 2**20,
    "one capital": "A" * 2**20,
    "sentences": "Il dit. " * 300,
    "different words": " ".join(f"W{number:x}" for number in range(500)),
    "emoji": "👩‍👩‍👧‍👦" * 100,
    "zero width": "\u200b\u200d\ufeff" * 200,
    "scripts": "Пётр 東京 القاهرة Αθήνα " * 40,
    "hyphens": "a-" * 1_000,
    "surrogates": "\ud800 Paris \udfff " * 20,
    "controls": "\x00\x01\x7f\ufffe" * 100,
    "nothing": "",
    "blank": " \n\t " * 1000,
    "marks": "«»\"'-.," * 200,
}


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_stops_it(recogniser: Recogniser, kind: str) -> None:
    """A dead worker is worse than an article without names; what comes after is read as well."""
    text = f"{HOSTILE[kind]}\n{FIRST}"

    names = found(recogniser, text)

    assert all(0 <= one.start < one.end <= len(text) for one in names)
    assert names == [] or "Ukraine" in {text[one.start : one.end] for one in names}


def test_an_enricher_links_what_it_finds(recogniser: Recogniser) -> None:
    """Its version names the engine, so that another one would be told from it."""
    enricher = Enricher(recogniser=recogniser)
    document = ArticleDocument(title="Reuters", body=FIRST)

    entities = {one.name: one for one in enricher.enrich(document, "fr").entities}

    assert enricher.version.endswith(f"+{recogniser.name}.{recogniser.version}")
    [place] = [one for one in entities.values() if one.type == "LOC"]
    assert [document.text[one.start : one.end] for one in place.mentions] == ["Ukraine"]
    assert place.id
