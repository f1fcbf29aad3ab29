"""Markdown: front matter in two languages, and a text that keeps its headings and links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.ingest.article import Article, ReadingHint, Rejection
from services.ingest.formats import markdown

POST = """---
id: ferry-1
title: Ferry back
description: The ferry runs again.
author: [Ann Lee, {name: Bo Ray}]
date: 2024-03-05T10:15:00+01:00
lastmod: 2024-03-06
lang: en_gb
tags: [ferry, islands]
categories: medtop:20001108
canonical: https://news.example/ferry
urgency: 3
---
# Ferry back

PORT ELLIS (NCN) — The **ferry** is [back](/timetable).

## What it costs

- adults: two
- children: one
"""


def read(text: str) -> Article:
    return markdown.parse(text.encode(), ReadingHint(language="de")).articles[0]


def test_front_matter_becomes_the_fields_of_the_article() -> None:
    article = read(POST)

    document = article.document
    assert (document.title, document.summary, document.authors) == (
        "Ferry back",
        "The ferry runs again.",
        ("Ann Lee", "Bo Ray"),
    )
    assert article.published_at == datetime(2024, 3, 5, 9, 15, tzinfo=UTC)
    assert (article.local_id, article.language, article.urgency) == ("ferry-1", "en-GB", 3)
    assert article.topics == ("medtop:20001108",)
    assert document.url == "https://news.example/ferry"
    assert "time_zone_assumed" in article.warnings


def test_the_text_has_paragraphs_headings_and_links_and_no_marks() -> None:
    document = read(POST).document

    assert document.body.split("\n\n") == [
        "The ferry is back.",
        "What it costs",
        "adults: two",
        "children: one",
    ]
    assert document.headings == (1,)
    assert [link.href for link in document.links] == ["https://news.example/timetable"]
    assert document.dateline is not None
    assert document.dateline.place == "PORT ELLIS"


def test_toml_front_matter_is_read() -> None:
    article = read("+++\ntitle = 'Ferry back'\ndate = 2024-03-05T10:15:00Z\n+++\nIt runs.\n")

    assert article.document.title == "Ferry back"
    assert article.published_at == datetime(2024, 3, 5, 10, 15, tzinfo=UTC)


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    document = read("# Ferry back\n\nIt runs.\n").document

    assert (document.title, document.body, document.title_derived) == ("Ferry back", "It runs.", False)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("draft: true", "withheld"),
        ("status: withdrawn", "canceled"),
        ("status: live", "usable"),
        ("published: false", "withheld"),
    ],
)
def test_a_status_is_understood(line: str, status: str) -> None:
    assert read(f"---\ntitle: Ferry\n{line}\n---\nIt runs.\n").status == status


def test_norwegian_is_not_a_refusal() -> None:
    assert read("---\ntitle: Ferje\nlang: no\n---\nDen går.\n").language == "no"


def test_scripts_and_handlers_do_not_reach_the_html() -> None:
    html = (
        read(
            "Text <script>alert(1)</script> <a href='javascript:x()' onclick='y()'>go</a>\n"
        ).document.body_html
        or ""
    )

    assert "script" not in html
    assert "onclick" not in html


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("---\ntitle: [open\n---\nText\n", "corrupt"),
        ("---\ntitle: never closed\n", "corrupt"),
        ("---\n- a\n- list\n---\nText\n", "corrupt"),
        ("+++\ntitle = \n+++\nText\n", "corrupt"),
        ("---\na: &a [x, x]\nb: [*a, *a]\n---\nText\n", "yaml_alias"),
        ("---\ntitle: " + "x" * 70_000 + "\n---\nText\n", "front_matter_too_large"),
        ("---\na: " + "[" * 5_000 + "\n---\nText\n", "corrupt"),
    ],
)
def test_broken_front_matter_is_rejected_without_quoting_it(text: str, reason: str) -> None:
    with pytest.raises(Rejection) as caught:
        read(text)

    assert caught.value.reason == reason
    assert "never" not in caught.value.detail


def test_an_alias_bomb_of_254_bytes_is_refused() -> None:
    levels = "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(7)
    )

    with pytest.raises(Rejection, match="yaml_alias"):
        read(f"---\na: &a [x,x,x,x,x,x,x,x,x]\n{levels}---\nText\n")
