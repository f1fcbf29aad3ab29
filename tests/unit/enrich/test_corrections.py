"""What editors say, laid over what was found."""

from __future__ import annotations

import pytest

from newsfeed.documents import (
    ArticleDocument,
    EnrichmentDocument,
    Entity,
    EntityType,
    Language,
    Mention,
    Topic,
)
from newsfeed.values import (
    Correction,
    EntityAdded,
    EntityRelinked,
    EntityRemoved,
    EntityRetyped,
    TopicAdded,
    TopicRemoved,
)
from services.enrich.corrections import Said, corrected, occurrences

TEXT = ArticleDocument(title="Georgia votes", body="Atlanta is quiet. Georgia waits.")
WAR, POLITICS = "medtop:16000000", "medtop:11000000"


def entity(entity_id: str, kind: EntityType, *places: tuple[int, int]) -> Entity:
    mentions = tuple(Mention(start=start, end=end) for start, end in places)
    return Entity(
        id=entity_id, type=kind, name=entity_id, score=0.6, salience=0.4, method="model", mentions=mentions,
        country="GE", latitude=42, longitude=43,
    )  # fmt: skip


FOUND = EnrichmentDocument(
    language=Language(code="en", confidence=1, method="detected"),
    entities=(entity("iso3166:GE", "LOC", (0, 7), (33, 40)), entity("local:atlanta", "ORG", (15, 22))),
    topics=(Topic(id=WAR, label="conflict", score=0.4, primary=True),),
)


def after(*corrections: Correction) -> EnrichmentDocument:
    said = [Said.of(one, TEXT.text) for one in corrections]
    return corrected(FOUND, TEXT, said, {"wikidata:Q1428": "Georgia (U.S. state)"}.get)


def one(found: EnrichmentDocument, entity_id: str) -> Entity:
    return {entity.id: entity for entity in found.entities}[entity_id]


def test_a_removed_entity_is_gone() -> None:
    assert [entity.id for entity in after(EntityRemoved(id="local:atlanta")).entities] == ["iso3166:GE"]


def test_a_retyped_entity_keeps_its_places() -> None:
    place = one(after(EntityRetyped(id="local:atlanta", type="LOC")), "local:atlanta")

    assert (place.type, place.method, len(place.mentions)) == ("LOC", "corrected", 1)


def test_a_relinked_entity_forgets_where_the_other_lies() -> None:
    """A country's coordinates under a state's id would be a new mistake."""
    state = one(after(EntityRelinked(id="iso3166:GE", to="wikidata:Q1428")), "wikidata:Q1428")

    assert (state.name, state.country, state.latitude) == ("Georgia (U.S. state)", None, None)
    assert (state.link_score, len(state.mentions)) == (1.0, 2)


def test_relinking_to_what_is_there_joins_the_two() -> None:
    joined = after(EntityRelinked(id="local:atlanta", to="iso3166:GE"))

    [georgia] = joined.entities
    assert [place.start for place in georgia.mentions] == [0, 15, 33]


def test_an_added_entity_is_wherever_the_text_has_its_form() -> None:
    added = EntityAdded(id="wikidata:Q1428", type="LOC", mentions=(Mention(start=0, end=7),))

    assert [place.start for place in one(after(added), "wikidata:Q1428").mentions] == [0, 33]


def test_an_added_entity_without_a_place_needs_a_known_name() -> None:
    known = EntityAdded(id="wikidata:Q1428", type="LOC")
    unknown = EntityAdded(id="local:nothing", type="ORG")

    assert one(after(known), "wikidata:Q1428").name == "Georgia (U.S. state)"
    assert "local:nothing" not in {entity.id for entity in after(unknown).entities}


def test_topics_come_and_go() -> None:
    found = after(TopicAdded(id=POLITICS), TopicRemoved(id=WAR))

    assert [(topic.id, topic.score, topic.method) for topic in found.topics] == [(POLITICS, 1.0, "corrected")]


def test_the_later_word_wins() -> None:
    assert after(TopicRemoved(id=POLITICS), TopicAdded(id=POLITICS)).topics[-1].id == POLITICS
    assert after(TopicAdded(id=POLITICS), TopicRemoved(id=POLITICS)).topics == FOUND.topics


def test_what_is_not_there_cannot_be_corrected() -> None:
    gone = "local:gone"

    assert after(EntityRemoved(id=gone), EntityRetyped(id=gone, type="PER")) == FOUND
    assert after(EntityRelinked(id=gone, to="iso3166:GE")) == FOUND


@pytest.mark.parametrize(
    ("text", "forms", "starts"),
    [
        ("NATO and NATO's, SNATO", ["NATO"], [0, 9]),
        ("New York, York", ["York", "New York"], [0, 10]),
        ("北约和北约", ["北约"], [0, 3]),
        ("", ["x"], []),
    ],
)
def test_forms_are_whole_words_and_the_longer_wins(text: str, forms: list[str], starts: list[int]) -> None:
    assert [place.start for place in occurrences(text, forms)] == starts
