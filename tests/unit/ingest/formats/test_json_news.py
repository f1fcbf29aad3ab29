"""JSON: ninjs of three versions, schema.org in all its shapes, and what is neither."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import json_news

NINJS_1 = {
    "uri": "urn:news:1",
    "type": "text",
    "version": "2",
    "pubstatus": "usable",
    "urgency": 3,
    "language": "en",
    "headline": "Ferry back",
    "slugline": "FERRY",
    "byline": "By Ann Lee",
    "description_text": "It runs.",
    "body_html": "<p>The ferry is back.</p><script>x()</script><p>It runs.</p>",
    "firstcreated": "2024-03-05T10:15:00+01:00",
    "versioncreated": "2024-03-06T08:00:00Z",
    "embargoed": "2024-03-07T00:00:00Z",
    "subject": [
        {"code": "medtop:20001108", "name": "ferry"},
        {"code": "20000002", "name": "arts"},
        {"code": "x"},
    ],
    "place": [{"name": "Port Ellis"}],
    "ednote": "Adds price.",
    "copyrightholder": "NCN",
}
NINJS_2 = {
    "uri": "urn:news:2",
    "headlines": [{"role": "short", "value": "Ferry"}, {"role": "main", "value": "Ferry back"}],
    "descriptions": [{"contentType": "text/plain", "value": "It runs."}],
    "bodies": [
        {"contentType": "text/plain", "value": "plain"},
        {"contentType": "text/html", "value": "<p>It is back.</p>"},
    ],
    "versionCreated": "2024-03-05T10:15:00Z",
    "pubStatus": "withheld",
}
LD = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "@id": "https://news.example/1#article",
    "headline": "Ferry &amp; bus",
    "articleBody": "The ferry is back.\n\nIt runs.",
    "author": [{"@type": "Person", "name": "Ann Lee"}, "Bo Ray"],
    "datePublished": "2024-03-05T10:15:00+01:00",
    "inLanguage": {"@type": "Language", "name": "English", "alternateName": "en"},
    "keywords": "ferry, islands",
    "image": {"@type": "ImageObject", "url": "https://news.example/1.jpg"},
    "mainEntityOfPage": {"@type": "WebPage", "@id": "https://news.example/1"},
}


def read(value: object) -> Reading:
    return json_news.parse(orjson.dumps(value), ReadingHint())


def only(value: object) -> Article:
    (article,) = read(value).articles
    return article


def test_a_ninjs_1_item_becomes_an_article() -> None:
    article = only(NINJS_1)

    document = article.document
    assert (document.title, document.body) == ("Ferry back", "The ferry is back.\n\nIt runs.")
    assert (document.byline, document.authors, document.slug) == ("By Ann Lee", ("Ann Lee",), "FERRY")
    assert (document.places, document.editor_note, document.rights) == (("Port Ellis",), "Adds price.", "NCN")
    assert (article.local_id, article.revision, article.urgency) == ("urn:news:1", "2", 3)
    assert article.topics == ("medtop:20001108", "medtop:20000002")
    assert article.published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert article.embargo_until == datetime(2024, 3, 7, tzinfo=UTC)
    assert "script" not in (document.body_html or "")


def test_a_ninjs_2_item_becomes_an_article() -> None:
    article = only(NINJS_2)

    assert (article.document.title, article.document.body) == ("Ferry back", "It is back.")
    assert (article.document.summary, article.status) == ("It runs.", "withheld")


def test_a_canceled_item_needs_no_text() -> None:
    article = only({"uri": "urn:news:1", "pubstatus": "canceled", "versioncreated": "2024-03-06T08:00:00Z"})

    assert (article.local_id, article.status) == ("urn:news:1", "canceled")


@pytest.mark.parametrize(
    "wrap", [lambda node: node, lambda node: [node], lambda node: {"@graph": [{"@type": "WebSite"}, node]}]
)
def test_a_schema_org_article_is_found_wherever_it_stands(wrap: type[object]) -> None:
    article = only(wrap(LD))  # type: ignore[call-arg] # a lambda, not a class

    document = article.document
    assert (document.title, document.body) == ("Ferry & bus", "The ferry is back.\n\nIt runs.")
    assert (document.authors, document.keywords) == (("Ann Lee", "Bo Ray"), ("ferry", "islands"))
    assert (article.language, document.url) == ("en", "https://news.example/1")
    assert [link.href for link in document.media] == ["https://news.example/1.jpg"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"uri": "urn:1", "headline": ', "corrupt"),
        (b"[" * 300_000, "corrupt"),
        (b'{"a":' * 100_000, "corrupt"),
        (b'{"title": "caf\xe9"}', "corrupt"),
        (b'{"title": "\\ud800"}', "corrupt"),
        (b'{"answer": 42}', "unknown_format"),
        (b"[]", "unknown_format"),
        (b'{"@type": "NewsArticle", "url": "https://n.example/1"}', "no_text"),
        (b'{"uri": "urn:1", "type": "picture"}', "metadata_only"),
    ],
)
def test_what_is_no_news_is_rejected_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Rejection) as caught:
        json_news.parse(data, ReadingHint())

    assert caught.value.reason == reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-32-be"])
def test_json_may_be_in_any_unicode_encoding(encoding: str) -> None:
    data = '{"uri": "urn:1", "headline": "Café ouvert"}'.encode(encoding)

    assert json_news.parse(data, ReadingHint()).articles[0].document.title == "Café ouvert"


def test_a_broken_document_is_placed_and_not_quoted() -> None:
    with pytest.raises(Rejection) as caught:
        json_news.parse(b'{"uri": "urn:1",\n "headline": secret}', ReadingHint())

    assert caught.value.detail == "JSON: line 2, column 14"
