"""What one would write without us: the bare call of the library, and plain code that makes an article of it.

``BARE`` is the call alone. Where it does next to nothing of what reading a seed means, ``BY_HAND`` is a
function for exactly this sample: the library, the same fields, paragraphs, times and the same
:class:`Article`; it recognises nothing, chooses no charset, knows no dialect and checks nothing. That of
``docx`` does less: it takes the letters out of two parts of the package.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any, cast

import feedparser
import nh3
import trafilatura
from lxml import etree

from newsfeed.documents import ArticleDocument
from services.ingest.article import Article

Call = Callable[[bytes], object]

XML = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
G2 = {"n": "http://iptc.org/std/nar/2006-10-01/", "h": "http://www.w3.org/1999/xhtml"}
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NITF_FIELDS = (
    *(".//hl1", ".//body.head/byline", ".//dateline/location", ".//doc-id/@id-string", ".//urgency/@ed-urg"),
    *(".//date.issue/@norm", ".//doc.copyright/@holder", ".//keyword/@key", ".//body.content//p"),
)
NEWSML_FIELDS = (
    *(".//HeadLine", ".//ByLine", ".//DateLine", ".//PublicIdentifier", ".//Urgency/@FormalName"),
    *(".//FirstCreated", ".//CopyrightLine", ".//Property/@Value", ".//DataContent//p"),
    *(".//RevisionId", ".//Status/@FormalName", ".//Language/@FormalName"),
)
G2_FIELDS = (
    *(".//n:headline", ".//n:by", ".//n:dateline", "@guid", ".//n:urgency", ".//n:versionCreated"),
    *(".//n:copyrightHolder/@literal", ".//n:subject/@qcode", ".//h:p", "@version"),
    *(".//n:pubStatus/@qcode", ".//n:language/@tag"),
)


def article(
    title: str, paragraphs: Iterable[str], author: str = "", at: datetime | None = None, **rest: object
) -> Article:
    """The same object as ours, of fields that somebody else found."""
    body = "\n\n".join(" ".join(text.split()) for text in paragraphs)
    document = ArticleDocument.model_validate({"title": title, "body": body, "authors": (author,), **rest})
    return Article(document=document, published_at=at)


def _decoded(data: bytes) -> str:
    return data.decode("utf-8")


def _plain(data: bytes) -> Article:
    title, byline, *paragraphs = data.decode("utf-8").strip().split("\n\n")
    return article(title, paragraphs, byline.removeprefix("By "))


def _rendered(data: bytes) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(data.decode("utf-8")))


def _markdown(data: bytes) -> Article:
    import yaml

    _, front, text = data.decode("utf-8").split("---\n", 2)
    fields = yaml.safe_load(front)
    html = nh3.clean(_rendered(text.encode()))
    paragraphs = [element.text_content() for element in _html(html).iterfind(".//p")]
    return article(fields["title"], paragraphs, fields["author"], fields["date"], body_html=html)


def _html(text: str) -> Any:  # noqa: ANN401 - lxml
    from lxml import html

    return html.fromstring(text)


def _extracted(data: bytes) -> object:
    return trafilatura.extract(data)


def _page(data: bytes) -> Article:
    found = cast("Any", trafilatura.bare_extraction(data, with_metadata=True))
    paragraphs = found.text.split("\n")
    html = nh3.clean("".join(f"<p>{text}</p>" for text in paragraphs))
    at = datetime.fromisoformat(found.date).replace(tzinfo=UTC)
    return article(found.title, paragraphs, found.author or "", at, url=found.url, body_html=html)


def _fields(data: bytes, paths: Iterable[str], names: Mapping[str, str] | None = None) -> list[list[str]]:
    root = etree.fromstring(data, XML)
    return [_texts(root.xpath(path, namespaces=names)) for path in paths]


def _texts(found: object) -> list[str]:
    return [one if isinstance(one, str) else "".join(one.itertext()) for one in cast("list[Any]", found)]


def _of_wire(found: list[list[str]]) -> Article:
    title, byline, _, identity, _, issued, rights, keywords, paragraphs, *_ = found
    return article(
        title[0],
        paragraphs,
        byline[0].removeprefix("By "),
        datetime.fromisoformat(issued[0]),
        document_id=identity[0],
        rights=rights[0],
        keywords=tuple(keywords),
        body_html=nh3.clean("".join(f"<p>{text}</p>" for text in paragraphs)),
    )


def _nitf(data: bytes) -> list[list[str]]:
    return _fields(data, NITF_FIELDS)


def _newsml(data: bytes) -> list[list[str]]:
    return _fields(data, NEWSML_FIELDS)


def _newsml_g2(data: bytes) -> list[list[str]]:
    return _fields(data, G2_FIELDS, G2)


def _ninjs(data: bytes) -> Article:
    item = json.loads(data)
    at = datetime.fromisoformat(item["versioncreated"])
    return article(item["headline"], item["body_text"].split("\n\n"), item["byline"], at)


def _record(item: Mapping[str, str]) -> Article:
    at = datetime.fromisoformat(item["published_at"])
    return article(item["title"], item["body"].split("\n\n"), item["author"], at, url=item["url"])


def _json(data: bytes) -> Article:
    return _record(json.loads(data))


def _json_feed(data: bytes) -> list[Article]:
    return [_json_feed_item(item) for item in json.loads(data)["items"]]


def _json_feed_item(item: dict[str, Any]) -> Article:
    html = nh3.clean(item["content_html"])
    paragraphs = [element.text_content() for element in _html(html).iterfind(".//p")]
    at = datetime.fromisoformat(item["date_published"])
    return article(item["title"], paragraphs, item["authors"][0]["name"], at, body_html=html)


def _loaded_lines(data: bytes) -> list[object]:
    return [json.loads(line) for line in data.splitlines()]


def _json_lines(data: bytes) -> list[Article]:
    return [_record(json.loads(line)) for line in data.splitlines()]


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def _csv(data: bytes) -> list[Article]:
    return [_record(row) for row in _rows(data)]


def _telegram(data: bytes) -> Article:
    heading, _, text = data.decode("latin-1").partition("\x02")
    _, _, title = re.sub("[\x01-\x04]", "", heading).strip().split("\n")[-3:]
    return article(title.rstrip("= "), re.split(r"\n {3}", text.partition("\x03")[0]))


def _anpa(data: bytes) -> Article:
    lines = data.decode("latin-1").split("\n")
    title, author, _ = (line.strip("^<=") for line in lines[3:6])
    return article(title, [line for line in lines[6:] if line.strip()], author.removeprefix("By "))


def _message(data: bytes) -> str:
    mail = message_from_bytes(data, policy=policy.default)
    return str(cast("EmailMessage", mail.get_body(("plain",))).get_content())


def _messages(data: bytes) -> list[str]:
    return [_message(part.partition(b"\n")[2]) for part in re.split(rb"(?m)^From ", data)[1:]]


def _mail(data: bytes) -> Article:
    mail = message_from_bytes(data, policy=policy.default)
    parts = [cast("EmailMessage", mail.get_body((kind,))).get_content() for kind in ("plain", "html")]
    at = parsedate_to_datetime(str(mail["Date"]))
    return article(
        str(mail["Subject"]), parts[0].split("\n\n"), str(mail["From"]), at, body_html=nh3.clean(parts[1])
    )


def _mails(data: bytes) -> list[Article]:
    return [_mail(part.partition(b"\n")[2]) for part in re.split(rb"(?m)^From ", data)[1:]]


def _docx(data: bytes) -> list[str]:
    from docx import Document

    document = Document(io.BytesIO(data))
    return [document.core_properties.author, *(one.text for one in document.paragraphs)]


def _docx_parts(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        root = etree.fromstring(package.read("word/document.xml"), XML)
        etree.fromstring(package.read("docProps/core.xml"), XML)
    return ["".join(one.text or "" for one in part.iter(f"{WORD}t")) for part in root.iter(f"{WORD}p")]


def _warc(data: bytes) -> list[object]:
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    records = ArchiveIterator(io.BytesIO(data), record_types=WarcRecordType.response)
    return [trafilatura.extract(record.reader.read()) for record in records]


def _pdf(data: bytes) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


BARE: dict[str, tuple[str, Call]] = {
    "plain": ("bytes.decode", _decoded),
    "markdown": ("MarkdownIt.render", _rendered),
    "html": ("trafilatura.extract", _extracted),
    "rss": ("feedparser.parse", feedparser.parse),
    "atom": ("feedparser.parse", feedparser.parse),
    "json feed": ("json.loads", json.loads),
    "nitf": ("lxml, xpath", _nitf),
    "newsml 1.2": ("lxml, xpath", _newsml),
    "newsml-g2": ("lxml, xpath", _newsml_g2),
    "ninjs": ("json.loads", json.loads),
    "iptc7901": ("bytes.decode", _decoded),
    "anpa": ("bytes.decode", _decoded),
    "eml": ("email, get_content", _message),
    "mbox": ("email, get_content", _messages),
    "json": ("json.loads", json.loads),
    "jsonl": ("json.loads", _loaded_lines),
    "csv": ("csv.DictReader", _rows),
    "docx": ("python-docx", _docx),
    "pdf": ("PdfReader.extract_text", _pdf),
    "warc": ("fastwarc, trafilatura.extract", _warc),
}
READS = frozenset({"html", "rss", "atom", "eml", "mbox", "docx", "pdf", "warc"})
"""Where the bare call itself finds the text of an article, and is what we are measured against."""

BY_HAND: dict[str, Call] = {
    "plain": _plain,
    "markdown": _markdown,
    "html": _page,
    "json feed": _json_feed,
    "nitf": lambda data: _of_wire(_nitf(data)),
    "newsml 1.2": lambda data: _of_wire(_newsml(data)),
    "newsml-g2": lambda data: _of_wire(_newsml_g2(data)),
    "ninjs": _ninjs,
    "iptc7901": _telegram,
    "anpa": _anpa,
    "eml": _mail,
    "mbox": _mails,
    "json": _json,
    "jsonl": _json_lines,
    "csv": _csv,
    "docx": _docx_parts,
}
