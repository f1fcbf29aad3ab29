"""Sound seeds of every format, and damage of many kinds, the same for the same number."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

MAIL = (
    b"From ann@n.example Tue Mar  5 10:15:00 2024\nFrom: =?utf-8?q?J=C3=BCrgen?= <j@n.example>\n"
    b"Subject: =?utf-8?B?RsOkaHJl?= back\nDate: Tue, 5 Mar 2024 10:15:00 +0100 "
    b"(CET)\nMessage-ID: <1@n.example>\n"
    b'Content-Type: multipart/mixed; boundary="m"\n\n--m\nContent-Type: '
    b"multipart/alternative; boundary=a\n\n"
    b"--a\nContent-Type: text/plain; charset=iso-8859-1; format=flowed\n"
    b"Content-Transfer-Encoding: quoted-printable\n\nDie F=E4hre ist =\nzur=FCck.\n"
    b"\nOn 4 March, Bo wrote:\n> Hm?\n"
    b"-- \nDesk\n--a\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n"
    b"\nPHA+Rmlyc3Q8L3A+\n--a--\n"
    b"--m\nContent-Type: message/rfc822\n\nSubject: Inner\n\nText.\n--m--\n\n"
    b"From bo@n.example Tue Mar  5 10:16:00 2024\nSubject: Two\n\nSecond.\n"
)
FEED = (
    b'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE rss [<!ENTITY t "T">]><rss version="2.0" '
    b'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>'
    b"N</title><link>https://n.example/"
    b"</link><item><title>Ferry &t; &#8211; &amp;amp; back</title><guid isPermaLink='false'>g1</guid>"
    b"<link>/1</link><pubDate>Tue, 05 Mar 2024 10:15:00 EST</pubDate><content:encoded>"
    b"<![CDATA[<p>It <b>runs"
    b"</b>.</p>]]></content:encoded></item></channel></rss>"
)
JSON_FEED = (
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "N", "items": [{"id": 1, "title": "Ferry", '
    b'"content_html": "<p>It runs.</p>", "date_published": "2024-03-05T10:15:00Z", '
    b'"authors": [{"name": "Ann"}], '
    b'"attachments": [{"url": "https://n.example/1.mp3"}]}]}'
)
LINES = (
    b'{"headline": {"main": "One"}, "text": ["A.", "B."], "date": 1709633700}\n{"title": "Two", "url": "x"}\n'
)
TABLE = b'title;body;date;tags\n"Ferry; back";"It runs.\n\nHourly.";05.03.2024;"[\'a\', \'b\']"\nBus;Late;;\n'
PAGE = (
    b"<!doctype html><html lang=en><head><title>Ferry | N</title><script "
    b'type="application/ld+json">{"@graph": ['
    b'{"@type": "LiveBlogPosting", "headline": "Ferry", "datePublished": "2024-03-05", '
    b'"liveBlogUpdate": [{}]}]}'
    b"</script></head><body><article><h1>Ferry</h1><p class=date>5 March 2024, "
    b"10:15</p><p>It runs.</p></article>"
)
WARC = (
    b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://n.example/1\r\n"
    b"WARC-Date: 2024-03-05T10:15:00Z\r\n"
    b"WARC-Record-ID: <urn:uuid:1>\r\nContent-Type: application/http; msgtype=response\r\n"
    b"Content-Length: %d\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n%s\r\n\r\n"
    % (44 + len(PAGE), PAGE)
)
PDF = (
    b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n"
    b"<</Type/Pages/Count 1/Kids[3 0 R]>>\nendobj\n"
    b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 "
    b"R/Resources<</Font<</F 5 0 R>>>>>>\nendobj\n"
    b"4 0 obj\n<</Length 33>>stream\nBT /F 9 Tf 1 1 Td (Ferry) Tj ET  \nendstream\nendobj\n"
    b"5 0 obj\n<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>\nendobj\ntrailer<</Size "
    b"6/Root 1 0 R>>\nstartxref\n0\n%%EOF\n"
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DOCX_TEXT = (
    f'<w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>Ferry</w:t></w:r></w:p></w:body></w:document>'.encode()
)


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


ATOM = (
    b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="pt" '
    b'xml:base="https://n.example/">'
    b"<title>N</title><entry xml:base='a/'><title type='html'>Ferry "
    b"&lt;b&gt;back&lt;/b&gt;</title><id>tag:n,2024:1</id>"
    b"<link rel='alternate' "
    b"href='1'/><updated>2024-03-05T10:15:00Z</updated><author><name>Ann</name></author>"
    b"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>It "
    b"runs.</p></div></content></entry></feed>"
)
RDF = (
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel '
    b'rdf:about="https://n.example/"><title>N</title></channel>'
    b'<item rdf:about="https://n.example/1"><title>Ferry</title><link>https://n.example/1</link>'
    b"<dc:creator>Ann</dc:creator><dc:date>2024-03-05T10:15+01:00</dc:date></item></rdf:RDF>"
)
CDF = (
    b'<CHANNEL HREF="https://n.example/"><TITLE>N</TITLE><ITEM HREF="https://n.example/1" '
    b'LASTMOD="2024-03-05T10:15">'
    b"<TITLE>Ferry</TITLE><ABSTRACT>It runs.</ABSTRACT></ITEM></CHANNEL>"
)
NINJS = (
    b'{"uri": "urn:1", "type": "text", "version": "2", "pubstatus": "usable", "urgency": 3, '
    b'"language": "de", '
    b'"headline": "F\\u00e4hre", "byline": "Von Ann", "versioncreated": "2024-03-05T10:15:00+01:00", '
    b'"headlines": [{"role": "main", "value": "F"}], "bodies": [{"role": "m", "contentType": "text/html", '
    b'"value": "<p>Ja.</p>"}], "body_html": "<p>Sie f\\u00e4hrt.</p>", "subject": [{"code": '
    b'"medtop:04000000"}]}'
)
SCHEMA_ORG = (
    b'{"@context": "https://schema.org", "@graph": [{"@type": ["NewsArticle"], "@id": "#1", '
    b'"headline": "Ferry", '
    b'"author": {"@id": "#2"}, "articleBody": "It runs.", "datePublished": "2024-03-05T10:15:00Z"}, '
    b'{"@type": "Person", "@id": "#2", "name": "Ann"}]}'
)
MICRODATA = (
    b"<html><head><meta charset=utf-8><meta property='article:published_time' content='2024-03-05T10:15'>"
    b"<title>Ferry</title><body><div itemscope itemtype='https://schema.org/NewsArticle'><h1 "
    b"itemprop=headline>"
    b"Ferry</h1><time itemprop=datePublished datetime='2024-03-05T10:15Z'>now</time><span itemprop=author>Ann"
    b"</span><div itemprop=articleBody><p>It <a href=/2>runs</a>.<table><tr><td>1</table></div></div>"
)
PLAIN = (
    b"Ferry back\r\n\r\nBy Ann Lee\r\n\r\nPORTO, March 5 (Desk) - The ferry is back.\r\n\r\n* Times\r\n\r\n"
    b"It runs hourly; caf\xe9 and all.\r\n"
)
YAML = (
    b"---\ntitle: 'Ferry: back'\ndate: 2024-03-05 10:15:00 +0100\ntags: [a, b]\nauthor: {name: Ann}\n"
    b"embargo: 2024-03-05\n---\n# Ferry\n\nIt *runs* [hourly](/t).\n\n> Yes.\n\n```\nx\n```\n"
)
TOML = (
    b'+++\ntitle = "Ferry"\ndate = 2024-03-05T10:15:00Z\n[extra]\nauthor = "Ann"\n+++\n'
    b"It runs.\n\n- a\n  - b\n"
)
LETTER = MAIL[MAIL.index(b"From: ") : MAIL.index(b"From bo@")]


def wires(prefix: str) -> Mapping[str, bytes]:
    """The written samples of one wire format, by file name."""
    found = sorted((Path(__file__).parent / "samples").glob(f"{prefix}-*"))
    return {path.name: path.read_bytes() for path in found}


SAMPLES: Mapping[str, Mapping[str, bytes]] = {
    "feed": {"a.xml": FEED, "b.xml": ATOM, "c.rdf": RDF, "d.cdf": CDF},
    "json_feed": {"a.json": JSON_FEED},
    "page": {"a.html": PAGE, "b.html": MICRODATA},
    "plain": {"a.txt": PLAIN},
    "markdown": {"a.md": YAML, "b.md": TOML},
    "mail": {"a.mbox": MAIL, "b.eml": LETTER},
    "json_lines": {"a.jsonl": LINES},
    "json_news": {"a.json": SCHEMA_ORG},
    "table": {"a.csv": TABLE},
    "ninjs": {"a.json": NINJS},
    "nitf": wires("nitf"),
    "newsml": wires("newsml"),
    "newsml_g2": wires("g2"),
    "iptc7901": wires("7901"),
    "anpa": wires("anpa"),
    "ritzau": wires("ritzau"),
    "zczc": wires("zczc"),
    "pdf": {"a.pdf": PDF},
    "warc": {"a.warc": WARC},
    "docx": {"a.docx": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": DOCX_TEXT})},
    "archive": {
        "a.zip": zipped({"a.eml": MAIL, "b/c.csv": TABLE, "d.json": JSON_FEED}),
        "a.gz": gzip.compress(FEED),
    },
}
"""By format and file name."""

ALL = [sample for group in SAMPLES.values() for sample in group.items()]
_LONGEST_BYTES = 1024 * 1024
"""What grows longer is cut: what takes long at this size does so for another reason than its size."""

CHARSETS = ["latin-1", "utf-16", "utf-16-le", "utf-32", "cp037", "shift_jis", "utf-7"]
INSERTS = [
    b"\0",
    b"\xff\xfe",
    b"\xff" * 9,
    b"<" * 400,
    b"{" * 400,
    b"[" * 400,
    b'"',
    b"\r",
    b"--m\n",
    b"\n\n\n",
]
INSERTS += [
    b"&#xFFFFFFFF;",
    b"]]>",
    b"=?utf-8?b?",
    b"<!--",
    b"\xed\xa0\x80",
    b"1e999",
    b"-" * 300,
    b"\\ud800",
]

Mutation = Callable[[random.Random, bytes], bytes]


def cut(chance: random.Random, data: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in "ab")
    return data[:start] + data[end:]


def flip(chance: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def repeat(chance: random.Random, data: bytes) -> bytes:
    start, end = sorted(chance.randrange(len(data) + 1) for _ in "ab")
    return data[:end] + data[start:end] * chance.randrange(1, 30) + data[end:]


def nest(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + chance.choice(ALL)[1] + data[place:]


def insert(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + chance.choice(INSERTS) + data[place:]


def recode(chance: random.Random, data: bytes) -> bytes:
    return data.decode("latin-1").encode(chance.choice(CHARSETS), "replace")


MUTATIONS: tuple[Mutation, ...] = (cut, flip, repeat, nest, insert, recode)


def mutated(seed: int, samples: list[tuple[str, bytes]] = ALL) -> tuple[str, bytes]:
    """A sample with one to four of the mutations, the same for the same number."""
    chance = random.Random(seed)
    name, data = chance.choice(samples)
    for _ in range(chance.randrange(1, 5)):
        data = chance.choice(MUTATIONS)(chance, data)[:_LONGEST_BYTES] or b"x"
    return name, data
