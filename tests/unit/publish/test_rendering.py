"""The bytes that go out: the same every time, readable everywhere, and never somebody else's markup."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import get_args

import orjson
import pytest
from lxml import html as lxml_html

from newsfeed.channels import Channel, FrameLanguage
from newsfeed.shown import web_address
from newsfeed.testing.builders import document, enrichment, ingested, revised, sha256_of, withdrawn
from newsfeed.values import Range, Window
from services.publish.candidates import Candidate, Delivered, Withdrawal
from services.publish.composing import compose
from services.publish.digests import Digest
from services.publish.plaintext import COLUMNS
from services.publish.rendering import render

MakeCandidate = Callable[..., Candidate]
Told = Callable[[int, int, str | None], Delivered]

WINDOW = Window(
    opened_at=datetime(2026, 3, 28, 7, tzinfo=UTC),
    closed_at=datetime(2026, 3, 29, 6, tzinfo=UTC),
    ranges=(Range(partition=0, after=0, through=9),),
)
HOSTILE = "<script>alert('x')</script> \"quoted\" & <img src=x onerror=alert(1)>"
RAW = re.compile(r"<script|<img|onerror=\"|javascript:", re.IGNORECASE)


def _channel(language: str = "en", **fields: object) -> Channel:
    return Channel.model_validate(
        {
            "name": "morning",
            "title": "The Morning Digest",
            "cron": "0 8 * * *",
            "time_zone": "Europe/Paris",
            "language": language,
            "on_empty": "send",
            **fields,
        }
    )


def _digest(
    channel: Channel,
    candidates: Sequence[Candidate] = (),
    withdrawals: Sequence[Withdrawal] = (),
    delivered: Mapping[str, Delivered] | None = None,
) -> Digest:
    digest = compose(
        channel, 42, "1774764000000-0", WINDOW, candidates, withdrawals, delivered or {}, lambda _: ()
    )
    assert digest is not None
    return digest


def _page(digest: Digest, channel: Channel) -> lxml_html.HtmlElement:
    return lxml_html.document_fromstring(render(digest, channel)["html"])


@pytest.fixture(scope="session")
def full(candidate: MakeCandidate, told: Told) -> Callable[[Channel], Digest]:
    """A digest with all that a digest can have, for a channel of two items at most."""
    found = enrichment("fr", topics={"medtop:11000000": 0.9}, entities={"wikidata:Q90": 0.8})
    candidates = [
        candidate(ingested("a"), document("Un titre", url="https://example.org/a", byline="Luc"), found),
        candidate(ingested("b"), erased=True),
        candidate(ingested("c")),
        candidate(revised("d"), document("Another title")),
    ]
    known = {article_id: told(41, 1, sha256_of("text")) for article_id in "de"}
    return lambda channel: _digest(channel, candidates, [Withdrawal(withdrawn("e"), 0)], known)


@pytest.mark.parametrize("language", get_args(FrameLanguage))
def test_a_digest_is_rendered_in_every_frame_language(
    full: Callable[[Channel], Digest], language: str
) -> None:
    """Every word of every table is used once, dates included."""
    channel = _channel(language, max_items=2)
    rendered = render(full(channel), channel)

    assert set(rendered) == {"json", "text", "html"}
    assert "2026" in rendered["text"].decode()
    assert (
        f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in rendered["html"].decode()
    )


def test_rendering_is_the_same_byte_for_byte(full: Callable[[Channel], Digest]) -> None:
    """Every retry, resend, feed and page uses the same bytes."""
    channel = _channel()

    assert render(full(channel), channel) == render(full(channel), channel)


def test_the_json_is_the_digest_with_sorted_keys_and_its_own_hash(full: Callable[[Channel], Digest]) -> None:
    """A subscriber can check what arrived."""
    channel = _channel()
    body = render(full(channel), channel)["json"]
    content = orjson.loads(body)

    assert body == orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    sealed = content.pop("sha256")
    assert sealed == hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert (content["published_at"], content["stream_id"]) == ("2026-03-29T06:00:00Z", "1774764000000-0")


def test_the_text_reads_notices_first_and_articles_by_number(full: Callable[[Channel], Digest]) -> None:
    """In a terminal and in a plain e-mail."""
    channel = _channel(max_items=2)
    text = render(full(channel), channel)["text"].decode()

    order = [
        "THE MORNING DIGEST",
        "No. 42",
        "Retraction",
        "Correction: Another title",
        " 1. ",
        " 2. ",
        "And 1 more",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)
    assert "28 March 2026, 08:00 – 29 March 2026, 08:00 (Paris)" in text
    assert "https://example.org/a" in text


def test_the_text_keeps_to_its_columns(candidate: MakeCandidate) -> None:
    """Mail programs wrap longer lines, and not at words."""
    text = document("A very long title " * 12, "A very long body. " * 30, byline="A. B. " * 30)
    channel = _channel()
    lines = render(_digest(channel, [candidate(ingested(), text)]), channel)["text"].decode().splitlines()

    assert max(len(line) for line in lines) <= COLUMNS


def test_hostile_texts_stay_texts(candidate: MakeCandidate) -> None:
    """Titles, names, bylines and addresses come from outside."""
    text = document(HOSTILE, HOSTILE, byline=HOSTILE, url="javascript:alert(1)")
    found = enrichment(topics={"medtop:11000000": 0.5}, entities={f"local:{HOSTILE}": 0.5})
    channel = _channel(title=HOSTILE, description=HOSTILE)
    event = ingested(f"id {HOSTILE}", source_id=HOSTILE)
    digest = _digest(channel, [candidate(event, text, found)])
    page = _page(digest, channel)

    assert RAW.search(render(digest, channel)["html"].decode()) is None
    assert page.xpath("//script | //img | //article//a | //@onerror") == []
    assert page.xpath("string(//article//h3)") == " ".join(HOSTILE.split())


@pytest.mark.parametrize(
    ("url", "is_linked"),
    [
        ("https://example.org/a?b=c&d=%22", True),
        ("http://example.org", True),
        ("HTTPS://example.org", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org/a", False),
        ("/relative", False),
        ("https:///nohost", False),
        ("http://[broken", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_linked(url: str | None, is_linked: bool) -> None:
    """Everything else would be code, a file, or a place on the wrong site."""
    assert web_address(url) == (url if is_linked else None)


@pytest.mark.parametrize(
    ("language", "lang", "direction"),
    [
        ("en", "en", "ltr"),
        ("ar", "ar", "rtl"),
        ("he", "he", "rtl"),
        ("fa", "fa", "rtl"),
        ("ur", "ur", "rtl"),
        ("und", "", "auto"),
    ],
)
def test_every_article_says_its_language_and_direction(
    candidate: MakeCandidate, language: str, lang: str, direction: str
) -> None:
    """Browsers choose fonts, hyphens and voices by them."""
    channel = _channel()
    (article,) = _page(_digest(channel, [candidate(ingested(), found=enrichment(language))]), channel).xpath(
        "//article"
    )

    assert (article.get("lang"), article.get("dir")) == (lang, direction)
    assert {part.get("lang") for part in article.find_class("meta")} == {"en"}


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(full: Callable[[Channel], Digest]) -> None:
    """It works as a file, in an archive and in a mail; landmarks and headings lead through it."""
    channel = _channel(max_items=2)
    digest = full(channel)
    page = _page(digest, channel)

    assert page.xpath("//script | //link | //img | //iframe | //style[contains(., 'url(')]") == []
    assert [len(page.xpath(f"//{tag}")) for tag in ("header", "main", "footer", "h1", "article")] == [
        1,
        1,
        1,
        1,
        2,
    ]
    assert [page.get_element_by_id(ref).tag for ref in page.xpath("//@aria-labelledby")] == [
        "h2",
        "h2",
        "h3",
        "h3",
    ]
    assert page.xpath("string(//footer//code)") == digest.sha256


def test_control_characters_do_not_reach_terminal_or_page(candidate: MakeCandidate) -> None:
    """An escape sequence could repaint a terminal, an override could turn a page around."""
    channel = _channel()
    text = document("Red \x1b[31malert\u202e end", "Body.\x07")
    rendered = render(_digest(channel, [candidate(ingested(), text)]), channel)

    assert "Red [31malert end" in rendered["text"].decode()
    for body in (rendered["text"].decode(), rendered["html"].decode()):
        assert not set(body) & set("\x1b\x07\u202e")


def test_an_empty_digest_says_that_there_is_nothing_new() -> None:
    """Silence worries."""
    channel = _channel()
    rendered = render(_digest(channel), channel)

    assert "Nothing new in this period." in rendered["text"].decode()
    assert "Nothing new in this period." in rendered["html"].decode()


@pytest.mark.parametrize(
    ("count", "expected"), [(1, "مقالة واحدة"), (2, "مقالتان"), (3, "3 مقالات"), (11, "11 مقالة")]
)
def test_arabic_counts_in_its_own_plural_forms(candidate: MakeCandidate, count: int, expected: str) -> None:
    """It has six of them."""
    channel = _channel("ar")
    digest = _digest(channel, [candidate(ingested(f"article-{number}")) for number in range(count)])

    assert f"<span>{expected}</span>" in render(digest, channel)["html"].decode()
