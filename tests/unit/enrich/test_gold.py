"""Quality on articles of our own: floors that a change must not fall below.

An entity is right if one of its mentions has a gold surface form and its type. The floors stand a
little below what was measured when they were set; raise them when the enricher gets better.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsfeed.documents import ArticleDocument, EnrichmentDocument
from services.enrich.enricher import Enricher

GOLD = Path(__file__).parent / "gold"
PRECISION, RECALL, TOPIC_RECALL = 0.93, 0.93, 0.9


def articles(name: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = yaml.safe_load((GOLD / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def enriched(title: str, body: str) -> tuple[ArticleDocument, EnrichmentDocument]:
    """The article and what is found in it; nobody says its language."""
    document = ArticleDocument(title=title, body=body)
    return document, Enricher().enrich(document)


def language(article: dict[str, Any]) -> str:
    """Which is found."""
    return enriched(article["title"], article["body"])[1].language.code


def counts(article: dict[str, Any]) -> Counter[str]:
    """Gold surfaces found and missed, entities right and spurious, topics found and missed."""
    document, found = enriched(article["title"], article["body"])
    gold = {(kind, surface) for kind, surfaces in article["entities"].items() for surface in surfaces}
    seen = [
        {(entity.type, document.text[mention.start : mention.end]) for mention in entity.mentions}
        for entity in found.entities
    ]
    surfaces = set().union(*seen)
    topics = {topic.id for topic in found.topics}
    return Counter(
        gold=len(gold),
        found=len(gold & surfaces),
        right=sum(bool(gold & one) for one in seen),
        entities=len(seen),
        topics=len(article["topics"]),
        topics_found=sum(topic in topics for topic in article["topics"]),
    )


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ["fr", "en", "de", "es", "ar", "ru", "others"])
def test_quality_stays_above_its_floor(name: str) -> None:
    """Precision first: a wrong entity reaches every subscriber of a channel."""
    total = sum((counts(article) for article in articles(name)), Counter())

    assert total["right"] / total["entities"] >= PRECISION
    assert total["found"] / total["gold"] >= RECALL
    assert total["topics_found"] / total["topics"] >= TOPIC_RECALL


@pytest.mark.parametrize("name", ["fr", "en", "de", "es", "ar", "ru"])
def test_the_language_is_found_without_a_declaration(name: str) -> None:
    """Most files say nothing about their language."""
    assert {language(article) for article in articles(name)} == {name}


def test_the_languages_of_the_mixed_set_are_found() -> None:
    """Related languages (Russian and Ukrainian, Spanish and Portuguese) must not be mixed up."""
    mixed = articles("others")

    assert [language(article) for article in mixed] == [article["language"] for article in mixed]
