"""The first users' path: an editor drops a file, a subscriber receives a digest that holds it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from newsfeed.testing.place import Place, reports

pytestmark = pytest.mark.timeout(300)

REDIS_CLI = str(Path(sys.executable).with_name("redis-cli"))
"""The one that comes with the embedded server."""

TRUCE = """\
La ministre Hélène Marsac a annoncé mercredi que l'Ukraine et la Moldavie prolongeraient leur accord.
Le porte-parole de l'OTAN, interrogé par l'agence Reuters à Washington, a salué la fin de la guerre.
* Une ligne encore ouverte
La Russie n'a pas réagi. Marsac rencontrera le président du parlement la semaine prochaine.
"""
BROKEN, WHOLE = (
    '{"headline": "Half of a',
    '{"uri": "urn:1", "headline": "Whole again", "body_text": "All of it."}',
)


@dataclass(frozen=True)
class Heard:
    """What subscribers had of the first digest: by redis-cli, by our command, and in the stream."""

    live: dict[str, Any]
    watched: dict[str, Any]
    stored: str


@dataclass(frozen=True)
class Week:
    """A newsroom after three days, and what it said on the way."""

    place: Place
    heard: Heard
    refused: str
    """The reason beside the folder on the first day."""
    articles: list[dict[str, Any]]
    events: tuple[list[dict[str, Any]], list[dict[str, Any]]]
    """After the second day and after the third."""


@pytest.fixture(scope="module")
def week(lasting_place: Place) -> Week:
    """News while subscribers listen; the next day corrections and more news; then nothing new; an erasure."""
    place = lasting_place
    heard = first_day(place)
    refused = orjson.loads(reason_file(place).read_bytes())["code"]
    corrected = TRUCE.replace("mercredi", "jeudi")
    copied = {"wire/copy.txt": reports(0, 1)["desk0/n0.txt"]}
    place.write({"desk/truce.txt": corrected, "broken.json": WHOLE, **reports(0, 60), **copied})
    place.drain()
    events = place.listing("events")
    place.drain()
    week = Week(place, heard, refused, place.listing("articles"), (events, place.listing("events")))
    place.newsfeed("erase", "desk0/n0.txt", "--reason", "order 7/2026")
    return week


def first_day(place: Place) -> Heard:
    """The service runs, somebody listens, and a file is dropped."""
    place.write({"broken.json": BROKEN})
    up = place.start("newsfeed", "up", "--seeds", "seeds")
    while "newsfeed is ready" not in (place.folder / "up.log").read_text() or not reason_file(place).exists():
        assert up.poll() is None
        time.sleep(0.1)
    listener = place.start("redis-cli", "-s", str(place.socket), "SUBSCRIBE", "newsfeed:digests:latest")
    assert listener.stdout
    assert listener.stdout.readline().startswith(b"subscribe")
    watcher = place.start("newsfeed", "watch", "latest", "--json", "--count", "1", "--since", "0")
    place.write({"desk/truce.txt": TRUCE})
    live, watched = first_digest(listener), first_digest(watcher)
    stored = subprocess.run(
        [REDIS_CLI, "-s", str(place.socket), "XRANGE", "newsfeed:digests:latest", "-", "+"],
        env=place.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    up.send_signal(signal.SIGINT)
    assert up.wait() == 0
    return Heard(live, watched, stored.stdout)


def reason_file(place: Place) -> Path:
    """Where an editor finds why a seed was refused."""
    return place.seeds / ".quarantine" / "broken.json.reason.json"


def first_digest(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The first digest that a listener prints; redis-cli prints its replies line by line."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith(b"{"):
            return cast("dict[str, Any]", orjson.loads(line))
    raise AssertionError("the listener ended without a digest")


def test_a_dropped_file_reaches_every_kind_of_subscriber(week: Week) -> None:
    """redis-cli, a stream reader and our own command get the same digest, with what was found in the file."""
    assert week.heard.live == week.heard.watched
    (item,) = week.heard.live["items"]
    assert item["title"].startswith("La ministre Hélène Marsac a annoncé")
    assert item["language"] == "fr"
    names = {entity["name"] for entity in item["entities"]}
    assert {"Ukraine", "Russia", "NATO", "Reuters", "Hélène Marsac"} <= names
    topics = {topic["id"] for topic in item["topics"]}
    assert {"medtop:16000000", "medtop:11000000"} <= topics
    assert item["article_id"] in week.heard.stored


def test_the_article_can_be_looked_at_from_every_side(week: Week) -> None:
    """What the digest names can be followed to the file it came from, character by character."""
    place, identity = week.place, week.heard.live["items"][0]["article_id"]
    (article,) = [one for one in week.articles if one["article_id"] == identity]
    assert (article["source_id"], article["seed"], article["version"]) == ("desk", "desk/truce.txt", 2)
    text = place.newsfeed("content", identity)
    nato = next(entity for entity in article["entities"] if entity["name"] == "NATO")
    assert {text[mention["start"] : mention["end"]] for mention in nato["mentions"]} == {"OTAN"}
    assert "digest" in place.newsfeed("trace", identity)
    assert place.listing("digests", "latest")[0]["item_count"] == 1
    assert "La ministre" in place.newsfeed("digest", "latest", "1")
    assert "<article" in place.newsfeed("digest", "latest", "1", "--format", "html")
    assert place.listing("logs", "--article", identity)
    place.newsfeed("verify")


def test_the_same_files_again_add_no_event(week: Week) -> None:
    """And the data survives that everything was stopped in between."""
    before, after = week.events

    assert len(week.articles) == 62
    assert after == before


def test_a_corrected_file_becomes_a_notice_that_names_its_digest(week: Week) -> None:
    """Who got the mistake gets the correction, and not the news once more."""
    identity = week.heard.live["items"][0]["article_id"]

    digests = week.place.digests("latest")

    (notice,) = [
        notice for digest in digests for notice in digest["notices"] if notice["kind"] == "correction"
    ]
    assert (notice["article_id"], notice["corrects"]) == (identity, {"digest": 1, "version": 1})
    told = [
        digest["number"] for digest in digests for item in digest["items"] if item["article_id"] == identity
    ]
    assert told == [1]


def test_a_poison_seed_is_set_aside_and_comes_back_when_mended(week: Week) -> None:
    """The rest goes on; the editor finds the reason beside the folder."""
    assert week.refused == "corrupt"
    assert "Whole again" in {article["title"] for article in week.articles}
    assert not reason_file(week.place).exists()


def test_every_cause_is_in_the_log(week: Week) -> None:
    """What cannot be followed back cannot be explained: to a reader, to a court, to ourselves."""
    events = week.place.listing("events")

    known = {event["event_id"]: event["correlation_id"] for event in events}
    causes = {event["causation_id"] for event in events if event["causation_id"]}
    assert causes <= known.keys()
    assert {event["type"] for event in events if event["causation_id"] is None} == {
        "article.ingested",
        "seed.rejected",
    }
    assert {"article.revised", "article.duplicated", "article.erased"} <= {event["type"] for event in events}


def test_a_plan_writes_nothing(place: Place) -> None:
    """An editor may ask first."""
    place.write({"truce.txt": TRUCE, "copy.txt": TRUCE, "broken.json": "{"})

    steps = {step["path"]: step["action"] for step in place.listing("plan", "seeds")}

    assert steps == {"truce.txt": "ingest", "copy.txt": "duplicate", "broken.json": "reject"}
    assert not Path(place.folder, "var", "redis").exists()
