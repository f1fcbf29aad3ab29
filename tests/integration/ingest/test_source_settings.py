"""A `_source.toml` at work: what an editor says of a source holds for its seeds from then on."""

from __future__ import annotations

import pytest

from newsfeed.events import ArticleIngested
from tests.integration.ingest.desk import BROKEN, INGESTED, REJECTED, Desk, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

SETTINGS = """
name = "Harbour Desk"
language = "pt"
topics = ["medtop:20000337"]
"""


async def articles(desk: Desk) -> dict[str, ArticleIngested]:
    return {one.seed.path: one for one in await desk.events() if isinstance(one, ArticleIngested)}


async def test_name_language_and_topics_are_those_of_the_source(desk: Desk) -> None:
    """Where the document says nothing; folders below belong to the source, the file itself is no seed."""
    desk.save("town/_source.toml", SETTINGS)
    desk.save("town/a.txt", story("Ferry"))
    desk.save("town/deep/b.txt", story("Bridge"))
    desk.save("town/c.md", "---\nlang: de\ntags: [tram]\n---\n# Tram\n\nThe tram is back again.\n")
    desk.save("d.txt", story("Market"))

    await desk.ingest()

    found = await articles(desk)
    assert sorted(found) == ["d.txt", "town/a.txt", "town/c.md", "town/deep/b.txt"]
    assert {path: one.source_id for path, one in found.items()} == {
        "d.txt": "seeds",
        "town/a.txt": "Harbour Desk",
        "town/c.md": "Harbour Desk",
        "town/deep/b.txt": "Harbour Desk",
    }
    assert (found["town/a.txt"].language, found["town/c.md"].language) == ("pt", "de")
    assert found["town/a.txt"].topics == ("medtop:20000337",)
    assert found["d.txt"].topics == ()


async def test_another_name_makes_no_other_articles(desk: Desk) -> None:
    """What is known of an article does not hang on what its source is called."""
    desk.save("town/a.txt", story("Ferry"))
    await desk.ingest()
    desk.save("town/_source.toml", SETTINGS)
    desk.save("town/a.txt", story("Ferry", "Another text. It is longer than it was."))
    await desk.ingest()

    assert len({event.subject for event in await desk.events()}) == 1


async def test_a_broken_file_makes_its_source_wait_and_is_told(desk: Desk) -> None:
    """Until it is mended; other sources go on."""
    desk.save("town/_source.toml", "on_delete = 'erase'")
    desk.save("town/a.txt", story("Ferry"))
    desk.save("b.txt", story("Bridge"))
    async with desk.ingesting() as running:
        await desk.until(lambda: "on_delete" in running.runtime.troubles.get("sources", ""))
        await desk.rounds(running)
        assert await desk.told() == [(INGESTED, "b.txt")]
        desk.save("town/_source.toml", SETTINGS)
        await desk.done()
        await desk.until(lambda: not running.runtime.troubles)

    assert await desk.told() == [(INGESTED, "b.txt"), (INGESTED, "town/a.txt")]


async def test_a_seed_waits_for_its_marker(desk: Desk) -> None:
    """An uploader says when it is done, and the marker is no seed."""
    desk.save("town/_source.toml", 'ready_marker = "{name}.done"')
    desk.save("town/a.txt", story("Ferry"))
    desk.save("town/b.txt", story("Bridge"))
    desk.save("town/b.txt.done", "")
    async with desk.ingesting() as running:
        await desk.rounds(running)
        assert await desk.told() == [(INGESTED, "town/b.txt")]
        desk.save("town/a.txt.done", "x")
        await desk.until(lambda: running.runtime.details["waiting_count"] == 0)
        await desk.rounds(running)

    assert await desk.told() == [(INGESTED, "town/a.txt"), (INGESTED, "town/b.txt")]


async def test_a_marker_goes_with_its_seed(desk: Desk) -> None:
    """Left behind, it would call the next seed of that name complete."""
    desk.save("town/_source.toml", 'ready_marker = "{name}.done"\non_done = "move"')
    desk.save("town/a.txt", story("Ferry"))
    desk.save("town/a.txt.done", "")
    desk.save("b.txt", story("Bridge"))
    async with desk.ingesting() as running:
        await desk.until(lambda: not (desk.root / "town/a.txt.done").exists())
        await desk.rounds(running)

    assert [seed.path for seed in desk.due()] == ["b.txt"]


async def test_a_source_from_which_done_seeds_move_away_from_now_on(desk: Desk) -> None:
    """Those that were done before, too."""
    desk.save("town/a.txt", story("Ferry"))
    desk.save("b.txt", story("Bridge"))
    await desk.ingest()
    desk.save("town/_source.toml", 'on_done = "move"')
    async with desk.ingesting():
        await desk.until(lambda: [seed.path for seed in desk.due()] == ["b.txt"])

    assert [kind for kind, _ in await desk.told()] == [INGESTED, INGESTED]


async def test_a_format_is_tried_first_and_the_content_decides(desk: Desk) -> None:
    """A hint that is wrong for one document costs nothing."""
    desk.save("town/_source.toml", 'format = "text"')
    desk.save("town/a.md", "# Tram\n\nThe tram is back again.\n")
    desk.save("town/b.xml", BROKEN)
    desk.save("c.md", "# Market\n\nThe market opens on Sunday.\n")

    await desk.ingest()

    found = await articles(desk)
    assert {path: one.format for path, one in found.items()} == {"town/a.md": "text", "c.md": "markdown"}
    assert (REJECTED, "town/b.xml") in await desk.told()
