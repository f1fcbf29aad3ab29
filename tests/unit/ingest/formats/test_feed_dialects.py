"""Feeds as they are found: of every age, by every program, and broken."""

from __future__ import annotations

import feedparser
import pytest

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.sniffing import read_seed


def rss(items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>N</title>{items}</channel></rss>".encode()


def only(items: str) -> Article:
    return read_seed(rss(items), ReadingHint()).articles[0]


@pytest.mark.parametrize(
    "text",
    [
        "<rss><channel><item><title>T</title><link>https://n.example/1</link></item></channel></rss>",
        "<RSS><CHANNEL><ITEM><TITLE>T</TITLE><LINK>https://n.example/1</LINK></ITEM></CHANNEL></RSS>",
        "<channel><item><title>T</title><link>https://n.example/1</link></item></channel>",
        '<CHANNEL HREF="https://n.example/"><ITEM HREF="https://n.example/1"><TITLE>T</TITLE></ITEM></CHANNEL>',
        '<entry xmlns="http://www.w3.org/2005/Atom"><title>T</title><link href="https://n.example/1"/></entry>',
        (
            '<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>T</a:title>'
            '<a:link href="https://n.example/1"/></a:entry></a:feed>'
        ),
        (
            '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry>'
            '<title mode="base64" type="text/html">'
            'VA==</title><link rel="alternate" href="https://n.example/1"/></entry></feed>'
        ),
        (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            "<channel><title/></channel>"
            "<item><title>T</title><link>https://n.example/1</link></item></rdf:RDF>"
        ),
        (
            "Warning: line 3 of index.php\n<rss version='2.0'><channel><item><title>T</title>"
            "<link>https://n.example/1</link></item></channel></rss>"
        ),
        (
            f"<!-- {'x' * 20_000} --><rss><channel><item><title>T</title><link>https://n.example/1</link></item>"
            "</channel></rss>"
        ),
        '<rss xml:base="https://n.example/x/"><channel><item><title>T</title><link>../1</link></item></channel></rss>',
        (
            "<rss><channel><item><title>T</title><image><title>Logo</title></image><link>https://n.example/1</link>"
            "</item></channel></rss>"
        ),
        (
            '<!DOCTYPE rss [<!ENTITY t "T">]><rss><channel><item><title>&t;</title><link>https://n.example/1</link>'
            "</item></channel></rss>"
        ),
        "<rss><channel><item><dc:title>T</dc:title><guid>https://n.example/1</guid></item></channel></rss>",
    ],
    ids=range(14),
)
def test_a_feed_of_any_dialect_is_read(text: str) -> None:
    """Roots of every version, fragments, other prefixes, rubbish before the root, entities of its own."""
    document = read_seed(text.encode(), ReadingHint(file_name="a.xml")).articles[0].document

    assert (document.title, document.url) == ("T", "https://n.example/1")


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#x110000;", "&#xD800;", "&#99999999999999999999;", "&#xFFFFFFFFFF;"]
)
def test_a_reference_to_no_character_costs_only_itself(reference: str) -> None:
    """The planted bug is that of feedparser 6.0.14, which ends with an error on some of these."""
    document = only(f"<item><title>Ferry {reference} back</title></item>").document

    assert (document.title[:5], document.title[-4:]) == ("Ferry", "back")


DTD = "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'https://n.example/rss-0.91.dtd'>"


@pytest.mark.parametrize("doctype", ["", DTD, "<!DOCTYPE rss [<!ENTITY eacute 'E'>]>"])
def test_an_entity_that_nobody_declared_is_that_of_html(doctype: str) -> None:
    """The DTD of RSS 0.91 declares them and is never fetched; what CDATA holds and what XML means stays."""
    title, text = "Caf&eacute;&nbsp;&lt; 5", "<description><![CDATA[&lt;&eacute;]]></description>"
    feed = f"{doctype}<rss version='0.91'><channel><item><title>{title}</title>{text}</item></channel></rss>"
    (article,) = read_seed(feed.encode(), ReadingHint()).articles

    assert article.document.title == ("CafE < 5" if "ENTITY" in doctype else "Café < 5")
    assert article.document.body == "<é"


def test_a_search_field_in_an_item_costs_only_itself() -> None:
    """Its place is the channel."""
    field = "<textInput><title>Search</title><link>https://n.example/search</link></textInput>"
    article = only(f"<item>{field}<title>Ferry back</title><link>https://n.example/1</link></item>")

    assert (article.document.title, article.document.url) == ("Ferry back", "https://n.example/1")


def test_links_beside_the_article_are_kept() -> None:
    """The address behind a redirecting service is worth more than its own."""
    document = only(
        "<item><title>T</title><link>https://f.example/~r/1</link><comments>https://n.example/1#c</comments>"
        '<feedburner:origLink xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0">'
        "https://n.example/1</feedburner:origLink></item>"
    ).document

    assert document.url == "https://f.example/~r/1"
    assert [(link.href, link.rel) for link in document.links] == [
        ("https://n.example/1", "canonical"),
        ("https://n.example/1#c", "replies"),
    ]


def test_an_export_of_wordpress_is_read_without_its_pictures_and_drafts() -> None:
    """A draft was never published: it is withheld, and an unknown withheld article is no event."""
    item = (
        '<item xmlns:wp="http://wordpress.org/export/1.2/"><title>{0}</title><guid>{0}</guid>'
        "<wp:status>{1}</wp:status><wp:post_type>{2}</wp:post_type></item>"
    )
    items = item.format("A", "publish", "post") + item.format("B", "draft", "post")
    reading = read_seed(rss(items + item.format("C", "inherit", "attachment")), ReadingHint())

    assert [(article.document.title, article.status) for article in reading.articles] == [
        ("A", "usable"),
        ("B", "withheld"),
    ]


def test_an_address_that_only_looks_like_one_is_no_base() -> None:
    """Found by mutation: the sanitiser refuses a host that the parser of addresses lets pass."""
    document = only(
        "<item><title>T</title><link>https://n.e&gt;https:/1</link><description>&lt;p&gt;It "
        "&lt;a href='/x'&gt;runs&lt;/a&gt;.&lt;/p&gt;</description></item>"
    ).document

    assert document.body_html == '<p>It <a rel="noopener noreferrer">runs</a>.</p>'


def test_an_error_of_the_engine_is_a_corrupt_feed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: feedparser 6.0.14 ends with a ValueError on some names with too many colons."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError

    monkeypatch.setattr(feedparser, "parse", broken)
    with pytest.raises(Rejection) as caught:
        only("<item><title>T</title></item>")

    assert caught.value.reason == "corrupt"
