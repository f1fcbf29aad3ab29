"""The frozen page of a digest, taken apart: to stand inside another page, or in a feed.

We made these pages, escaped and without scripts; a page that does not look like one of ours is cleaned
as if it came from outside.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from urllib.parse import quote

import nh3

ROOT = re.compile(r'<html lang="([a-z-]+)" dir="(ltr|rtl)">')
STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
SHEET = re.compile(r'<div class="sheet">\n(.*)</div>\n</body>', re.DOTALL)
REPLACEMENT = re.compile(r'(<p class="period replacement">)(.*?)(</p>)')
MAIN = re.compile(r"<main[^>]*>(.*)</main>", re.DOTALL)

FEED_TAGS = {"a", "b", "cite", "code", "div", "h2", "h3", "li", "p", "span", "ul"}
FEED_ATTRIBUTES = {"*": {"dir", "lang"}, "a": {"href"}}
"""What readers of feeds show and validators take; ``lang`` and ``dir`` keep right-to-left texts readable."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A page in parts; ``style`` is its style sheet and ``sheet`` all that is seen."""

    language: str
    direction: str
    style: str
    sheet: str

    @property
    def style_source(self) -> str:
        """What a Content-Security-Policy calls the style sheet."""
        return f"'sha256-{b64encode(sha256(self.style.encode()).digest()).decode()}'"


def parse_frozen(page: bytes) -> Frozen:
    """Take a page apart."""
    text = page.decode(errors="replace")
    root, style, sheet = ROOT.search(text), STYLE.search(text), SHEET.search(text)
    if not (root and style and sheet):
        return Frozen("en", "ltr", "", f'<main id="articles">{nh3.clean(text)}</main>')
    return Frozen(root[1], root[2], style[1], sheet[1])


def with_histories(sheet: str, article_ids: Sequence[str], label: str) -> str:
    """The sheet with a link to each article's own page at its end, if it shows exactly these articles."""
    parts = sheet.split("</article>")
    if len(parts) != len(article_ids) + 1:
        return sheet
    links = [
        f'<p class="meta history"><a href="/articles/{quote(one, safe="")}">{escape(label)}</a></p></article>'
        for one in article_ids
    ]
    return "".join(part + link for part, link in zip(parts, [*links, ""], strict=True))


def with_replacements(sheet: str, numbers: Sequence[int], page_url: str) -> str:
    """The sheet with a link in each sentence about a digest that replaces another, in their order."""
    parts, left = REPLACEMENT.split(sheet), iter(numbers)
    if len(parts) != 4 * len(numbers) + 1:
        return sheet
    for at in range(2, len(parts), 4):
        parts[at] = f'<a href="{escape(page_url)}/digests/{next(left)}">{parts[at]}</a>'
    return "".join(parts)


def feed_html(page: bytes | None) -> str:
    """The articles and notices of a page as a fragment for feeds; empty for a page that is gone."""
    if page is None:
        return ""
    text = page.decode(errors="replace")
    root, main = ROOT.search(text), MAIN.search(text)
    clean = nh3.clean(main[1] if main else text, tags=FEED_TAGS, attributes=FEED_ATTRIBUTES, link_rel=None)
    lines = "\n".join(line.strip() for line in clean.splitlines() if line.strip())
    return f'<div lang="{root[1]}" dir="{root[2]}">{lines}</div>' if root else f"<div>{lines}</div>"
