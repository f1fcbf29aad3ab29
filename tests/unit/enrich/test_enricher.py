"""The contract of the enricher, on articles of our own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsfeed.documents import ArticleDocument, EnrichmentDocument, Entity
from services.enrich.enricher import Enricher

FRENCH = ArticleDocument(
    title="Négociations de paix : un conseiller fait le point",
    title_derived=True,
    body="""\
Bastien Korvane, conseiller du président moldave, a indiqué que la Moldavie prépare un plan de sécurité avec
l'Ukraine, alors que la guerre avec la Russie continue.
Korvane a écrit sur la plateforme "X" (anciennement Twitter) que des experts militaires travaillent déjà.
* Discussions à Washington
Parallèlement, un responsable a confié à l'agence Reuters que l'OTAN se réunirait à Washington.
Le responsable a ajouté que le général Ted Harbin participerait aux réunions des dirigeants politiques.
L'amiral Gianpaolo Riva Torrente, président du comité militaire, a salué "une discussion franche".
Torrente a rappelé que l'alliance défend la paix et la défense de l'Ukraine.""".replace("avec\n", "avec "),
)
PIECES = (
    "Paris Anna de von l' OTAN président Le X \" - . , ( ) \n U.S. \u0301 \u200f 😀 中国 总统 "
    "Эрик Киеве محمد الرئيس ウクライナ O'Brien Zelensky qu' bin war guerre 3. A. al-Sisi Ａ １"
).split(" ")

words = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200)
newsy = st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join)


def by_name(found: EnrichmentDocument) -> dict[str, Entity]:
    return {entity.name: entity for entity in found.entities}


def surfaces(document: ArticleDocument, entity: Entity) -> list[str]:
    return [document.text[mention.start : mention.end] for mention in entity.mentions]


def test_every_name_of_a_french_report_is_found_and_nothing_else() -> None:
    """One wrong entity is what a reader remembers."""
    found = Enricher().enrich(FRENCH)

    assert found.language.code == "fr"
    assert set(by_name(found)) == {
        "Bastien Korvane",
        "Moldova",
        "Ukraine",
        "Russia",
        "X (Twitter)",
        "Washington",
        "Reuters",
        "NATO",
        "Ted Harbin",
        "Gianpaolo Riva Torrente",
    }
    assert {"medtop:16000000", "medtop:11000000"} <= {topic.id for topic in found.topics}


def test_a_surname_alone_is_a_mention_of_the_person() -> None:
    """Reports give the full name once."""
    entities = by_name(Enricher().enrich(FRENCH))

    assert surfaces(FRENCH, entities["Bastien Korvane"]) == ["Bastien Korvane", "Korvane"]
    assert surfaces(FRENCH, entities["Gianpaolo Riva Torrente"]) == ["Gianpaolo Riva Torrente", "Torrente"]


def test_known_entities_have_the_same_id_in_every_language() -> None:
    """A channel on an id must not depend on the language of the report."""
    texts = [
        "The alliance NATO met in Ukraine on Monday to talk about the war.",
        "L'OTAN s'est réunie lundi en Ukraine pour parler de la guerre.",
        "Die NATO hat sich am Montag in der Ukraine getroffen, um über den Krieg zu reden.",
        "НАТО провела в понедельник встречу на Украине и обсудила войну.",
        "اجتمع حلف شمال الأطلسي يوم الاثنين في أوكرانيا لبحث الحرب.",
        "北约周一在乌克兰开会讨论战争。",
    ]
    found = [Enricher().enrich(ArticleDocument(title=text)).entities for text in texts]

    assert {frozenset(entity.id for entity in entities) for entities in found} == {
        frozenset({"wikidata:Q7184", "iso3166:UA"}),
    }


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Nobody knows who the winner was, and the un-American speech was total nonsense.", {"ORG"}),
        ("La réunion a duré un an, total des dépenses : une orange et un coca.", {"ORG", "LOC"}),
        ("She ate turkey from the best china while peru smiled.", {"LOC"}),
        ("Actor Denzel Washington spoke to Jordan Pickford about Chad Smith.", {"LOC"}),
        ("Le responsable a parlé. Discussions en cours. Parallèlement, rien.", {"PER", "LOC", "ORG"}),
        ("La Première Guerre mondiale et les Jeux Olympiques d'hiver, lundi.", {"PER"}),
        ("A Primeira Guerra Mundial e os Jogos Olímpicos mudaram a série Stranger Things.", {"PER"}),
        ("Того, что было сказано, мало. Минские жители ждут.", {"LOC"}),
        ("Der Technische Direktor und die Neue Halle am Alten Markt.", {"PER"}),
    ],
)
def test_ordinary_words_are_no_names(text: str, never: set[str]) -> None:
    """Each of these has been taken for a name by some tagger."""
    found = Enricher().enrich(ArticleDocument(title=text))

    assert not never & {entity.type for entity in found.entities}


def test_declared_topics_are_kept_with_full_score() -> None:
    """The source's own codes are facts, not guesses; unknown ones are none."""
    found = Enricher().enrich(FRENCH, "fr", ("medtop:15000000", "20000062", "medtop:99999999"))
    scores = {topic.id: topic.score for topic in found.topics}

    assert (scores["medtop:15000000"], scores["medtop:20000062"]) == (1.0, 1.0)
    assert "medtop:99999999" not in scores


def test_the_headline_weighs_most() -> None:
    """Salience is what a digest shows first."""
    document = ArticleDocument(
        title="Kenya opens a new railway line",
        body="Officials from Uganda travelled to the port.\n\nNeighbours in Tanzania want to join.",
    )
    found = Enricher().enrich(document)

    assert [(entity.name, entity.salience) for entity in found.entities] == [
        ("Kenya", 1.0),
        ("Uganda", 0.765),
        ("Tanzania", 0.294),
    ]


@given(text=words | newsy, title=words | newsy)
@settings(max_examples=40)
def test_any_text_gives_valid_offsets_and_the_same_bytes_twice(text: str, title: str) -> None:
    """Whatever a file holds, enrichment answers, and a redelivery answers the same.

    Few examples, because the names of nearly every language that nonsense is taken for are read anew.
    """
    document = ArticleDocument(title=title, body=text)
    found = Enricher().enrich(document)
    mentions = [mention for entity in found.entities for mention in entity.mentions]
    mentions += [mention for topic in found.topics for mention in topic.mentions]

    assert all(document.text[mention.start : mention.end].strip() for mention in mentions)
    assert all(mention.end <= len(document.text) for mention in mentions)
    assert Enricher().enrich(document).canonical_bytes() == found.canonical_bytes()


@pytest.mark.parametrize("text", ["", " ", "\u0301", "\u200f\u202e", "😀" * 50, "a" * 100_000, "ا" * 20_000])
def test_texts_that_say_nothing_give_nothing(text: str) -> None:
    """An empty or senseless text is no error."""
    found = Enricher().enrich(ArticleDocument(title=text))

    assert (found.entities, found.topics) == ((), ())
