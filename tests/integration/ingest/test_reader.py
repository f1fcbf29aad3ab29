"""The parse child: no file, however hostile, stops the next one."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import orjson
import pytest

from newsfeed.errors import Fatal
from services.ingest import reader as module
from services.ingest.article import Reading, ReadingHint, Rejection
from services.ingest.formats import FORMATS
from services.ingest.frames import framed
from services.ingest.reader import SeedReader

SOUND = b"Ferry back\n\nThe ferry is back. It runs hourly.\n"
ENDLESS = b"<html " + b" ".join(b"a%d=1" % number for number in range(100_000)) + b"><body><p>Ferry"
"""888 kB that take an HTML parser some 16 seconds: its attributes are compared pair by pair."""


async def read(reader: SeedReader, data: bytes, name: str = "a.txt") -> Reading:
    return await reader.read(data, ReadingHint(file_name=name))


async def reason(reader: SeedReader, data: bytes, name: str = "a.txt") -> str:
    with pytest.raises(Rejection) as caught:
        await read(reader, data, name)
    return caught.value.reason


def child_of(reader: SeedReader) -> int:
    return reader._slots[0]._starting.result().process.pid


async def test_a_seed_is_read_in_a_child() -> None:
    async with SeedReader() as reader:
        reading = await read(reader, SOUND)

    assert reading.articles[0].document.title == "Ferry back"


async def test_a_rejection_crosses_the_pipe() -> None:
    async with SeedReader() as reader:
        assert await reason(reader, b"") == "empty"
        assert await reason(reader, b"{", "a.json") == "corrupt"


async def test_a_seed_that_overruns_its_deadline_is_killed_and_the_next_is_read() -> None:
    async with SeedReader(deadline_seconds=0.5) as reader:
        first = child_of(reader)

        assert await reason(reader, ENDLESS, "a.html") == "timeout"
        assert (await read(reader, SOUND)).format == "text"
        assert child_of(reader) != first
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)


TABLE = b"title,body\n" + b"".join(b"Ferry %d,It runs hourly.\n" % number for number in range(4000))
"""Two seconds of work for a quick machine, and half a millisecond for each article."""


async def test_a_seed_of_many_articles_is_read_for_as_long_as_it_gets_further(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An archive of an honest desk takes longer than the deadline; a hang in it does not."""
    monkeypatch.setattr(module, "_DEADLINES", 100)  # However slow the machine is.
    async with SeedReader(deadline_seconds=1.0) as reader:
        assert len((await read(reader, TABLE, "a.csv")).articles) == 4000


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_feed_of_30000_small_items_is_read() -> None:
    """Even an ill-formed one, which takes the library half a minute in one call."""
    item = (
        b"<item><title>Item %d</title><guid>g%d</guid><pubDate>Thu, 05 Mar 2026 10:15:00 GMT</pubDate></item>"
    )
    items = b"".join(item % (number, number) for number in range(30_000))
    async with SeedReader() as reader:
        for fault in (b"", b"<item><title>Fares & times</title></item>"):
            feed = b"<rss version='2.0'><channel><title>N</title>" + items + fault + b"</channel></rss>"
            assert len((await read(reader, feed, "a.rss")).articles) == 30_000 + bool(fault)


async def test_a_seed_of_many_articles_is_not_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """However steadily it is read: its size says how long that may take."""
    monkeypatch.setattr(module, "_DEADLINES", 0.2)
    async with SeedReader(deadline_seconds=1.0) as reader:
        assert await reason(reader, TABLE, "a.csv") == "timeout"
        monkeypatch.undo()
        assert (await read(reader, SOUND)).format == "text"


async def test_a_planted_deadline_for_the_whole_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: the parent does not hear that the child goes on."""
    monkeypatch.setattr(module, "GOING_ON", b"?")
    async with SeedReader(deadline_seconds=1.0) as reader:
        with pytest.raises(ValueError, match="JSON"):
            await read(reader, TABLE, "a.csv")


async def test_a_seed_beyond_the_memory_limit_costs_only_itself() -> None:
    async with SeedReader(memory_bytes=16 * 1024 * 1024) as reader:
        assert await reason(reader, b"<p>x</p>" * 1_000_000, "a.html") in {"memory", "parser_crashed"}
        assert (await read(reader, SOUND)).format == "text"


async def test_a_child_that_dies_while_it_reads_is_replaced() -> None:
    async with SeedReader() as reader:
        os.kill(child_of(reader), signal.SIGSTOP)
        reading = asyncio.create_task(reason(reader, SOUND))
        await asyncio.sleep(0)
        os.kill(child_of(reader), signal.SIGKILL)

        assert await reading == "parser_crashed"
        assert (await read(reader, SOUND)).format == "text"


async def test_a_child_that_died_idle_costs_no_seed() -> None:
    async with SeedReader() as reader:
        process = reader._slots[0]._starting.result().process
        process.kill()
        await process.wait()

        assert (await read(reader, SOUND)).format == "text"


async def test_a_cancelled_reading_leaves_a_working_reader() -> None:
    async with SeedReader() as reader:
        reading = asyncio.create_task(read(reader, ENDLESS, "a.html"))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])

        assert reading.cancelled()
        assert (await read(reader, SOUND)).format == "text"


async def test_several_children_read_side_by_side() -> None:
    async with SeedReader(children=2) as reader:
        readings = await asyncio.gather(*(read(reader, SOUND) for _ in range(20)))

    assert {reading.articles[0].document.title for reading in readings} == {"Ferry back"}


async def test_an_article_over_one_mebibyte_is_rejected() -> None:
    async with SeedReader() as reader:
        assert await reason(reader, b"Ferry\n\n" + b"It runs hourly.\n" * 80_000) == "too_large_text"


async def test_a_closed_reader_says_so() -> None:
    reader = SeedReader()

    with pytest.raises(Fatal, match="closed"):
        await read(reader, SOUND)


async def test_closing_leaves_no_child() -> None:
    async with SeedReader() as reader:
        pid = child_of(reader)

    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_leaves_when_its_parent_is_gone() -> None:
    """The kernel closes a killed parent's pipes; that alone must end the child."""
    command = [
        sys.executable,
        "-m",
        "services.ingest.reading_child",
        "--memory-bytes",
        str(512 * 1024 * 1024),
    ]

    done = subprocess.run(command, input=b"", capture_output=True, timeout=50, check=False)

    assert (done.returncode, done.stdout) == (0, framed(orjson.dumps([one.FORMAT for one in FORMATS])))


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('written', 'w').write('x')",
    ],
)
def test_a_confined_process_reaches_nobody(attempt: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    code = f"from services.ingest import child_guard; child_guard.confine(2**29); {attempt}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(path) for path in sys.path])}

    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        cwd=tmp_path_factory.mktemp("confined"),
        env=environment,
        timeout=50,
        check=False,
    )

    assert done.returncode != 0
    assert b"Error" in done.stderr
