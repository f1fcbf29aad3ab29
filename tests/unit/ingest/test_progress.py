"""Whoever waits for a seed of many articles is told that its reading goes on."""

from __future__ import annotations

import io

import pytest

from services.ingest import reading_child
from services.ingest.article import ReadingHint
from services.ingest.progress import each, told_to
from services.ingest.reading_child import answer
from services.ingest.sniffing import read_seed
from tests.unit.ingest.formats import damage

SEVERAL = {
    "a.mbox": damage.MAIL,
    "b.xml": damage.FEED.replace(b"</item>", b"</item><item><title>Two</title></item>"),
    "c.jsonl": damage.LINES,
    "d.csv": damage.TABLE,
    "e.warc": damage.WARC * 2,
    "f.zip": damage.SAMPLES["archive"]["a.zip"],
    "g.xml": damage.SAMPLES["newsml"]["newsml-swiss.xml"],
    "h.xml": damage.SAMPLES["newsml_g2"]["g2-kill.xml"],
    "i.txt": damage.SAMPLES["iptc7901"]["7901-framed.txt"] * 2,
}


def tellings(name: str, data: bytes) -> tuple[int, int]:
    """How often a format said that it goes on, and how many articles it read."""
    told: list[int] = []
    with told_to(lambda: told.append(1)):
        reading = read_seed(data, ReadingHint(file_name=name))
    return len(told), len(reading.articles)


@pytest.mark.parametrize("name", SEVERAL)
def test_a_format_tells_of_every_article(name: str) -> None:
    told, articles = tellings(name, SEVERAL[name])

    assert told >= articles >= 1


@pytest.mark.parametrize(
    "fault", [b"", b"<item><title>Fares & times</title></item>"], ids=["sound", "broken"]
)
@pytest.mark.parametrize(
    ("entry", "feed"),
    [
        (b"<item><title>One</title></item>", b"<rss version='2.0'><channel>%s</channel></rss>"),
        (b"<entry><title>One</title></entry>", b"<feed xmlns='http://www.w3.org/2005/Atom'>%s</feed>"),
    ],
    ids=["rss", "atom"],
)
def test_a_feed_is_told_of_while_the_library_reads_it(entry: bytes, feed: bytes, fault: bytes) -> None:
    """Entry by entry, before the first is an article: a long feed is no hang."""
    told, articles = tellings("a.xml", feed % (entry * 20 + fault.replace(b"item", entry[1:].split(b">")[0])))

    assert told >= 2 * articles >= 40


def test_the_child_tells_its_parent_and_not_more_often_than_it_must() -> None:
    """With a deadline of an hour, nobody has to know yet."""
    often, seldom = io.BytesIO(), io.BytesIO()
    for answers, deadline_seconds in ((often, 0.0), (seldom, 3600.0)):
        with told_to(reading_child._telling(answers, deadline_seconds)):
            reply = answer(damage.LINES, ReadingHint(file_name="a.jsonl"))
        assert reply.startswith(b'{"format":"json')

    assert len(often.getvalue()) >= 4 * 2
    assert set(often.getvalue()) == {0}
    assert seldom.getvalue() == b""


def test_nobody_has_to_listen() -> None:
    assert list(each("ab")) == ["a", "b"]
