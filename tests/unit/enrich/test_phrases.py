"""Key phrases: what a reader would write on the folder, in words of the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsfeed.documents import ArticleDocument, Entity, Mention, Phrase
from services.enrich.background import stopwords
from services.enrich.parts import bounds
from services.enrich.phrases import CUT, MOST_PHRASES, find_phrases
from services.enrich.text import tokenise

LANGUAGES = "en fr de es ar pt zh sv da it nl pl ru uk tr".split()
TEXTS = {
    "en": ("Tidal power for Orkney", "Tidal power will light Orkney. The tidal power plant opens in May."),
    "fr": ("Vaccin contre la grippe", "Le vaccin arrive. Les médecins attendent le vaccin depuis mars."),
    "de": ("Neue Windräder im Watt", "Die Windräder stehen im Watt. Fischer klagen gegen die Windräder."),
    "es": ("Sequía en el valle", "La sequía dura tres meses. Los agricultores temen la sequía."),
    "ar": ("زراعة المرجان", "زرع متطوعون المرجان في البحر. المرجان يحتاج إلى عامين."),
    "pt": ("Greve dos estivadores", "A greve parou o porto. Os estivadores mantêm a greve."),
    "zh": ("海水淡化厂投产", "海水淡化厂周一投产。海水淡化厂每天供水。"),
    "sv": ("Vargar i Värmland", "Vargar har setts i skogen. Bönder räds vargar."),
    "da": ("Havvind ved Bornholm", "Havvind skal give strøm. Fiskere frygter havvind."),
    "it": ("Eruzione sull'isola", "L'eruzione dura da ieri. Per i geologi l'eruzione non è finita."),
    "nl": ("Stikstof in de duinen", "Stikstof bedreigt de duinen. Boeren stoten stikstof uit."),
    "pl": ("Strajk górników", "Strajk trwa trzy dni. Górnicy zapowiadają, że strajk potrwa."),
    "ru": ("Наводнение на Алтае", "Наводнение затопило сёла. Наводнение отступает."),
    "uk": ("Врожай пшениці", "Врожай менший, ніж торік. Аграрії збирають врожай."),
    "tr": ("Orman yangını sürüyor", "Yangın üç köyü tehdit ediyor. Yangın rüzgârla büyüdü."),
}
FIRST_WORDS = {
    "en": "tidal power",
    "fr": "vaccin",
    "de": "windräder",
    "es": "sequía",
    "ar": "المرجان",
    "pt": "greve",
    "zh": "海水淡化厂",
    "sv": "vargar",
    "da": "havvind",
    "it": "eruzione",
    "nl": "stikstof",
    "pl": "strajk",
    "ru": "наводнение",
    "uk": "врожай",
    "tr": "yangın",
}
PIECES = (
    "the council of Orkney met tidal power plant « » . , \n de la 中国 队 金牌 的 😀 \u200b ' l'eau".split(
        " "
    )
)


def phrases(title: str, body: str, language: str, *entities: Entity) -> tuple[Phrase, ...]:
    document = ArticleDocument(title=title, body=body)
    tokens = tokenise(document.text)
    return find_phrases(document.text, tokens, language, entities, bounds(document, document.text))[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_text_is_about_comes_first(language: str) -> None:
    """In every language of the topics."""
    found = phrases(*TEXTS[language], language)

    assert FIRST_WORDS[language] in [phrase.text.casefold() for phrase in found[:2]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_own_stop_words(language: str) -> None:
    """Without a list the commonest words would be the key phrases."""
    assert len(stopwords(language)) > 80
    assert language == "en" or stopwords(language) != stopwords("en")


def test_every_place_of_a_phrase_is_told() -> None:
    """A reader can be shown where."""
    title, body = TEXTS["en"]
    found = phrases(title, body, "en")[0]
    text = ArticleDocument(title=title, body=body).text

    assert [text[one.start : one.end] for one in found.mentions] == [
        "Tidal power",
        "Tidal power",
        "tidal power",
    ]
    assert (found.text, found.score) == ("Tidal power", 1.0)


def test_entities_are_phrases_in_their_longest_form_and_no_words_of_them_come_again() -> None:
    mentions = (Mention(start=0, end=9), Mention(start=26, end=31))
    ada = Entity(id="p", type="PER", name="Ada", score=1, salience=1, method="m", mentions=mentions)
    found = phrases("Ada Byron opens bridge", "\n\nByron opened the bridge", "en", ada)

    assert "Byron" not in [phrase.text for phrase in found]
    assert found[0].text == "Ada Byron"


def test_a_word_may_join_two_others() -> None:
    """In Romance languages hardly any term is without one."""
    body = "Les garanties de sécurité sont prêtes. Les alliés donnent des garanties de sécurité."

    assert "garanties de sécurité" in [phrase.text for phrase in phrases("Sommet", body, "fr")]


def test_a_very_long_text_is_read_as_far_as_it_goes() -> None:
    text = "tidal power works here. " * 6_000
    _, warnings = find_phrases(text, tokenise(text), "en", (), (0, 100))

    assert warnings == (CUT,)


@given(
    st.lists(st.sampled_from(PIECES), max_size=80).map(" ".join) | st.text(max_size=200),
    st.sampled_from(LANGUAGES),
)
@settings(max_examples=200)
def test_any_text_gives_phrases_that_stand_in_it_apart_from_each_other(body: str, language: str) -> None:
    document = ArticleDocument(title="Orkney", body=body)
    text = document.text
    found = phrases(document.title, body, language)
    ranges = sorted((one.start, one.end) for phrase in found for one in phrase.mentions)

    assert len(found) <= MOST_PHRASES
    assert all(text[start:end].strip() for start, end in ranges)
    assert all(one[1] <= other[0] for one, other in pairwise(ranges))
    assert all(
        phrase.text in {text[one.start : one.end] for one in phrase.mentions} and 0 <= phrase.score <= 1
        for phrase in found
    )
