"""What a seed is, its content says; its name is only a hint."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.article import ReadingHint, Rejection
from services.ingest.sniffing import choose, read_seed

TEXT = b"Ferry back\n\nThe ferry is back. It runs hourly.\n"


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (TEXT, "a.txt", "text"),
        (TEXT, "a", "text"),
        (TEXT, "a.md", "markdown"),
        (b"---\ntitle: Ferry\n---\nBack.", "a.txt", "markdown"),
        (b"+++\ntitle = 'Ferry'\n+++\nBack.", "a", "markdown"),
        (b"<!DOCTYPE html><html><p>Ferry", "a.txt", "html"),
        (b"<!-- saved -->\n<html lang=en>", "a", "html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "a.xml", "html"),
        (b"<p>Ferry</p>", "a", "html"),
        (b"Ferry <b>back</b>", "a.html", "html"),
        (b'<?xml version="1.0"?>\n<!-- x --><rss version="2.0">', "a.txt", "feed"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom">', "a.html", "feed"),
        (b'<rdf:RDF xmlns:rdf="x" xmlns="http://purl.org/rss/1.0/">', "a.xml", "feed"),
        (b'<!DOCTYPE rss [<!ENTITY a "b">]><rss>', "a", "feed"),
        (b'\xef\xbb\xbf{"uri": "x"}', "a.txt", "json"),
        (b'[{"@type": "NewsArticle"}]', "a", "json"),
        (b"[London] The ferry is back.", "a.txt", "text"),
        (b"{broken", "a.json", "json"),
        ("<?xml version='1.0'?><rss version='2.0'>".encode("utf-16"), "a", "feed"),
        (b'<?xml version="1.0"?>\n<nitf version="-//IPTC//DTD NITF 3.6//EN"><body>', "a.txt", "nitf"),
        (
            b'<!DOCTYPE nitf SYSTEM "nitf-3-2.dtd"><n:nitf xmlns:n="http://iptc.org/std/NITF/2006-10-18/">',
            "a",
            "nitf",
        ),
        (b'<!DOCTYPE NewsML [<!ENTITY % nitf SYSTEM "n.dtd"> %nitf; ]>\n<NewsML>', "a.xml", "newsml"),
        (b"<NewsItem><Identification>", "a.xml", "newsml"),
        (b'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/">', "a.xml", "newsml_g2"),
        (b"<!-- a > b --><nar:newsMessage>", "a", "newsml_g2"),
        (b"\x01ncn0045 3 pol 380 ncn 0045\r\n\r\nferry/\r\n\x02Ferry back =\r\n", "a", "iptc7901"),
        (b"ncn0045 3 i 380  ncn 0045\n\nferry/\nFerry back =\n", "a.txt", "iptc7901"),
        (b"\x7f\x7f\0\0\nncn0045 3 su 174 ncn 1388\n\nBac\n", "a.txt", "iptc7901"),
        (b"\x16\x16\x01a0105\x1fncn-\r\ns s\x13\x11bc-Ferry 03-05 0344\r\n\x02^BC-Ferry<\r\n", "a", "anpa"),
        (b"a0105ncn-----\nr s BC-Ferry   03-05 0344\n^BC-Ferry,30<\n", "a.txt", "anpa"),
        (b"Ferry2024 4 all 100 islanders back\n", "a.txt", "text"),
    ],
)
def test_the_format_is_recognised(data: bytes, name: str, expected: str) -> None:
    assert expected == choose(data, ReadingHint(file_name=name)).FORMAT


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "empty"),
        (b" \r\n\t\n", "a.txt", "empty"),
        (b"\xef\xbb\xbf\n", "a.txt", "empty"),
        (b"%PDF-1.7\n...", "a.txt", "corrupt"),
        (b"PK\x03\x04....", "a.docx", "corrupt"),
        (b"\x89PNG\r\n\x1a\n", "a.html", "unknown_format"),
        (b"\xff\xd8\xff\xe0....", "a.jpg", "unknown_format"),
        (bytes(range(256)) * 8, "a.txt", "unknown_format"),
        (b"text with \0 one zero byte, then \0\0 more", "a.txt", "unknown_format"),
        (b"<?xml version='1.0'?><invoice/>", "a.xml", "unknown_format"),
        (b"<?xml version='1.0'?><newsMessage/>", "a.xml", "no_articles"),
        (b"<?xml version='1.0'?><a><b></a>", "a.txt", "corrupt"),
        (b"no xml at all", "a.xml", "corrupt"),
        (b'{"uri": "urn:1", ', "a.json", "corrupt"),
        (b"no json at all", "a.json", "corrupt"),
    ],
)
def test_what_is_no_news_is_rejected_with_a_stable_code(data: bytes, name: str, reason: str) -> None:
    with pytest.raises(Rejection) as caught:
        read_seed(data, ReadingHint(file_name=name))

    assert caught.value.reason == reason


@settings(max_examples=60)
@given(
    data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    start=st.sampled_from(
        [b"", b"<html>", b"<rss version='2.0'><channel>", b"---\na: ", b'{"uri": "x", "title": ']
    ),
    name=st.sampled_from(["a.txt", "a.md", "a.xml", "a.json", "a.html"]),
)
def test_any_bytes_are_read_or_rejected(data: bytes, start: bytes, name: str) -> None:
    """Nothing but a Rejection may come out of a parser."""
    try:
        reading = read_seed(start + data, ReadingHint(file_name=name))
    except Rejection:
        return
    assert all(article.document.title for article in reading.articles)
