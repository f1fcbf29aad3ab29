"""From a file to a fact: what an editor does to the folder, and what the log says of it."""

from __future__ import annotations

import os

import pytest

from newsfeed.events import ArticleDuplicated, ArticleIngested, ArticleRevised, SeedRejected
from tests.integration.ingest.desk import BROKEN, DUPLICATED, INGESTED, REJECTED, Desk, feed, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

PAGE = """<html><head><title>Market</title></head><body><article><h1>Market</h1>
<p>The market opens on Sunday. It has sixty stalls and a stage for music.</p></article></body></html>"""


async def test_files_of_every_format_become_articles(desk: Desk) -> None:
    """Drop a file, get an article: the first promise of all."""
    desk.save("a.txt", story("Ferry"))
    desk.save("b.md", "# Bridge\n\nThe bridge is open again. It was closed for a year.\n")
    desk.save("c.xml", feed(("1", "The first thing happened today."), ("2", "The second thing happened.")))
    desk.save("d.json", '{"uri": "urn:x", "type": "text", "headline": "Tram", "body_text": "The tram runs."}')
    desk.save("e.html", PAGE)

    await desk.ingest()

    paths = ["a.txt", "b.md", "c.xml", "c.xml", "d.json", "e.html"]
    assert await desk.told() == [(INGESTED, path) for path in paths]


async def test_a_file_that_arrives_later_is_found(desk: Desk) -> None:
    """The folder is watched, not read once."""
    async with desk.ingesting():
        for name in ("a.txt", "town/b.txt"):
            desk.save(name, story(name))
            await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt"), (INGESTED, "town/b.txt")]


async def test_every_article_of_a_feed_is_ingested(desk: Desk) -> None:
    """More than one commit holds, over both partitions."""
    desk.save("town/feed.xml", feed(*((str(number), f"Thing {number} happened.") for number in range(250))))

    await desk.ingest()

    events = await desk.events()
    assert {INGESTED} == {event.type for event in events}
    assert len({event.subject for event in events}) == len(events) == 250


async def test_a_subfolder_is_the_source(desk: Desk) -> None:
    """And two sources may count their articles from one."""
    for name in ("a.xml", "town/a.xml", "coast/north/a.xml"):
        desk.save(name, feed(("1", f"This happened in {name}.")))

    await desk.ingest()

    events = [event for event in await desk.events() if isinstance(event, ArticleIngested)]
    assert sorted(event.source_id for event in events) == ["coast", "seeds", "town"]
    assert len({event.article_id for event in events}) == 3


async def test_the_same_bytes_under_three_names_are_one_article(desk: Desk) -> None:
    """And two facts that name the first."""
    for name in ("a.txt", "b.txt", "town/c.txt"):
        os.utime(desk.save(name, story("Ferry")), (1, 1))

    await desk.ingest()

    events = await desk.events()
    assert await desk.told() == [(DUPLICATED, "b.txt"), (DUPLICATED, "town/c.txt"), (INGESTED, "a.txt")]
    assert {event.first_path for event in events if isinstance(event, ArticleDuplicated)} == {"a.txt"}
    assert len({event.subject for event in events}) == 1


async def test_copies_of_a_feed_are_one_fact_each(desk: Desk) -> None:
    """Not one for each of its articles."""
    for name in ("a.xml", "b.xml"):
        os.utime(desk.save(name, feed(("1", "One happened."), ("2", "Two happened."))), (1, 1))

    await desk.ingest()

    assert await desk.told() == [(DUPLICATED, "b.xml"), (INGESTED, "a.xml"), (INGESTED, "a.xml")]


async def test_copies_of_a_kill_that_nobody_needs_are_no_facts(desk: Desk) -> None:
    """Its article is in the ledger but not in the log: to look it up there ended the program."""
    kill = '{"uri": "urn:x", "type": "text", "headline": "Tram", "body_text": "x", "pubstatus": "canceled"}'
    for name in ("a.json", "b.json"):
        desk.save(name, kill)
    desk.save("c.txt", story("Ferry"))

    await desk.ingest()

    assert await desk.told() == [(INGESTED, "c.txt")]


async def test_an_edited_file_is_a_chain_of_revisions(desk: Desk) -> None:
    """Each names the text before it, whether ingest ran all the time or began anew."""
    bodies = [f"The ferry is back at {hour}. It runs every hour." for hour in range(1, 6)]
    for body in bodies:
        desk.save("a.txt", story("Ferry", body))
        await desk.ingest()

    events = await desk.events()
    revisions = [event for event in events if isinstance(event, ArticleRevised)]
    versions = [event for event in events if isinstance(event, ArticleIngested | ArticleRevised)]
    assert [event.version for event in versions] == [1, 2, 3, 4, 5]
    assert [event.content_sha256 for event in versions[:-1]] == [
        event.previous_content_sha256 for event in revisions
    ]
    assert await desk.texts() == {"a.txt": bodies}


