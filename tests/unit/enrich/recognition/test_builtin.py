"""The model that ships: what it finds, and that no text stops it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from services.enrich.recognition import builtin, network, recognised
from services.enrich.recognition.builtin import BuiltinRecogniser
from services.enrich.recognition.network import Network
from services.enrich.recognition.recognised import Recognised, warnings
from services.enrich.text import tokenise

ARTICLES = {
    "fr": "Le député Henri Vasseur s'est rendu à Kiev lundi. « Nous irons à l’Otan », a dit Vasseur.",
    "en": "Margaret Holloway said in Nairobi that the World Bank would help. Mr. Holloway flew to Kenya.",
    "de": "Der Trainer Lukas Brenner wechselt nach Hamburg. Brenner spielte früher für Borussia Dortmund.",
    "es": "La ministra Carmen Olmedo viajó a Bogotá. Olmedo se reunirá con la ONU en Ginebra.",
}


@pytest.fixture(scope="module")
def model() -> BuiltinRecogniser:
    return BuiltinRecogniser.load()


def found(model: BuiltinRecogniser, text: str, language: str = "fr") -> list[Recognised]:
    return model.recognise(text, tokenise(text), language)


def names(model: BuiltinRecogniser, text: str, language: str) -> set[tuple[str, str]]:
    return {(text[one.start : one.end], one.type) for one in found(model, text, language)}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", {("Henri Vasseur", "PER"), ("Vasseur", "PER"), ("Kiev", "LOC"), ("Otan", "ORG")}),
        (
            "en",
            {
                ("Margaret Holloway", "PER"),
                ("Holloway", "PER"),
                ("Nairobi", "LOC"),
                ("World Bank", "ORG"),
                ("Kenya", "LOC"),
            },
        ),
        (
            "de",
            {("Lukas Brenner", "PER"), ("Brenner", "PER"), ("Hamburg", "LOC"), ("Borussia Dortmund", "ORG")},
        ),
        (
            "es",
            {
                ("Carmen Olmedo", "PER"),
                ("Olmedo", "PER"),
                ("Bogotá", "LOC"),
                ("ONU", "ORG"),
                ("Ginebra", "LOC"),
            },
        ),
    ],
)
def test_it_finds_people_places_and_organisations(
    model: BuiltinRecogniser, language: str, expected: set[tuple[str, str]]
) -> None:
    assert names(model, ARTICLES[language], language) == expected


def test_names_are_in_order_apart_and_on_tokens(model: BuiltinRecogniser) -> None:
    text = "\n".join(ARTICLES.values())
    tokens = tokenise(text)

    names = model.recognise(text, tokens, "und")

    assert all(one.last <= other.first for one, other in pairwise(names))
    assert all(one.start == tokens[one.first].start and one.end == tokens[one.last - 1].end for one in names)
    assert all(0 <= one.score <= 1 for one in names)


def test_an_article_does_not_depend_on_those_before_it(
    model: BuiltinRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept per word, and forgotten when there is no room, must not change what is found."""
    monkeypatch.setattr(network, "CACHED_WORDS", 600)
    monkeypatch.setattr(builtin, "BATCH_WORDS", 400)
    fresh = BuiltinRecogniser(model._network)
    before = found(fresh, ARTICLES["fr"])
    found(fresh, " ".join(f"Mot{number}" for number in range(1_000)))
    assert "Vasseur" not in model._network._rows

    assert found(fresh, ARTICLES["fr"]) == before


HOSTILE = {
    "one letter": "a",
    "one capital": "A",
    "sentences": "Il dit. ",
    "different words": " ".join(f"W{number:x}" for number in range(60_000)),
    "emoji": "👩‍👩‍👧‍👦",
    "zero width": "\u200b\u200d\ufeff",
    "scripts": "Пётр 東京 القاهرة Αθήνα ",
    "hyphens": "a-",
    "surrogates": "\ud800 Paris \udfff ",
    "nothing": "",
    "blank": " \n\t ",
    "marks": "«»\"'-.,",
}


def hostile(kind: str, size: int) -> str:
    """So many characters of one kind."""
    piece = HOSTILE[kind]
    return (piece * (size // max(len(piece), 1) + 1))[:size]


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_text_stops_it(model: BuiltinRecogniser, kind: str) -> None:
    """A dead worker is worse than an article without names. The short form of the soak test below."""
    text = hostile(kind, 40_000)

    assert all(0 <= one.start < one.end <= len(text) for one in found(model, text))


@pytest.mark.soak
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_mebibyte_of_text_stops_it(model: BuiltinRecogniser, kind: str) -> None:
    """As large as a text can be."""
    text = hostile(kind, 2**20)

    assert all(0 <= one.start < one.end <= len(text) for one in found(model, text))


def test_the_words_of_a_batch_are_bounded(model: BuiltinRecogniser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory follows the largest batch, whatever the text is."""
    sizes: list[int] = []
    scores = Network.scores

    def watched(self: Network, sentences: list[list[str]]) -> list[object]:
        sizes.append(sum(len(one) for one in sentences))
        return list(scores(self, sentences))

    monkeypatch.setattr(Network, "scores", watched)
    found(model, hostile("sentences", 80_000))

    assert max(sizes) <= builtin.BATCH_WORDS


def test_a_text_that_is_too_long_is_read_in_part_and_says_so(
    model: BuiltinRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Anna Lind habite à Oslo. " * 20
    tokens = tokenise(text)
    monkeypatch.setattr(builtin, "MOST_TOKENS", 12)
    monkeypatch.setattr(recognised, "MOST_TOKENS", 12)

    names = model.recognise(text, tokens, "fr")

    assert names
    assert max(one.last for one in names) <= 12
    assert warnings(tokens) == ("entities_text_cut",)
    assert warnings(tokens[:12]) == ()


def test_a_sentence_does_not_see_its_neighbours(model: BuiltinRecogniser) -> None:
    """The blanks between sentences are as wide as a convolution reaches."""
    alone = model._network.scores([["Paris", "brûle"]])[0]

    between = model._network.scores([["Anna", "Lind"], ["Paris", "brûle"], ["Oslo"]])[1]

    assert np.allclose(alone, between, atol=1e-4)
