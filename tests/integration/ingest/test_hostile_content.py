"""Files that are made to hurt: read or refused in time, and the next one is read."""

from __future__ import annotations

import io
import os
import socket
import zipfile
from pathlib import Path

import pytest

from newsfeed.events import SeedRejected
from tests.integration.ingest.desk import INGESTED, REJECTED, Desk, story

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.by_turns]

XML = "<?xml version='1.0'?>"
RSS = (
    "<rss version='2.0'><channel><title>T</title><item><guid>1</guid><title>{}</title></item></channel></rss>"
)
LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 11))

LD = '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Ferry", "about": '
GRAPH = '{"@graph": ['

HOSTILE: dict[str, str | bytes] = {
    "laughs.xml": f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>{LAUGHS}]>{RSS.format('&l10;')}",
    "quadratic.xml": f"{XML}<!DOCTYPE rss [<!ENTITY a '{'a' * 100_000}'>]>{RSS.format('&a;' * 9000)}",
    "outside.xml": f"{XML}<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{RSS.format('&x;')}",
    "parameter.xml": "<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/x'> %x;]>"
    + RSS.format("Item"),
    "deep.xml": "<?xml version='1.0'?><rss>" + "<a>" * 300_000,
    "attributes.html": "<html " + " ".join(f"a{number}=1" for number in range(100_000)) + "><body><p>Ferry",
    "nested.html": "<html><body>" + "<div>" * 200_000 + "Ferry",
    "aliases.md": "---\na: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )
    + "---\n# Ferry\n\nThe ferry is back.\n",
    "deep.json": '{"headline": ' + "[" * 200_000,
    "deep-ld.html": f"<title>Ferry</title>{LD}{'[' * 10_000}{']' * 10_000}}}</script><p>Ferry.",
    "deep-graph.html": f"<title>Ferry</title>{LD}{GRAPH * 10_000}1{']}' * 10_000}}}</script><p>Ferry.",
    "wide.txt": ("Ferry\n\n" + "It runs hourly.\n" * 300_000).encode("utf-16"),
    "one-message.mbox": "From a@n.example Tue Mar  5 10:15:00 2024\nSubject: F\n\n" + "From x\n" * 1_400_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
async def test_a_hostile_file_hurts_nobody(desk: Desk, name: str) -> None:
    """Ingested or refused, with a reason; nothing of this machine is in the log, and the reader lives."""
    desk.save(name, HOSTILE[name])
    await desk.ingest()
    desk.save("next.txt", story("Ferry"))
    await desk.ingest()

    told = await desk.told()
    assert {path for _, path in told} == {name, "next.txt"}
    assert (INGESTED, "next.txt") in told
    events = [event.model_dump_json() for event in await desk.events()]
    assert max(map(len, events)) < 1024 * 1024
    texts = "".join(text for versions in (await desk.texts()).values() for text in versions)
    assert "root:" not in texts + "".join(events)
    assert len(texts) < 1024 * 1024


async def test_every_page_of_an_archive_has_a_deadline_of_its_own(desk: Desk) -> None:
    """Together they may take longer than the two seconds of one."""
    pages = (f"<title>{number}</title><h1>Ferry {number}</h1>{'<p>It runs.' * 50}" for number in range(100))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(pages):
            archive.writestr(f"{number}.html", one)
    desk.save("pages.zip", packed.getvalue())

    await desk.ingest()

    assert await desk.told() == [(INGESTED, "pages.zip")] * 100


async def test_links_pipes_and_sockets_are_passed_over(desk: Desk) -> None:
    """Nothing hangs, nothing from elsewhere is read, and each is counted."""
    (desk.root / "link.txt").symlink_to("/etc/passwd")
    (desk.root / "folder").symlink_to("/etc")
    os.mkfifo(desk.root / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(desk.root)
        listening.bind("socket.txt")
        os.chdir(here)
    desk.save("a.txt", story("Ferry"))
    async with desk.ingesting() as running:
        await desk.done()
        await desk.rounds(running, 1)

    assert await desk.told() == [(INGESTED, "a.txt")]
    assert running.runtime.details["skipped_count"] == 4


def _zip(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


async def test_hostile_archives_write_nothing_and_are_explained(desk: Desk) -> None:
    """One that climbs out of the folder, and one of 194 kB that holds 200 MB."""
    desk.save("climbs.zip", _zip("../../x.txt", b"Climbed\n\nOut of the folder.\n"))
    desk.save("swells.zip", _zip("a.txt", bytes(200_000_000)))

    await desk.ingest()

    assert await desk.told() == [(REJECTED, "climbs.zip"), (REJECTED, "swells.zip")]
    assert all(event.code for event in await desk.events() if isinstance(event, SeedRejected))
    assert desk.reason("climbs.zip")["hint"]
    assert not (desk.root.parent.parent / "x.txt").exists()