async def test_a_touch_and_a_chmod_are_no_facts(desk: Desk) -> None:
    """The bytes are the same."""
    path = desk.save("a.txt", story("Ferry"))
    async with desk.ingesting():
        await desk.done()
        os.utime(path, (5, 5))
        await desk.done()
        path.chmod(0o600)
        await desk.done()
        path.touch()
        await desk.done()

    assert await desk.told() == [(INGESTED, "a.txt")]


async def test_a_rejected_seed_is_explained_and_the_others_go_on(desk: Desk) -> None:
    """In the log for programs, beside the seed for the editor."""
    desk.save("a.txt", story("Ferry"))
    desk.save("town/b.xml", BROKEN)
    desk.save("c.txt", story("Bridge"))
    desk.save("d.txt", b"")

    await desk.ingest()

    told = [(INGESTED, "a.txt"), (INGESTED, "c.txt"), (REJECTED, "d.txt"), (REJECTED, "town/b.xml")]
    assert await desk.told() == told
    reason = desk.reason("town/b.xml")
    (event,) = [one for one in await desk.events() if isinstance(one, SeedRejected) and one.code == "corrupt"]
    assert (reason["code"], reason["path"], reason["sha256"]) == ("corrupt", "town/b.xml", event.seed.sha256)
    assert (reason["detail"], reason["correlation_id"]) == (event.detail, str(event.correlation_id))
    assert reason["hint"]
    assert desk.reason("d.txt")["code"] == "empty"


async def test_a_corrected_seed_is_ingested_and_its_reason_disappears(desk: Desk) -> None:
    """An editor who mends a file wants to see that it is mended."""
    desk.save("a.xml", BROKEN)
    async with desk.ingesting():
        await desk.done()
        assert desk.below(".quarantine") == ["a.xml.reason.json"]
        desk.save("a.xml", feed(("1", "One happened.")))
        await desk.done()

    assert await desk.told() == [(INGESTED, "a.xml"), (REJECTED, "a.xml")]
    assert desk.below(".quarantine") == []


async def test_a_seed_that_is_too_large_is_rejected_unread(desk: Desk) -> None:
    """Its hash is not known: nobody read it."""
    desk.set(max_seed_bytes=100)
    desk.save("a.txt", "x" * 101)

    await desk.ingest()

    (event,) = await desk.events()
    assert isinstance(event, SeedRejected)
    assert (event.code, event.seed.sha256, event.seed.size_bytes) == ("too_large", None, 101)


async def test_a_file_that_is_being_written_is_ingested_once_and_whole(desk: Desk) -> None:
    """A slow copy pauses, but never for as long as a seed takes to settle."""
    desk.set(settle_seconds=1.0)
    lines = [f"Line {number} of the story has come in." for number in range(20)]
    async with desk.ingesting() as running:
        with (desk.root / "a.txt").open("w") as file:
            file.write("Ferry\n\n")
            for line in lines:
                scans = running.runtime.details.get("scan_count")
                file.write(f"{line}\n")
                file.flush()
                await desk.until(lambda seen=scans: running.runtime.details.get("scan_count") != seen)  # type: ignore[misc]
        await desk.done()

    (text,) = (await desk.texts())["a.txt"]
    assert [line for line in lines if line not in text] == []


async def test_many_files_in_one_go_keep_their_order(desk: Desk) -> None:
    """Each article once; within a partition in the order in which they were saved."""
    for number in range(300):
        os.utime(desk.save(f"{(number * 7) % 300:03}.txt", story(f"Story {number}")), (number, number))

    await desk.ingest()

    for partition in range(2):
        events = [entry.readable() async for entry in desk.log.read(partition)]
        saved = [event.seed.modified_at for event in events if isinstance(event, ArticleIngested)]
        assert len(saved) == len(events) > 100
        assert saved == sorted(saved)
    assert len(await desk.events()) == 300


async def test_two_files_with_one_document_id_are_two_versions(desk: Desk) -> None:
    """The one that was saved last counts, also when they come in one batch and further ones follow."""
    for number in range(120):
        os.utime(desk.save(f"filler-{number}.txt", story(f"Filler {number}")), (10 + number, 10 + number))
    for name, second in (("z.xml", 5), ("y.xml", 6), ("a.xml", 500)):
        os.utime(desk.save(name, feed(("1", f"The text of {name}."))), (second, second))

    await desk.ingest()

    texts = (await desk.texts())["z.xml"]
    assert texts == ["The text of z.xml.", "The text of y.xml.", "The text of a.xml."]
