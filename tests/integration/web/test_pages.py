"""Pages and feeds of digests that a publisher brought out: what a reader sees, and may rely on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lxml import html

from newsfeed.channel_tables import load_channels
from newsfeed.eventlog import EventLog
from newsfeed.eventlog.erasure import erase, redact_all, texts_of
from newsfeed.eventlog.registry_log import RegistryLog
from newsfeed.testing.facts import NOON, document
from newsfeed.testing.registering import subscription_created
from newsfeed.testing.timeline import Timeline, moment
from newsfeed.vocabulary import ancestors
from services.publish.publisher import ChannelPublisher
from services.web.desk import Desk

pytestmark = pytest.mark.by_turns

HTML = {"accept": "text/html"}


def found(tree: html.HtmlElement, path: str) -> Any:  # noqa: ANN401 # what XPath gives depends on the path
    """What an XPath finds in a page."""
    return tree.xpath(path)


class Newsroom:
    """Articles, and digests of both channels a minute apart."""

    def __init__(self, log: EventLog, config: Path) -> None:
        self.timeline = Timeline(log)
        self._publishers = [ChannelPublisher(log, one, ancestors) for one in load_channels(config)]
        self._minute = 0

    async def minute(self) -> None:
        """Bring out what there is."""
        self._minute += 1
        for publisher in self._publishers:
            await publisher.publish_due(moment(60 * self._minute + 1))
        await self.timeline.at(60 * self._minute + 1)


@pytest.fixture
async def newsroom(log: EventLog, desk: Desk) -> Newsroom:
    """Digest 1 of each channel: a bridge and a fair."""
    room = Newsroom(log, desk.settings.config)
    await room.timeline.at(1)
    await room.timeline.article("bridge", 1, document("Bridge <opens>", "It is open."))
    await room.timeline.article("fair", 1, document("Fair tonight", "In the park."))
    await room.minute()
    return room


@pytest.mark.usefixtures("newsroom")
async def test_the_front_page_names_every_channel_and_every_address(client: httpx2.AsyncClient) -> None:
    """Who came to subscribe must not have to guess an address."""
    page = (await client.get("/")).text
    tree = html.fromstring(page)

    links = set(found(tree, "//a/@href"))
    assert {
        f"http://news.example/channels/latest{x}" for x in ("", ".atom", ".rss", ".json", "/events")
    } <= links
    assert "newsfeed:digests:akhbar" in page
    assert found(tree, "//h2[@lang='ar' and @dir='rtl']/a/text()") == ["أخبار العالم"]
    assert "Latest &lt;b&gt;" in page


@pytest.mark.parametrize(
    "path",
    ["/", "/channels/latest", "/channels/akhbar", "/channels/akhbar/digests/1", "/articles/bridge", "/nope"],
)
@pytest.mark.usefixtures("newsroom")
async def test_every_page_can_be_read_by_everybody_and_runs_nothing(
    client: httpx2.AsyncClient, path: str
) -> None:
    """A language, a title, one main part, one heading, a way past the menu; and no script at all."""
    response = await client.get(path, headers=HTML)
    tree = html.fromstring(response.content)

    assert found(tree, "string(/html/@lang)") in {"en", "ar"}
    assert found(tree, "string(/html/@dir)") == ("rtl" if found(tree, "/html[@lang='ar']") else "ltr")
    assert found(tree, "string(//title)").strip()
    assert [len(found(tree, f"//{tag}")) for tag in ("main", "h1")] == [1, 1]
    assert found(tree, "//a[@class='skip']/@href") == ["#" + found(tree, "string(//main/@id)")]
    assert len(found(tree, "//@id")) == len(set(found(tree, "//@id")))
    assert not found(tree, "//script | //iframe | //@onclick | //@style")
    policy = response.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert "unsafe" not in policy
    assert len(found(tree, "//style")) == policy.count("sha256-")
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.usefixtures("newsroom")
async def test_a_digest_stands_where_it_was_frozen(client: httpx2.AsyncClient, desk: Desk) -> None:
    """Its page is made of the bytes that went out, with one link more for each article."""
    page = (await client.get("/channels/latest/digests/1")).text
    frozen = (await desk.shelf("latest").log.current_bodies(1))["html"].decode()

    sheet = frozen.partition('<div class="sheet">\n')[2].partition("</div>\n</body>")[0]
    assert sheet in re.sub(r'<p class="meta history">.*?</p>', "", page)
    assert page.count('href="/articles/') == 2


async def test_a_corrected_digest_says_by_which_it_was(
    newsroom: Newsroom, client: httpx2.AsyncClient
) -> None:
    """Who comes to an old digest by a link must see that a later one knows better."""
    await client.get("/channels/latest/digests/1")
    await newsroom.timeline.article("bridge", 2, document("Bridge closed", "It is closed."))
    await newsroom.minute()

    tree = html.fromstring((await client.get("/channels/latest/digests/1")).content)
    newer = html.fromstring((await client.get("/channels/latest/digests/2")).content)

    assert found(tree, "//aside//a/@href") == ["/channels/latest/digests/2"]
    assert found(tree, "//link[@rel='next']/@href") == ["/channels/latest/digests/2"]
    assert not found(newer, "//aside")
    assert found(newer, "//link[@rel='prev']/@href") == ["/channels/latest/digests/1"]
    assert "Bridge closed" in found(newer, "string(//section[@class='notices'])")


async def test_a_retracted_article_leaves_a_tombstone_everywhere(
    newsroom: Newsroom, client: httpx2.AsyncClient
) -> None:
    """Page, archive, feeds and API show the revision; the entry keeps its id and is newer."""
    before = (await client.get("/channels/latest.json")).json()["items"][0]
    await newsroom.timeline.withdraw("fair", 2)
    await newsroom.minute()

    paths = ["", ".atom", ".rss", ".json", "/digests/1"]
    pages = [(await client.get(f"/channels/latest{path}")).text for path in paths]
    pages.append((await client.get("/api/channels/latest/digests")).text)
    pages.append((await client.get("/articles/fair", headers=HTML)).text)
    after = (await client.get("/channels/latest.json")).json()["items"][1]

    assert [page.count("Fair tonight") for page in pages] == [0] * 7
    assert "withdrawn" in pages[4]
    assert (after["id"], after["date_published"]) == (before["id"], before["date_published"])
    assert after["date_modified"] > before["date_modified"]


async def test_digests_that_replace_each_other_lead_to_each_other(
    newsroom: Newsroom, client: httpx2.AsyncClient, log: EventLog
) -> None:
    """Somebody still waits for digest 1 when an article of it is withdrawn."""
    made = subscription_created("ada", transport="scripted").model_copy(update={"occurred_at": moment(0)})
    await RegistryLog(log.redis).change(lambda _: [made])
    await newsroom.timeline.withdraw("fair", 2)
    await newsroom.minute()

    old = html.fromstring((await client.get("/channels/latest/digests/1")).text)
    new = html.fromstring((await client.get("/channels/latest/digests/2")).text)
    entries = (await client.get("/channels/latest.json")).json()["items"]

    link = "//p[contains(@class, 'replacement')]/a/@href"
    assert found(old, link) == ["/channels/latest/digests/2"]
    assert found(new, link) == ["/channels/latest/digests/1"]
    assert entries[0]["id"] != entries[1]["id"]
    assert 'href="http://news.example/channels/latest/digests/2"' in entries[1]["content_html"]
    assert 'href="http://news.example/channels/latest/digests/1"' in entries[0]["content_html"]
    assert entries[1]["date_modified"] > entries[1]["date_published"]


async def test_an_erased_text_is_told_nowhere(
    newsroom: Newsroom, client: httpx2.AsyncClient, log: EventLog
) -> None:
    """What must be forgotten must not live on in a cache of ours."""
    for path in (".atom", ".json", "/digests/1"):
        assert "Fair tonight" in (await client.get(f"/channels/latest{path}")).text
    await erase_article(log, "fair")
    await newsroom.minute()

    for path in ("", ".atom", ".rss", ".json", "/digests/1"):
        assert "Fair tonight" not in (await client.get(f"/channels/latest{path}")).text
    assert "In the park" not in (await client.get("/articles/fair", headers=HTML)).text


async def erase_article(log: EventLog, article_id: str) -> None:
    """Take it down, as the operator's command does."""
    await erase(log, await texts_of(log, article_id), "order 1", NOON)
    await redact_all(log.redis, [article_id])


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
async def test_a_feed_that_did_not_change_is_not_sent_again(
    newsroom: Newsroom, client: httpx2.AsyncClient, kind: str
) -> None:
    """Readers ask every few minutes; a change is seen by tag and by date."""
    first = await client.get(f"/channels/latest.{kind}")
    tag, date = first.headers["etag"], first.headers["last-modified"]

    same = await client.get(f"/channels/latest.{kind}", headers={"if-none-match": f'"x", W/{tag}'})
    dated = await client.get(f"/channels/latest.{kind}", headers={"if-modified-since": date})
    await newsroom.timeline.article("rain", 1, document("Rain", "All day."))
    await newsroom.minute()
    changed = await client.get(
        f"/channels/latest.{kind}", headers={"if-none-match": tag, "if-modified-since": date}
    )

    assert (first.status_code, same.status_code, dated.status_code, changed.status_code) == (
        200,
        304,
        304,
        200,
    )
    assert (same.content, same.headers["etag"]) == (b"", tag)
    assert changed.headers["etag"] != tag
    assert f'<http://news.example/channels/latest.{kind}>; rel="self"' in first.headers["link"]


