"""Feeds by the rules of the W3C's validator, over texts of every unkind sort, and read back."""

from __future__ import annotations

import random
import re
from calendar import timegm
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import urlsplit
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, fromstring

import feedparser
import orjson
import pytest

from services.web.feeds import Feed, FeedEntry, xml_text
from services.web.feeds.atom import atom
from services.web.feeds.json_feed import json_feed
from services.web.feeds.rss import rss
from services.web.frozen import FEED_TAGS, feed_html, parse_frozen, with_histories

ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
RFC_822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff\ufdd0-\ufdef]")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

PIECES = [
    "Harbour", " ", "أخبار العالم", "חדשות", "🗞️👩‍👩‍👧", "]]>", "<![CDATA[", "<b>bold</b>", "&amp;", "&",
    "\x00", "\x1b[2J", "\x85", "\ud83d", "\udc00", "\ufffe", "\ufdd0", "\ufffd", "\u202e", "\u2028", "\t",
    "\n", "\r\n", "\u0301", "'", '"', "<script>alert(1)</script>", "<!--", "-->", "<?xml?>",
    "\U0010ffff", "\u200f", "日本語", "",
]  # fmt: skip


def text(dice: random.Random, most: int = 8) -> str:
    """Words that editors type, and what comes instead when files are damaged."""
    return "".join(dice.choice(PIECES) for _ in range(dice.randint(0, most)))


def generated(seed: int) -> Feed:
    """A feed of anything; the same for the same seed."""
    dice = random.Random(seed)  # the same feed each time
    entries = [
        FeedEntry(
            entry_id=uuid5(UUID(int=seed), str(number)).urn,
            url=f"https://news.example/channels/c/digests/{number}",
            title=text(dice),
            published_at=NOON - timedelta(hours=number),
            updated_at=NOON - timedelta(minutes=number),
            html=f'<div dir="{dice.choice(["ltr", "rtl"])}"><p>{text(dice, 40)}</p></div>',
            categories=[(f"section-{place}", text(dice)) for place in range(number % 3)],
        )
        for number in range(dice.randint(0, 12), 0, -1)
    ]
    base = "https://news.example/channels/c"
    return Feed(
        feed_id=UUID(int=seed).urn,
        title=text(dice),
        description=text(dice),
        language=dice.choice(["ar", "de", "en", "es", "fr"]),
        self_url=f"{base}.atom",
        page_url=base,
        updated_at=max((entry.updated_at for entry in entries), default=NOON),
        entries=entries,
        next_url=dice.choice([None, f"{base}.atom?before=7-0"]),
        hub_urls=dice.choice([(), ("https://hub.example/",)]),
    )


def is_absolute(url: str | None) -> bool:
    """Whether an address has a scheme and a host, and no spaces."""
    parts = urlsplit(url or "")
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in (url or "")


def one(element: Element, name: str) -> str:
    """The text of the one child of a name, which must not be empty."""
    found = element.findall(name)
    assert len(found) == 1, f"{len(found)} {name} in {element.tag}"
    value = found[0].text or ""
    assert value.strip(), f"{name} is empty"
    return value


