"""A digest for terminals and plain e-mail: 72 columns, corrections first, articles numbered."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from newsfeed.shown import UNKNOWN_LANGUAGE, plain, web_address
from services.publish.digests import AlsoReported, Digest, Item, Notice
from services.publish.wording import Wording

COLUMNS = 72


def plain_text(digest: Digest, wording: Wording) -> str:
    """The whole digest as text; only addresses and hashes may be longer than a line."""
    blocks = [_header(digest, wording)]
    if digest.notices:
        notices = "\n\n".join(_notice(notice, wording) for notice in digest.notices)
        blocks.append(f"{_heading(wording.frame.notices)}\n\n{notices}")
    blocks += _items(digest, wording)
    if not digest.items and not digest.notices:
        blocks.append(wording.frame.empty)
    if digest.more_count:
        ids = "\n".join(f"  {article_id}" for article_id in digest.more)
        blocks.append(f"{wording.count(wording.frame.more, digest.more_count)}:\n{ids}")
    blocks.append(f"{'-' * COLUMNS}\n{wording.frame.fingerprint}:\n{digest.sha256}")
    return "\n\n".join(blocks) + "\n"


def _header(digest: Digest, wording: Wording) -> str:
    number = wording.frame.number.format(number=digest.number)
    lines = [
        *_wrap(plain(digest.channel_title).upper()),
        *_wrap(f"{number} · {wording.day(digest.window.closed_at)}"),
        *_wrap(wording.period(digest.window.opened_at, digest.window.closed_at)),
        *_wrap(wording.count(wording.frame.articles, len(digest.items) + digest.more_count)),
    ]
    if revision := wording.revision(digest):
        lines += _wrap(revision)
    for sentence in wording.replacement(digest):
        lines += _wrap(sentence)
    return "\n".join(["=" * COLUMNS, *lines, "=" * COLUMNS])


def _heading(text: str) -> str:
    return "\n".join([*_wrap(text), "-" * min(len(text), COLUMNS)])


def _notice(notice: Notice, wording: Wording) -> str:
    title = f"{wording.notice_kind(notice)}: {wording.notice_title(notice)}"
    lines = [*_wrap(title, "  * ", "    "), *_wrap(wording.notice_reference(notice), "    ")]
    if notice.title is None:
        lines.append(f"    {plain(notice.article_id)}")
    return "\n".join(lines)


def _items(digest: Digest, wording: Wording) -> Iterator[str]:
    """Each item, the first of a bundle's section below the title of that."""
    section = None
    for number, item in enumerate(digest.items, start=1):
        if item.section is not None and item.section != section:
            yield _heading(plain(digest.section_title(item.section)))
        section = item.section
        yield _item(number, item, wording)


def _item(number: int, item: Item, wording: Wording) -> str:
    label = f"{number:2}. "
    indent = " " * len(label)
    lines = _wrap(plain(item.title or wording.missing(item)), label, indent)
    if item.develops:
        lines += _wrap(wording.frame.develops.format(digest=item.develops), indent)
    language = wording.language_name(item.language) if item.language != UNKNOWN_LANGUAGE else ""
    credit = " · ".join(plain(part) for part in (item.byline, item.source_id, language) if part)
    lines += _wrap(f"{credit} · {wording.dated(item)}", indent)
    if item.summary:
        lines += ["", *_wrap(plain(item.summary), indent)]
    if address := web_address(item.url):
        lines += ["", f"{indent}{address}"]
    if item.also:
        lines += ["", *_also(item.also, wording, indent)]
    lines += ["", *_named(wording.frame.topics, (topic.label for topic in item.topics), indent)]
    names = (entity.name for entity in item.entities)
    lines += _named(wording.frame.people_and_places, names, indent)
    reasons = wording.frame.comma.join(wording.reason(reason) for reason in item.why)
    lines += _wrap(f"{wording.frame.why}: {reasons}", indent)
    return "\n".join(lines)


def _also(others: Iterable[AlsoReported], wording: Wording, indent: str) -> list[str]:
    """Who else reports the same, one after the other, each with its address."""
    lines = _wrap(f"{wording.frame.also}:", indent)
    for one in others:
        title = plain(one.title or wording.missing(one))
        lines += _wrap(f"{plain(one.source_id)} · {title}", f"{indent}- ", f"{indent}  ")
        if address := web_address(one.url):
            lines.append(f"{indent}  {address}")
    return lines


def _named(label: str, names: Iterable[str], indent: str) -> list[str]:
    """A line of names, set apart by dots: the labels of topics have commas of their own."""
    joined = " · ".join(plain(name) for name in names)
    return _wrap(f"{label}: {joined}", indent) if joined else []


def _wrap(text: str, first: str = "", following: str | None = None) -> list[str]:
    """Lines of at most ``COLUMNS`` characters, indented by ``first`` and then by ``following``."""
    indent = first if following is None else following
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=indent, break_on_hyphens=False
    )