async def test_the_pages_of_a_feed_hold_every_digest_once(
    newsroom: Newsroom, client: httpx2.AsyncClient, desk: Desk
) -> None:
    """Old digests are behind `next_url`, and the chain has an end."""
    for number in range(6):
        await newsroom.timeline.article(f"news-{number}")
        await newsroom.minute()
    desk.settings = desk.settings.model_copy(update={"feed_digests": 3})

    url, titles = "http://news.example/channels/latest.json", list[str]()
    while url:
        feed = (await client.get(url)).json()
        titles += [item["title"] for item in feed["items"]]
        url = feed.get("next_url", "")

    assert [title.partition(" · ")[0] for title in titles] == [f"No. {number}" for number in range(7, 0, -1)]


async def test_a_page_of_a_json_feed_is_no_larger_than_readers_take(
    newsroom: Newsroom, client: httpx2.AsyncClient
) -> None:
    """However much was said: by quotes, which JSON doubles, and by titles without an end."""
    for number in range(3):
        text = document('"' * 9000, f'"{number}" ' * 3000)
        for part in range(9):
            await newsroom.timeline.article(f"long-{number}-{part}", 1, text)
        await newsroom.minute()

    pages = [await client.get("/channels/latest.json")]
    while url := pages[-1].json().get("next_url"):
        pages.append(await client.get(url))

    assert max(len(page.content) for page in pages) < 250_000
    assert sum(len(page.json()["items"]) for page in pages) == 4
    assert len(pages) > 1


