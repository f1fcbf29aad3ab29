"""One seed of every format, as a producer would write it: a text of 3,000 characters and the usual fields."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from email.message import EmailMessage
from uuid import NAMESPACE_URL, uuid5

from benchmarks.office_samples import docx, pdf
from benchmarks.stories import Story, stories
from benchmarks.wire_samples import anpa, iptc7901, newsml, newsml_g2, nitf

ENTRIES = 20
"""Articles in a feed, a table, a mailbox, a file of lines or a web archive."""


def samples() -> dict[str, tuple[str, bytes]]:
    """Name of the file and bytes, by format."""
    source = stories()
    story = next(source)
    some = [next(source) for _ in range(ENTRIES)]
    single = {name: (file, write(story).encode()) for name, (file, write) in _SINGLE.items()}
    many = {name: (file, write(some).encode()) for name, (file, write) in _MANY.items()}
    office = {"docx": ("a.docx", docx(story)), "pdf": ("a.pdf", pdf(story))}
    return {**single, **many, **office, "warc": ("a.warc.gz", _warc(some))}


def _warc(some: list[Story]) -> bytes:
    """Pages as a crawler keeps them: a record each, compressed for itself."""
    return b"".join(gzip.compress(_response(story.url, _html(story).encode())) for story in some)


def _response(url: str, page: bytes) -> bytes:
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + page
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2026-03-05T10:15:00Z\r\nWARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, url)}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n"
    )
    return head.encode() + answer + b"\r\n\r\n"


def _plain(story: Story) -> str:
    return f"{story.title}\n\nBy ANN LEE\n\nPORT ELLIS (NCN) — {story.body}\n"


def _markdown(story: Story) -> str:
    front = f"title: {story.title}\nauthor: Ann Lee\ndate: 2026-03-05T10:15:00Z\ntags: [ferry, island]"
    return f"---\n{front}\n---\n{story.body}\n"


def _html(story: Story) -> str:
    menu = "".join(f'<li><a href="/{part}">{part}</a></li>' for part in ("home", "news", "sport", "about"))
    about = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": "2026-03-05T10:15:00Z",
        "author": {"@type": "Person", "name": "Ann Lee"},
    }
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<title>{story.title} | County Wire</title><link rel="canonical" href="{story.url}">'
        f'<meta property="og:title" content="{story.title}">'
        f'<meta name="description" content="{story.paragraphs[0][:150]}">'
        f'<script type="application/ld+json">{json.dumps(about)}</script></head>'
        f"<body><header><nav><ul>{menu}</ul></nav></header><main><article><h1>{story.title}</h1>"
        f'<p class="byline">By Ann Lee</p>{story.html}</article></main>'
        f"<aside><h2>More</h2><ul>{menu}</ul></aside><footer>All rights reserved.</footer></body></html>"
    )


def _rss(some: list[Story]) -> str:
    items = "".join(
        f"<item><title>{story.title}</title><link>{story.url}</link><guid>{story.url}</guid>"
        "<pubDate>Thu, 05 Mar 2026 10:15:00 GMT</pubDate><dc:creator>Ann Lee</dc:creator>"
        f"<category>ferry</category><description><![CDATA[{story.html}]]></description></item>"
        for story in some
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>County Wire</title>'
        f"<link>https://county-wire.example/</link><language>en</language>{items}</channel></rss>"
    )


def _atom(some: list[Story]) -> str:
    entries = "".join(
        f'<entry><title>{story.title}</title><link href="{story.url}"/><id>{story.url}</id>'
        "<published>2026-03-05T10:15:00Z</published><updated>2026-03-05T10:20:00Z</updated>"
        '<author><name>Ann Lee</name></author><category term="ferry"/>'
        f'<content type="html"><![CDATA[{story.html}]]></content></entry>'
        for story in some
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        f"<title>County Wire</title><id>https://county-wire.example/</id>{entries}</feed>"
    )


def _json_feed(some: list[Story]) -> str:
    items = [
        {
            "id": story.url,
            "url": story.url,
            "title": story.title,
            "content_html": story.html,
            "date_published": "2026-03-05T10:15:00Z",
            "authors": [{"name": "Ann Lee"}],
            "tags": ["ferry"],
        }
        for story in some
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "County Wire", "language": "en"}
    return json.dumps({**feed, "items": items})


def _ninjs_record(story: Story) -> dict[str, object]:
    return {
        "uri": story.url,
        "type": "text",
        "version": "1",
        "pubstatus": "usable",
        "urgency": 5,
        "versioncreated": "2026-03-05T10:15:00+00:00",
        "language": "en",
        "byline": "Ann Lee",
        "headline": story.title,
        "subject": [{"code": "medtop:20000337", "name": "ferry"}],
        "body_text": story.body,
    }


def _ninjs(story: Story) -> str:
    return json.dumps(_ninjs_record(story))


def _record(story: Story) -> dict[str, str]:
    return {
        "id": f"cw-{story.number}",
        "title": story.title,
        "author": "Ann Lee",
        "published_at": "2026-03-05T10:15:00Z",
        "url": story.url,
        "tags": "ferry",
        "body": story.body,
    }


def _json(story: Story) -> str:
    return json.dumps(_record(story))


def _json_lines(some: list[Story]) -> str:
    return "".join(f"{json.dumps(_record(story))}\n" for story in some)


def _csv(some: list[Story]) -> str:
    quoted = [",".join(f'"{cell}"' for cell in _record(story).values()) for story in some]
    return "\n".join([",".join(_record(some[0])), *quoted, ""])


def message(story: Story) -> EmailMessage:
    """The story as a mail, in plain text and in HTML."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Ann Lee <ann@county-wire.example>", "desk@county-wire.example"
    mail["Subject"], mail["Date"] = story.title, "Thu, 05 Mar 2026 10:15:00 +0000"
    mail["Message-ID"] = f"<{story.number}@county-wire.example>"
    mail.set_content(story.body)
    mail.add_alternative(f"<html><body>{story.html}</body></html>", subtype="html")
    return mail


def _eml(story: Story) -> str:
    return message(story).as_string()


def _quoted(mail: str) -> str:
    return re.sub("^From ", ">From ", mail, flags=re.MULTILINE)


def _mbox(some: list[Story]) -> str:
    return "".join(f"From ann@x.example Thu Mar  5 10:15:00 2026\n{_quoted(_eml(story))}\n" for story in some)


_SINGLE: dict[str, tuple[str, Callable[[Story], str]]] = {
    "plain": ("a.txt", _plain),
    "markdown": ("a.md", _markdown),
    "html": ("a.html", _html),
    "nitf": ("a.xml", nitf),
    "newsml 1.2": ("a.xml", newsml),
    "newsml-g2": ("a.xml", newsml_g2),
    "ninjs": ("a.json", _ninjs),
    "json": ("a.json", _json),
    "iptc7901": ("a.txt", iptc7901),
    "anpa": ("a.tst", anpa),
    "eml": ("a.eml", _eml),
}
_MANY: dict[str, tuple[str, Callable[[list[Story]], str]]] = {
    "rss": ("a.rss", _rss),
    "atom": ("a.atom", _atom),
    "json feed": ("a.json", _json_feed),
    "jsonl": ("a.jsonl", _json_lines),
    "csv": ("a.csv", _csv),
    "mbox": ("a.mbox", _mbox),
}
