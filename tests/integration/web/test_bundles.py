"""What the web shows of a channel made of channels: its members, its sections, and its feeds."""

from __future__ import annotations

import re
from typing import Any

import feedparser
import httpx2
import pytest
from lxml import html

from newsfeed.bundles import assembled
from newsfeed.channel_tables import load_channels
from newsfeed.definitions import in_force
from newsfeed.eventlog import EventLog
from newsfeed.testing.facts import document
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher
from services.web.desk import Desk

BUNDLE = """
[[channels]]
name = "bridges"
title = "Bridges & <ferries>"
every_seconds = 60
query = "bridge"

[[channels]]
name = "majalla"
title = "المجلة"
every_seconds = 60
language = "ar"
bundle = ["bridges", "latest"]
"""


def found(page: str, path: str) -> Any:  # noqa: ANN401 # what XPath gives depends on the path
    """What an XPath finds in a page."""
    return html.fromstring(page).xpath(path)


@pytest.fixture
async def digest(log: EventLog, desk: Desk) -> None:
    """Digest 1 of the bundle: a bridge in one section, a fair in the other."""
    config = desk.settings.config
    config.write_text(config.read_text(encoding="utf-8") + BUNDLE, encoding="utf-8")
    timeline = Timeline(log)
    await timeline.at(1)
    await timeline.article("bridge", 1, document("Bridge opens", "It is open."))
    await timeline.article("fair", 1, document("Fair tonight", "In the park."))
    channel = assembled(load_channels(config))["majalla"]
    await ChannelPublisher(log, channel, ancestors).publish_due(moment(61))


@pytest.mark.usefixtures("digest")
async def test_the_front_page_names_what_a_bundle_is_made_of(client: httpx2.AsyncClient) -> None:
    """In its order, each with a link; programs are told the same."""
    page = (await client.get("/")).text
    listed = (await client.get("/api/channels")).json()["channels"]

    links = found(page, "//p[@class='bundle']/a")
    assert [(one.get("href"), one.text_content()) for one in links] == [
        ("/channels/bridges", "Bridges & <ferries>"),
        ("/channels/latest", "Latest <b>"),
    ]
    assert {one["name"]: one["bundle"] for one in listed} == {
        "latest": [],
        "akhbar": [],
        "bridges": [],
        "majalla": ["bridges", "latest"],
    }


@pytest.mark.usefixtures("digest")
@pytest.mark.parametrize("path", ["/channels/majalla", "/channels/majalla/digests/1"])
async def test_a_page_shows_the_sections_and_links_every_article(
    client: httpx2.AsyncClient, path: str
) -> None:
    """With the history of each article below it, whatever section it is in."""
    page = (await client.get(path)).text

    headings = found(page, "//section[@class='items']//*[self::h2 or self::h3]")
    shown = [one.text_content().strip() for one in headings]
    assert shown[1:] == ["Bridges & <ferries>", "Bridge opens", "Latest <b>", "Fair tonight"]
    assert found(page, "//p[contains(@class, 'history')]/a/@href") == ["/articles/bridge", "/articles/fair"]


@pytest.mark.usefixtures("digest")
async def test_feeds_have_the_sections_as_categories(client: httpx2.AsyncClient) -> None:
    """And as headings in the text of the entry; those of other channels have neither."""
    atom, rss, feed = [await client.get(f"/channels/majalla.{kind}") for kind in ("atom", "rss", "json")]
    [entry] = feedparser.parse(atom.content).entries
    [item] = feedparser.parse(rss.content).entries
    [post] = feed.json()["items"]

    assert [(tag.term, tag.label) for tag in entry.tags] == [
        ("bridges", "Bridges & <ferries>"),
        ("latest", "Latest <b>"),
    ]
    assert [tag.term for tag in item.tags] == post["tags"] == ["Bridges & <ferries>", "Latest <b>"]
    assert re.findall("<h2[^>]*>([^<]*)</h2>", post["content_html"])[1:] == [
        "Bridges &amp; &lt;ferries&gt;",
        "Latest &lt;b&gt;",
    ]


async def test_a_bundle_is_defined_over_http_and_goes_on_without_a_member(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    """The version in the answer is that of its digests: it covers the members."""
    bearer = {"authorization": f"Bearer {desk.links.editors_token()}"}
    for name in ("ferries", "boats"):
        await client.put(f"/api/channels/{name}", json={"every_seconds": 60}, headers=bearer)
    morning = {"every_seconds": 60, "bundle": ["ferries", "boats"]}
    first = await client.put("/api/channels/morning", json=morning, headers=bearer)
    await client.put("/api/channels/boats", json={"every_seconds": 60, "query": "boat*"}, headers=bearer)
    again = await client.put("/api/channels/morning", json=morning, headers=bearer)
    retired = await client.delete("/api/channels/boats", headers=bearer)

    assert (first.status_code, first.json()["bundle"]) == (201, ["ferries", "boats"])
    assert (again.status_code, again.json()["changed"]) == (200, False)
    assert first.json()["version"] != again.json()["version"]
    assert retired.json() == {"name": "boats", "status": "retired", "bundles": ["morning"]}
    assert in_force(await desk.registry(), {})["morning"].channel.version != again.json()["version"]


@pytest.mark.parametrize(
    ("name", "bundle", "said"),
    [
        ("evening", ["latst"], "there is no channel 'latst'; did you mean 'latest'?"),
        ("evening", ["evening"], "a bundle is not made of itself"),
        ("evening", ["morning"], "'morning' is a bundle itself: name what it is made of (ferries)"),
        ("ferries", ["latest"], "the bundle 'morning' is made of it"),
    ],
)
async def test_a_bundle_that_cannot_be_is_refused_over_http(
    client: httpx2.AsyncClient, desk: Desk, name: str, bundle: list[str], said: str
) -> None:
    bearer = {"authorization": f"Bearer {desk.links.editors_token()}"}
    for known, made_of in (("ferries", []), ("morning", ["ferries"])):
        table = {"every_seconds": 60, "bundle": made_of}
        assert (await client.put(f"/api/channels/{known}", json=table, headers=bearer)).status_code == 201

    answer = await client.put(
        f"/api/channels/{name}", json={"every_seconds": 60, "bundle": bundle}, headers=bearer
    )

    assert answer.status_code == 422
    assert said in answer.json()["error"]
