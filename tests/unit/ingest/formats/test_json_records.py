"""JSON Feed, JSON lines, and JSON that follows no standard but has the usual names."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import json_news

AT = datetime(2024, 3, 5, 10, 15, tzinfo=UTC)
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "News",
    "home_page_url": "https://n.example/",
    "language": "en_gb",
    "authors": [{"name": "Desk"}],
    "items": [
        {
            "id": 1,
            "url": "/1",
            "title": "Ferry &amp; bus",
            "content_html": "<p>It <b>runs</b>.</p><script>x()</script><p>Hourly.</p>",
            "content_text": "plain",
            "summary": "Short.",
            "date_published": "2024-03-05T11:15:00+01:00",
            "date_modified": "2024-03-06T11:15:00+01:00",
            "author": {"name": "Ann Lee"},
            "tags": ["ferry", "bus"],
            "image": "https://n.example/1.jpg",
            "attachments": [{"url": "https://n.example/1.mp3", "mime_type": "audio/mpeg"}],
        },
        {"id": "2", "content_text": "A note without a title.", "language": "fr"},
    ],
}
NEWS_API = {
    "status": "ok",
    "totalResults": 1,
    "articles": [
        {
            "source": {"id": None, "name": "N"},
            "author": "Ann Lee",
            "title": "Ferry back",
            "description": "Short.",
            "url": "https://n.example/1",
            "urlToImage": "https://n.example/1.jpg",
            "publishedAt": "2024-03-05T10:15:00Z",
            "content": "It runs.",
        }
    ],
}
WORDPRESS = [
    {
        "id": 1,
        "date": "2024-03-05T11:15:00",
        "date_gmt": "2024-03-05T10:15:00",
        "link": "https://n.example/1",
        "title": {"rendered": "Ferry back"},
        "content": {"rendered": "<p>It runs.</p>", "protected": False},
        "excerpt": {"rendered": "<p>Short.</p>"},
        "author": 7,
    }
]
CONTENT_API = {
    "response": {
        "status": "ok",
        "results": [
            {
                "id": "a/1",
                "webTitle": "Ferry back",
                "webUrl": "https://n.example/1",
                "webPublicationDate": "2024-03-05T10:15:00Z",
                "fields": {"bodyText": "It runs.", "trailText": "Short.", "byline": "Ann Lee"},
            }
        ],
    }
}
ARCHIVE_API = {
    "response": {
        "docs": [
            {
                "_id": "nyt://1",
                "headline": {"main": "Ferry back", "kicker": None},
                "abstract": "Short.",
                "lead_paragraph": "It runs.",
                "web_url": "https://n.example/1",
                "pub_date": "2024-03-05T10:15:00+0000",
                "byline": {"original": "By Ann Lee"},
            }
        ]
    }
}
SEARCH_HITS = {
    "hits": {
        "hits": [
            {
                "_id": "x1",
                "_source": {
                    "headline": "Ferry back",
                    "body": "It runs.",
                    "published": 1709633700,
                    "url": "https://n.example/1",
                    "authors": ["Ann Lee"],
                    "summary": "Short.",
                },
            }
        ]
    }
}
SCRAPED = {
    "title": "Ferry back",
    "author": "Ann Lee",
    "date": "2024-03-05 10:15:00",
    "text": "It runs.",
    "excerpt": "Short.",
    "url": "https://n.example/1",
}
FROM_XML = {
    "rss": {
        "channel": {
            "title": "News",
            "link": "https://n.example/",
            "item": [
                {
                    "title": {"#text": "Ferry back"},
                    "link": "https://n.example/1",
                    "content:encoded": "It runs.",
                    "description": "Short.",
                    "dc:creator": "Ann Lee",
                    "pubDate": "Tue, 05 Mar 2024 10:15:00 GMT",
                }
            ],
        }
    }
}


def read(value: object, mapping: dict[str, str] | None = None) -> Reading:
    data = value if isinstance(value, bytes) else orjson.dumps(value)
    return json_news.parse(data, ReadingHint(mapping=mapping or {}))


def first(value: object, mapping: dict[str, str] | None = None) -> Article:
    return read(value, mapping).articles[0]


def test_a_json_feed_becomes_articles() -> None:
    """Version 1.1 with an author of version 1.0, an id that is a number and a relative address."""
    reading = read(FEED)

    article, note = reading.articles
    document = article.document
    assert (reading.format, document.title, document.body) == (
        "json-feed",
        "Ferry & bus",
        "It runs.\n\nHourly.",
    )
    assert (document.url, article.local_id, document.authors) == ("https://n.example/1", "1", ("Ann Lee",))
    assert (article.published_at, article.language, document.summary) == (AT, "en-GB", "Short.")
    assert [link.href for link in document.media] == ["https://n.example/1.jpg", "https://n.example/1.mp3"]
    assert "script" not in (document.body_html or "")
    assert (note.document.title, note.document.title_derived, note.language) == (
        "A note without a title.",
        True,
        "fr",
    )


@pytest.mark.parametrize(
    "value",
    [
        NEWS_API,
        WORDPRESS,
        CONTENT_API,
        ARCHIVE_API,
        SEARCH_HITS,
        SCRAPED,
        [SCRAPED],
        {"data": [SCRAPED]},
        FROM_XML,
    ],
    ids=["newsapi", "wordpress", "content-api", "archive-api", "search", "scraped", "list", "data", "xml"],
)
def test_the_usual_shapes_of_json_are_understood(value: object) -> None:
    """Services and programs that many use; nobody should have to map these."""
    article = first(value)

    document = article.document
    assert (document.title, document.url, article.published_at) == ("Ferry back", "https://n.example/1", AT)
    assert "It runs." in (document.body or document.summary or "") or document.summary == "Short."


@pytest.mark.parametrize("value", [NEWS_API, CONTENT_API, ARCHIVE_API, SEARCH_HITS, SCRAPED, FROM_XML])
def test_the_author_is_found_where_it_stands(value: object) -> None:
    """A byline, a name, a list of names."""
    assert first(value).document.authors == ("Ann Lee",)


def test_a_time_in_a_field_that_names_its_zone_is_not_doubted() -> None:
    """WordPress gives local time and, beside it, UTC."""
    assert first(WORDPRESS).warnings == ()


def test_a_mapping_finds_what_has_no_usual_name() -> None:
    """Dotted paths into objects and lists; ``items`` says where the records stand."""
    value = {"p": {"q": [{"h": {"x": "Ferry"}, "t": ["It runs.", "Hourly."], "w": [{"n": "Ann Lee"}]}]}}
    article = first(value, {"items": "p.q", "title": "h.x", "body": "t", "authors": "w.n"})

    document = article.document
    assert (document.title, document.body, document.authors) == (
        "Ferry",
        "It runs.\n\nHourly.",
        ("Ann Lee",),
    )


def test_a_line_each_is_an_article_each_and_a_bad_line_costs_only_itself() -> None:
    """A log that was cut off while it was written is the usual case."""
    lines = b'{"title": "One", "text": "A."}\n{"title": "Two", "te\n\n{"title": "Three", "text": "C."}\n'
    reading = read(lines)

    assert [article.document.title for article in reading.articles] == ["One", "Three"]
    assert reading.warnings == ("json_lines_unreadable: 1, at 2",)


@pytest.mark.parametrize(
    "data",
    [
        b'\x1e{"title": "One", "text": "A."}\n\x1e{"title": "Two", "text": "B."}\n',
        b'{\n"title": "One",\n"text": "A."}\n{\n"title": "Two",\n"text": "B."}\n',
        b'{"title": "One", "text": "A."},\n{"title": "Two", "text": "B."},\n',
    ],
)
def test_several_values_in_a_file_are_read(data: bytes) -> None:
    """RFC 7464, values one after the other, and lines that were cut out of a list."""
    assert [article.document.title for article in read(data).articles] == ["One", "Two"]


def test_ninjs_and_schema_org_may_stand_a_line_each() -> None:
    """The dialects are those of whole documents."""
    one = b'{"uri": "urn:1", "headline": "One", "body_text": "A."}\n'
    data = one + one.replace(b"urn:1", b"urn:2")

    assert (read(data).format, len(read(data).articles)) == ("ninjs", 2)


def test_a_record_without_a_text_is_counted() -> None:
    """A feed with a picture in it is still a feed."""
    feed = {**FEED, "items": [{"id": "0", "image": "https://n.example/0.jpg"}, *FEED["items"]]}

    assert read(feed).warnings == ("records_skipped: 1 of 3",)


@pytest.mark.parametrize(
    "value",
    [
        {"name": "a-package", "version": "1.0.0", "description": "A library"},
        {"type": "FeatureCollection", "features": []},
        [{"id": 1}, {"id": 2}],
        {"title": "Settings"},
        [1, 2, 3],
    ],
)
def test_json_that_is_no_news_is_rejected(value: object) -> None:
    """A title alone makes no article of somebody's configuration."""
    with pytest.raises(Rejection) as caught:
        read(value)

    assert caught.value.reason == "unknown_format"