async def test_asking_only_for_the_head_of_events_does_not_listen(client: httpx2.AsyncClient) -> None:
    """A program that looks whether an address is good must get an end."""
    answer = await client.head("/channels/latest/events")

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/channels/nope",
        "/channels/latest/digests/9",
        "/channels/latest/digests/0",
        "/channels/latest/digests/x",
        "/channels/latest.atom2",
        "/channels/nope.atom",
        "/articles/nope",
        "/articles/bridge?version=9",
        "/confirm?token=x",
    ],
)
@pytest.mark.usefixtures("newsroom")
async def test_what_is_not_there_is_not_found(client: httpx2.AsyncClient, path: str) -> None:
    """In the form that was asked for: a page for people, JSON for programs."""
    page, data = await client.get(path, headers=HTML), await client.get(path)

    assert (page.status_code, data.status_code) == (404, 404)
    assert page.headers["content-type"].startswith("text/html")
    assert "error" in data.json()


async def test_an_article_has_its_versions(newsroom: Newsroom, client: httpx2.AsyncClient) -> None:
    """A reader of digest 1 can see what was corrected."""
    await newsroom.timeline.article("bridge", 2, document("Bridge closed", "It is closed."))

    now = (await client.get("/articles/bridge", headers=HTML)).text
    then = (await client.get("/articles/bridge?version=1", headers=HTML)).text
    data = (await client.get("/api/articles/bridge")).json()

    assert ("Bridge closed" in now, "Bridge closed" in then) == (True, False)
    assert "Bridge &lt;opens&gt;" in then
    assert (data["version"], data["content"]["text"]) == (2, "Bridge closed\n\nIt is closed.")
    assert data["history"][0]["type"] == "article.ingested"


@pytest.mark.usefixtures("newsroom")
async def test_the_api_gives_the_very_bytes(client: httpx2.AsyncClient, desk: Desk) -> None:
    """A digest has one sha256, whichever way it was fetched."""
    body = (await client.get("/api/channels/latest/digests/1")).content
    listed = (await client.get("/api/channels/latest/digests")).json()
    channels = (await client.get("/api/channels")).json()["channels"]

    assert body == await desk.shelf("latest").log.public_body(1)
    assert ([one["number"] for one in listed["digests"]], listed["next"]) == ([1], None)
    assert [one["name"] for one in channels] == ["latest", "akhbar"]
    assert (await client.get("/health")).json() == {"status": "ok", "listeners": 0}
