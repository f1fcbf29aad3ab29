"""Pages: the main text without what surrounds it, and metadata from wherever it stands."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats import page
from services.ingest.prose import openings

SENTENCES = (
    "The ferry between the two islands came back into service on Monday after a winter of repairs.",
    "Both of its engines were taken out, cleaned and put back, the company that runs it said in a letter.",
    "People on the quay had waited since the early morning, and some of them had brought flags and a cake.",
    "It now runs every hour until late in the evening, and every two hours on Sundays and on holidays.",
)
LD = (
    '<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle",'
    '"headline":"Ferry back",'
    '"datePublished":"2024-03-05T10:15:00+01:00","dateModified":"2024-03-06T08:00:00Z",'
    '"author":[{"@type":"Person","name":"Ann Lee"}],'
    '"publisher":{"@type":"Organization","name":"Island News"},}</script>'
)


def html(head: str = "", top: str = "<h1>Ferry back</h1>", lang: str = "en-GB") -> str:
    body = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
    return (
        f"<!doctype html><html lang='{lang}'><head>{head}</head>"
        f"<body><nav><a href='/'>Home</a> <a href='/s'>Sport</a>"
        f"</nav><article>{top}{body}<h2>The price</h2><p>A ride costs two, said the firm, as it did before."
        "</p></article><footer>All rights reserved by us</footer></body></html>"
    )


def read(text: str) -> Article:
    return page.parse(text.encode(), ReadingHint()).articles[0]


def test_the_main_text_is_kept_and_what_surrounds_it_is_not() -> None:
    document = read(html()).document

    paragraphs = document.body.split("\n\n")
    assert paragraphs[:4] == list(SENTENCES)
    assert [paragraphs[index] for index in document.headings] == ["The price"]
    assert "Sport" not in document.body
    assert "reserved" not in document.body
    assert "<p>" in (document.body_html or "")


def test_json_ld_tells_title_times_and_authors_even_with_a_stray_comma() -> None:
    article = read(html(LD))

    assert (article.document.title, article.document.authors) == ("Ferry back", ("Ann Lee",))
    assert article.published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert article.updated_at == datetime(2024, 3, 6, 8, 0, tzinfo=UTC)
    assert article.language == "en-GB"


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2024-03-05T09:15:00Z">',
        '<meta name="parsely-pub-date" content="2024-03-05T10:15:00+01:00">',
        '<meta name="date" content="2024-03-05"><meta itemprop="datePublished" content="2024-03-05T09:15Z">',
        '<meta name="pubdate" content="Tue, 05 Mar 2024 09:15:00 GMT">',
    ],
)
def test_a_date_in_a_meta_tag_is_read_to_the_minute(head: str) -> None:
    assert read(html(head)).published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


def test_a_time_element_dates_a_page_without_metadata() -> None:
    article = read(html(top="<h1>Ferry back</h1><time datetime='2024-03-05T09:15:00Z'>Tuesday</time>"))

    assert article.published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("head", "top", "title"),
    [
        (
            '<meta property="og:title" content="Ferry back | Island News">',
            "<h1>Ferry back</h1>",
            "Ferry back",
        ),
        ("<title>Ferry back - Island News</title>", "<h1>Ferry back</h1>", "Ferry back"),
        ("<title>Ferry - bus - tram</title>", "", "Ferry - bus - tram"),
        (
            '<meta property="og:site_name" content="Island News"><title>Ferry back – Island News</title>',
            "",
            "Ferry back",
        ),
        ('<meta property="og:title" content="Ferry &amp;amp; bus">', "<h1>Island News</h1>", "Ferry & bus"),
    ],
)
def test_a_site_name_is_cut_off_only_when_something_confirms_it(head: str, top: str, title: str) -> None:
    assert read(html(head, top)).document.title == title


def test_the_canonical_address_identifies_the_page() -> None:
    article = read(html('<link rel="canonical" href="https://news.example/ferry">'))

    assert (article.local_id, article.document.url) == ("https://news.example/ferry",) * 2


def test_a_byline_in_the_page_names_the_authors() -> None:
    article = read(html(top="<h1>Ferry back</h1><div class='byline'>By Ann Lee and Bo Ray</div>"))

    assert article.document.authors == ("Ann Lee", "Bo Ray")


def test_a_short_page_is_read_whole() -> None:
    assert read("<html><body><p>The ferry is back.</p></body></html>").document.body == "The ferry is back."


def test_a_text_that_stands_only_in_json_ld_is_found() -> None:
    script = LD.replace('"headline"', f'"articleBody":"{" ".join(SENTENCES * 2)}","headline"')
    document = read(f"<html><head>{script}</head><body><div id='app'></div></body></html>").document

    assert document.body == " ".join(SENTENCES * 2)


def test_nothing_active_survives_in_the_html() -> None:
    evil = "<p onclick='x()' style='a'>1 <a href='javascript:x()'>2</a><img src=x onerror=y()></p><script>z()"
    document_html = read(html(top="<h1>Ferry back</h1>" + evil)).document.body_html or ""

    assert not [word for word in ("script", "onclick", "onerror", "style") if word in document_html]


def test_a_page_without_text_is_rejected() -> None:
    with pytest.raises(Rejection, match="no_text"):
        read("<html><body><script>x()</script></body></html>")


def test_an_author_that_is_only_referred_to_is_found_in_the_graph() -> None:
    """As the most used plug-in of the most used publishing system writes it."""
    graph = (
        '<script type="application/ld+json">{"@graph":[{"@type":"Article","headline":"Ferry back",'
        '"author":{"@id":"https://news.example/#ann"}},'
        '{"@type":"Person","@id":"https://news.example/#ann","name":"Ann Lee"}]}</script>'
    )

    assert read(html(graph)).document.authors == ("Ann Lee",)


def test_a_page_that_declares_no_date_has_the_day_in_its_text() -> None:
    top = "<h1>Die Fähre</h1><p class='date'>Veröffentlicht am 5. März 2024</p>"

    assert read(html(top=top)).published_at == datetime(2024, 3, 5, tzinfo=UTC)


def test_a_page_that_is_one_form_is_read() -> None:
    """Some servers wrap every page in a form."""
    assert (
        read("<html><body><form><p>The ferry is back.</p></form></body></html>").document.body
        == "The ferry is back."
    )


PARAGRAPHS = (
    "<p>The ferry between the two islands is back after a winter of repairs, the company said.</p>" * 4
)
GRAPH = (
    '<script type="application/ld+json">{{"@context": "https://schema.org", "@graph": ['
    '{{"@type": "Person", "@id": "#ann", "name": "Ann Lee"}}, {{"@type": "WebSite"}}, {0}]}}</script>'
)


def shown(head: str = "", body: str = PARAGRAPHS) -> Article:
    return page.parse(
        f"<!doctype html><html><head>{head}</head><body><article>{body}</article></body></html>".encode(),
        ReadingHint(),
    ).articles[0]


def test_an_article_in_a_graph_is_told_from_its_neighbours() -> None:
    """Most sites put one graph in the page, with people that are referred to by id."""
    node = '{"@type": ["NewsArticle"], "headline": "Ferry back", "author": {"@id": "#ann"}}'
    document = shown(GRAPH.format(node)).document

    assert (document.title, document.authors) == ("Ferry back", ("Ann Lee",))


def test_a_live_blog_without_a_text_is_that_of_its_updates() -> None:
    """The page itself is filled by a script."""
    updates = (
        '{"@type": "LiveBlogPosting", "headline": "Strike", "liveBlogUpdate": ['
        '{"@type": "BlogPosting", "headline": "Boats leave", "articleBody": "The first have left."},'
        '{"@type": "BlogPosting", "articleBody": "Talks go on."}]}'
    )
    document = shown(GRAPH.format(updates), "<h1>Strike</h1>").document

    assert (document.body, document.headings) == ("Boats leave\n\nThe first have left.\n\nTalks go on.", (0,))


def test_what_is_whole_in_broken_data_is_used() -> None:
    """A bare quote in one text breaks the whole script; dates and names stand elsewhere in it."""
    broken = (
        '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry back", '
        '"description": "He said "no"", "datePublished": "2024-03-05T10:15:00Z", '
        '"author": {"@type": "Person", "name": "Ann Lee"}}</script>'
    )
    article = shown(broken)

    assert (article.document.title, article.document.authors) == ("Ferry back", ("Ann Lee",))
    assert article.published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "Published: 5 March 2024, 10:15 GMT",
        "10:15 GMT, 5 March 2024",
        "March 5, 2024 at 5:15 a.m. EST",
        "Tuesday 5 March 2024 10.15 GMT",
        "Publié le 5 mars 2024 à 10h15, mis à jour le 6 mars 2024",
        "05.03.2024, 10:15 Uhr",
        "2024年3月5日 10时15分",
    ],
)
@pytest.mark.parametrize(
    "place", ["<p class='article-date date'>{}</p>", "<span class='published-on'>{}</span>"]
)
def test_a_time_that_is_only_shown_is_read(line: str, place: str) -> None:
    """Many small papers declare nothing."""
    article = shown("<title>Ferry</title>", f"<h1>Ferry back</h1>{place.format(line)}{PARAGRAPHS}")

    assert article.published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


def test_a_time_that_is_shown_of_another_article_does_not_count() -> None:
    """A declared day beats a shown time that is days away from it."""
    article = shown(
        '<meta name="date" content="2024-03-05">',
        f"<h1>Ferry back</h1>{PARAGRAPHS}<aside><span class='date'>9 March 2024 10:15 GMT</span></aside>",
    )

    assert article.published_at == datetime(2024, 3, 5, tzinfo=UTC)


TIME = "<time datetime='2024-03-05T10:15Z'>5</time>"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        *(
            (f'<meta name="{name}" content="2024-03-05T10:15:00Z">', "")
            for name in ("publishdate", "published", "bt:pubDate", "mediator_published_time", "last-modified")
        ),
        ("""<meta name="parsely-page" content='{"title": "F", "pub_date": "2024-03-05T10:15:00Z"}'>""", ""),
        ("", '<span class="dt-published published" title="2024-03-05T10:15:00Z">today</span>'),
        (
            "",
            f"<time class='updated' datetime='2024-03-06T10:15Z'>6</time>{TIME}",
        ),
        ("", '<div class="byline-date" data-datetime="2024-03-05T10:15:00Z">today</div>'),
        ("", '<span class="date" data-timestamp="1709633700">today</span>'),
        ("", '<time data-seconds="1709633700" datetime="Mar 5, 2024">5 Mar</time>'),
        ("", "<span class='date'>05.03.2024, 11:15 Uhr MEZ</span>"),
    ],
)
def test_a_time_is_found_wherever_producers_put_it(head: str, body: str) -> None:
    """To the minute: the day alone says little of news."""
    article = shown(f"<title>Ferry</title>{head}", f"<h1>Ferry back</h1>{body}{PARAGRAPHS}")

    assert article.published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


ROLES = ["By Ann Lee, Harbour Correspondent", "Ann Lee, Senior Editor", "Ann Lee"]
AUTHOR_IN = [
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "F", "author": "NAME"}</script>',
    '<title>Ferry</title><meta name="author" content="NAME">',
]


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("head", AUTHOR_IN, ids=["json-ld", "meta"])
def test_what_somebody_is_does_not_count_as_somebody(head: str, name: str) -> None:
    """A role behind a comma is no second author."""
    assert shown(head.replace("NAME", name)).document.authors == ("Ann Lee",)


@pytest.mark.parametrize("name", ROLES[:2])
@pytest.mark.parametrize("head", AUTHOR_IN, ids=["json-ld", "meta"])
def test_a_role_that_counts_as_somebody_would_be_caught(
    head: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: nothing is known as a role."""
    monkeypatch.setattr(openings, "_ROLE", re.compile("(?!)"))

    with pytest.raises(AssertionError):
        test_what_somebody_is_does_not_count_as_somebody(head, name)
