"""Feeds: many articles a file, each with an identity, whatever its producer forgot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.article import Article, Reading, ReadingHint, Rejection
from services.ingest.formats import feed

RSS = """<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>News</title><link>https://news.example/</link>
<language>en-gb</language>{items}</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>N</title>
<author><name>Desk</name></author>
<entry><id>tag:news.example,2024:1</id><title type="html">Le bac &amp;amp; nous</title>
<link rel="alternate" href="https://news.example/1"/><published>2024-03-05T10:15:00+01:00</published>
<updated>2024-03-06T08:00:00Z</updated><summary>Court.</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>Il est là.</p><h2>Le prix</h2><p>Deux.</p></div></content>
</entry></feed>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/">
<title>N</title></channel><item rdf:about="https://news.example/1"><title>Ferry</title><link>https://news.example/1</link>
<description>It runs.</description><dc:date>2024-03-05T10:15+01:00</dc:date></item></rdf:RDF>"""


def rss(items: str, encoding: str = "utf-8") -> str:
    return RSS.format(items=items, encoding=encoding)


def read(text: str | bytes, **hint: str) -> Reading:
    return feed.parse(text.encode() if isinstance(text, str) else text, ReadingHint(**hint))


def first(items: str) -> Article:
    return read(rss(items)).articles[0]


def test_an_rss_item_becomes_an_article() -> None:
    article = first(
        "<item><title>Ferry &amp;amp; bus</title><guid isPermaLink='false'>g1</guid><link>/ferry</link>"
        "<description>Short.</description><content:encoded><![CDATA[<p>PORT ELLIS (NCN) - It <b>runs</b>.</p>"
        "<script>x()</script><p onclick='y()'>Hourly.</p>]]></content:encoded>"
        "<dc:creator>Ann Lee</dc:creator>"
        "<category>ferry</category><pubDate>Tue, 05 Mar 2024 10:15:00 EST</pubDate>"
        "<enclosure url='https://news.example/a.mp3' type='audio/mpeg' length='1'/></item>"
    )

    document = article.document
    assert (document.title, document.body, document.summary) == (
        "Ferry & bus",
        "It runs.\n\nHourly.",
        "Short.",
    )
    assert (document.url, document.document_id, article.local_id) == (
        "https://news.example/ferry",
        "g1",
        "g1",
    )
    assert (document.authors, document.keywords, article.language) == (("Ann Lee",), ("ferry",), "en-GB")
    assert article.published_at == datetime(2024, 3, 5, 15, 15, tzinfo=UTC)
    assert "script" not in (document.body_html or "")
    assert "onclick" not in (document.body_html or "")
    assert [link.href for link in document.media] == ["https://news.example/a.mp3"]


def test_blank_lines_part_paragraphs_where_no_tag_does() -> None:
    document = first(
        "<item><title>T</title><description>One &amp;amp; two.\n\nThree.</description></item>"
    ).document

    assert (document.body, document.summary) == ("One & two.\n\nThree.", None)


def test_an_author_is_a_name_and_not_an_address() -> None:
    assert first(
        "<item><title>T</title><author>a@news.example (Ann Lee)</author></item>"
    ).document.authors == ("Ann Lee",)


def test_an_atom_entry_becomes_an_article() -> None:
    reading = read(ATOM)

    article = reading.articles[0]
    assert reading.format == "atom"
    assert (article.document.title, article.document.body) == (
        "Le bac & nous",
        "Il est là.\n\nLe prix\n\nDeux.",
    )
    assert (article.document.headings, article.document.authors) == ((1,), ("Desk",))
    assert article.updated_at == datetime(2024, 3, 6, 8, 0, tzinfo=UTC)
    assert article.language == "fr"


def test_an_rdf_item_becomes_an_article() -> None:
    article = read(RDF).articles[0]

    assert (article.document.title, article.local_id) == ("Ferry", "https://news.example/1")
    assert article.published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)


def test_items_that_share_a_guid_are_told_apart() -> None:
    """One producer in ten gives every item the same guid; nine of ten articles would be lost."""
    items = [
        f"<item><guid isPermaLink='false'>g</guid><title>T{n}</title>{link}</item>"
        for n, link in enumerate(["", "<link>https://n.example/1</link>", ""])
    ]

    assert [article.local_id for article in read(rss("".join(items))).articles] == [
        "g",
        "g|https://n.example/1",
        "g|2",
    ]


def test_without_a_guid_the_link_identifies_and_without_a_link_the_text() -> None:
    linked, bare = read(
        rss("<item><title>A</title><link>https://n.example/1</link></item><item><title>B</title></item>")
    ).articles

    assert linked.local_id == "https://n.example/1"
    assert len(bare.local_id or "") == 64


def test_an_item_that_is_only_a_link_has_it_for_a_title() -> None:
    article = first("<item><link>https://n.example/1</link></item>")

    assert (article.document.title, article.warnings) == ("https://n.example/1", ("title_from_link",))


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 5 Mar 2024 10:15:00 GMT",
        "Tue, 05 Mar 24 11:15 CET",
        "2024-03-05T10:15:00Z",
        "2024-03-05 10:15:00",
        "Tuesday, 05 March 2024 10:15:00 +0000",
        "5 Mar 2024 19:15:00 JST",
        "1709633700",
    ],
)
def test_odd_dates_are_read_to_the_minute(date: str) -> None:
    assert first(f"<item><title>T</title><pubDate>{date}</pubDate></item>").published_at == datetime(
        2024, 3, 5, 10, 15, tzinfo=UTC
    )


def test_an_unreadable_date_is_a_warning() -> None:
    article = first("<item><title>T</title><pubDate>yesterday evening</pubDate></item>")

    assert (article.published_at, article.warnings) == (None, ("date_unreadable",))


def test_an_empty_feed_holds_no_articles() -> None:
    with pytest.raises(Rejection, match="no_articles"):
        read(rss(""))


def test_ill_formed_xml_that_is_whole_is_read_with_a_warning() -> None:
    article = first("<item><title>Ferry & bus&nbsp;back</title></item>")

    assert article.document.title == "Ferry & bus back"
    assert "xml_not_well_formed" in article.warnings


def test_a_feed_that_is_cut_off_is_corrupt() -> None:
    with pytest.raises(Rejection, match=r"corrupt: XML: line \d+, column \d+"):
        read(rss("<item><title>Ferry</title><guid>g</guid></item>")[:-20])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251", "koi8-r"])
def test_the_declared_charset_is_read(encoding: str) -> None:
    text = rss("<item><title>Паром вернулся</title></item>", encoding)

    assert read(text.encode(encoding)).articles[0].document.title == "Паром вернулся"


def _doctype(entities: str, title: str) -> str:
    return (
        f"<?xml version='1.0'?><!DOCTYPE rss [{entities}]>"
        f"<rss version='2.0'><channel><item><title>{title}</title></item></channel></rss>"
    )


def test_a_billion_laughs_are_refused() -> None:
    entities = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
    )

    with pytest.raises(Rejection, match="corrupt: XML beyond all limits"):
        read(_doctype(entities, "&j;"))


def test_a_quadratic_blow_up_is_refused() -> None:
    with pytest.raises(Rejection, match="corrupt"):
        read(_doctype(f'<!ENTITY a "{"A" * 50_000}">', "&a;" * 50_000))


def test_an_external_entity_reads_no_file() -> None:
    text = read(_doctype('<!ENTITY x SYSTEM "file:///etc/passwd">', "T &x;")).model_dump_json()

    assert "root:" not in text


def test_xml_of_300_000_levels_is_refused() -> None:
    with pytest.raises(Rejection, match="corrupt"):
        read("<rss>" + "<a>" * 300_000 + "</a>" * 300_000 + "</rss>")
