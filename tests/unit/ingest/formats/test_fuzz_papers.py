"""Damaged feeds, mails, tables, documents and archives are read or rejected; no other error comes out."""

from __future__ import annotations

import gzip
import io
import os
import random
import time
import zipfile
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest import reading_child
from services.ingest.article import ReadingHint
from services.ingest.formats import mail_message
from services.ingest.reading_child import answer
from services.ingest.rejections import HINTS

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


SAMPLES = {
    "a.eml": MAIL,
    "a.xml": FEED,
    "a.json": JSON_FEED,
    "a.jsonl": LINES,
    "a.csv": TABLE,
    "a.html": PAGE,
    "a.warc": WARC,
    "a.pdf": PDF,
    "a.docx": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": DOCX_TEXT}),
    "a.zip": zipped({"a.eml": MAIL, "b/c.csv": TABLE, "d.json": JSON_FEED}),
    "a.gz": gzip.compress(FEED),
}
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
    return data[:place] + chance.choice(list(SAMPLES.values())) + data[place:]


def insert(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + chance.choice(INSERTS) + data[place:]


def recode(chance: random.Random, data: bytes) -> bytes:
    return data.decode("latin-1").encode(chance.choice(CHARSETS), "replace")


MUTATIONS: tuple[Mutation, ...] = (cut, flip, repeat, nest, insert, recode)


def mutated(seed: int) -> tuple[str, bytes]:
    """A sample with one to four of the mutations, the same for the same number."""
    chance = random.Random(seed)  # noqa: S311 - it must be repeatable, not secret
    name, data = chance.choice(list(SAMPLES.items()))
    for _ in range(chance.randrange(1, 5)):
        data = chance.choice(MUTATIONS)(chance, data) or b"x"
    return name, data


def outcome(name: str, data: bytes) -> str:
    """The code of the rejection, or ``read``; an error of a parser is ``parser_failed``."""
    reply = orjson.loads(answer(data, ReadingHint(file_name=name)))
    return str(reply["reason"]) if "reason" in reply else "read" if reply["articles"] else "nothing"


GOOD = HINTS.keys() - {"parser_failed", "parser_crashed", "timeout"} | {"read"}


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_read_as_it_is(name: str) -> None:
    """Otherwise its mutations would prove nothing."""
    assert outcome(name, SAMPLES[name]) == "read"


@settings(max_examples=250, deadline=None)
@given(seed=st.integers(0, 2**48))
def test_a_damaged_seed_is_read_or_rejected(seed: int) -> None:
    """Whatever happens to a file on its way, it costs nothing but itself."""
    assert outcome(*mutated(seed)) in GOOD


def test_an_error_of_a_parser_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: a parser that breaks on a missing header field."""
    monkeypatch.setattr(mail_message, "field", lambda *_: os.environ["NO_SUCH_FIELD"])

    assert outcome("a.eml", MAIL) not in GOOD
    assert "KeyError" in reading_child.answer(MAIL, ReadingHint(file_name="a.eml")).decode()


@pytest.mark.soak
def test_ten_minutes_of_damaged_seeds_are_read_or_rejected() -> None:
    """The same for as many as fit; the number in the message makes one again."""
    end = time.monotonic() + 600
    failed: list[int] = []
    for seed in iter(lambda: random.randrange(2**48), -1):  # noqa: S311 - it must be repeatable, not secret
        if outcome(*mutated(seed)) not in GOOD:
            failed.append(seed)
        if failed or time.monotonic() > end:
            break

    assert failed == []