def atom_problems(body: bytes) -> list[str]:
    """What the validator would say of an Atom feed."""
    root = fromstring(body)  # noqa: S314 # we wrote it
    entries = root.findall(f"{ATOM}entry")
    links = Counter((e.get("rel"), e.get("type")) for e in root.findall(f"{ATOM}link"))
    dates = [one(e, f"{ATOM}{n}") for e in entries for n in ("updated", "published")]
    checks = {
        "InvalidNamespace": root.tag == f"{ATOM}feed",
        "MissingSelf": links["self", "application/atom+xml"] == 1,
        "DuplicateAtomLink": max(links.values()) == 1,
        "InvalidRFC3339Date": all(RFC_3339.fullmatch(d) for d in [one(root, f"{ATOM}updated"), *dates]),
        "InvalidFullLink": all(is_absolute(e.get("href")) for e in root.iter(f"{ATOM}link")),
        "InvalidLang": (root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
        in {"ar", "de", "en", "es", "fr"},
        "DuplicateEntries": len({one(e, f"{ATOM}id") for e in entries}) == len(entries),
        "InvalidTAG": all(one(e, f"{ATOM}id").startswith("urn:uuid:") for e in [root, *entries]),
        "MissingElement": all(one(e, f"{ATOM}title") for e in [root, *entries]),
        "MissingAuthor": bool(one(root, f"{ATOM}author/{ATOM}name")),
        "MissingContent": all(e.find(f"{ATOM}content[@type='html']") is not None for e in entries),
        "MissingAlternateLink": all(e.find(f"{ATOM}link[@rel='alternate']") is not None for e in entries),
        "BadCharacters": not BAD.search(body.decode()),
    }
    return [name for name, holds in checks.items() if not holds]


def rss_problems(body: bytes) -> list[str]:
    """What the validator would say of an RSS feed."""
    root = fromstring(body)  # noqa: S314 # we wrote it
    [channel] = root.findall("channel")
    items = channel.findall("item")
    selves = [e for e in channel.findall(f"{ATOM}link") if e.get("rel") == "self"]
    dates = [one(channel, "lastBuildDate"), *(one(i, "pubDate") for i in items)]
    checks = {
        "InvalidRSSVersion": root.get("version") == "2.0",
        "MissingElement": all(one(channel, n) for n in ("title", "link", "description", "language")),
        "MissingAtomSelfLink": len(selves) == 1,
        "InvalidFullLink": all(is_absolute(one(e, "link")) for e in [channel, *items]),
        "InvalidRFC2822Date": all(RFC_822.fullmatch(d) and parsedate_to_datetime(d) for d in dates),
        "DuplicateItems": len({one(i, "guid") for i in items}) == len(items),
        "InvalidPermalink": all(i.find("guid[@isPermaLink='false']") is not None for i in items),
        "MissingDescription": all(one(i, "title") and one(i, "description") for i in items),
        "BadCharacters": not BAD.search(body.decode()),
    }
    return [name for name, holds in checks.items() if not holds]


def json_problems(body: bytes) -> list[str]:
    """What JSON Feed 1.1 asks for and is not there."""
    feed = orjson.loads(body)
    items = feed["items"]
    checks = {
        "version": feed["version"] == "https://jsonfeed.org/version/1.1",
        "title": bool(feed["title"].strip()),
        "urls": is_absolute(feed["feed_url"]) and is_absolute(feed["home_page_url"]),
        "next_url": feed.get("next_url") != feed["feed_url"],
        "ids": len({i["id"] for i in items}) == len(items) and all(isinstance(i["id"], str) for i in items),
        "content": all(i["content_html"] and is_absolute(i["url"]) for i in items),
        "dates": all(RFC_3339.fullmatch(i[n]) for i in items for n in ("date_published", "date_modified")),
        "size": len(body) < 250_000,
        "characters": not BAD.search(body.decode()),
    }
    return [name for name, holds in checks.items() if not holds]


@pytest.mark.parametrize("seed", range(200))
def test_every_feed_is_valid(seed: int) -> None:
    """A reader that is strict about XML shows nothing at all of a feed with one bad character."""
    feed = generated(seed)

    assert (atom_problems(atom(feed)), rss_problems(rss(feed)), json_problems(json_feed(feed))) == (
        [],
        [],
        [],
    )


@pytest.mark.parametrize("seed", range(0, 200, 5))
@pytest.mark.parametrize("write", [atom, rss])
def test_what_was_written_is_read_back(seed: int, write: object) -> None:
    """Ids, addresses, times and texts, as the reader that most programs use finds them."""
    feed = generated(seed)
    assert callable(write)

    read = feedparser.parse(write(feed), sanitize_html=False, resolve_relative_uris=False)

    assert not read.bozo, read.get("bozo_exception")
    assert [entry.id for entry in read.entries] == [entry.entry_id for entry in feed.entries]
    assert [entry.link for entry in read.entries] == [entry.url for entry in feed.entries]
    assert [datetime.fromtimestamp(timegm(entry.published_parsed), UTC) for entry in read.entries] == [
        entry.published_at for entry in feed.entries
    ]
    bodies = [e.content[0].value if "content" in e else e.summary for e in read.entries]
    assert [_words(body) for body in bodies] == [_words(xml_text(entry.html)) for entry in feed.entries]


def _words(html: str) -> list[str]:
    return html.split()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda body: body.replace(b'rel="self"', b'rel="other"'), "MissingSelf"),
        (lambda body: re.sub(rb"T(\d\d:\d\d:\d\d)Z", rb" \1Z", body), "InvalidRFC3339Date"),
        (lambda body: re.sub(rb"urn:uuid:[0-9a-f-]+", b"urn:uuid:1", body), "DuplicateEntries"),
        (lambda body: body.replace(b"https://news.example", b""), "InvalidFullLink"),
        (lambda body: body.replace(b"</title>", "\x85</title>".encode(), 1), "BadCharacters"),
    ],
)
def test_the_rules_find_what_breaks_them(damage: object, problem: str) -> None:
    """A checker that passes everything would prove nothing."""
    assert callable(damage)

    assert problem in atom_problems(damage(atom(generated(3))))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


PAGE = """<!DOCTYPE html>
<html lang="ar" dir="rtl">
<head><style>
p { color: red; }
</style></head>
<body>
<div class="sheet">
<header class="masthead"></header>
<main id="articles">
<section class="items" aria-labelledby="items"><h2 id="items">في هذا العدد</h2>
<article id="item-1">
<h3 lang="en" dir="ltr"><a href="https://a.example/" rel="nofollow">One &lt;i&gt;</a></h3>
<p class="meta" onclick="x()"><bdi>samples</bdi> <time datetime="2026">now</time></p></article>
<details><summary>more</summary></details></section>
</main>
</div>
</body>
</html>
""".encode()


def test_a_feed_carries_what_readers_show_and_nothing_else() -> None:
    """Validators warn of all that is not on their lists; languages and directions stay."""
    seen = _Seen()
    html = feed_html(PAGE)
    seen.feed(html)

    assert seen.tags <= FEED_TAGS
    assert seen.attributes <= {"dir", "lang", "href"}
    assert html.startswith('<div lang="ar" dir="rtl">')
    assert '<a href="https://a.example/">One &lt;i&gt;</a>' in html


def test_a_page_is_taken_apart_and_its_articles_get_links() -> None:
    """The frozen bytes stand in the page as they are, with one link more for each article."""
    frozen = parse_frozen(PAGE)
    linked = with_histories(frozen.sheet, ["a/b"], "Text & history")

    assert (frozen.language, frozen.direction, frozen.style) == ("ar", "rtl", "\np { color: red; }\n")
    assert '<a href="/articles/a%2Fb">Text &amp; history</a></p></article>' in linked
    assert with_histories(frozen.sheet, ["a", "b"], "x") == frozen.sheet


def test_a_page_that_is_none_of_ours_is_cleaned() -> None:
    """What does not look like a frozen page is treated as if it came from outside."""
    frozen = parse_frozen(b"<h1>Digest</h1><script>alert(1)</script>")

    assert frozen.sheet == '<main id="articles"><h1>Digest</h1></main>'
    assert feed_html(None) == ""
