"""The first users' path: an editor drops a file, a subscriber receives a digest that holds it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, cast

import orjson
import pytest

from newsfeed.testing.place import Place, reports

REDIS_CLI = str(Path(sys.executable).with_name("redis-cli"))
"""The one that comes with the embedded server."""

TRUCE = """\
La ministre Hélène Marsac a annoncé mercredi que l'Ukraine et la Moldavie prolongeraient leur accord.
Le porte-parole de l'OTAN, interrogé par l'agence Reuters à Washington, a salué la fin de la guerre.
* Une ligne encore ouverte
La Russie n'a pas réagi. Marsac rencontrera le président du parlement la semaine prochaine.
"""


def first_digest(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The first digest that a listener prints; redis-cli prints its replies line by line."""
    assert process.stdout
    for line in process.stdout:
        if line.startswith(b"{"):
            return cast("dict[str, Any]", orjson.loads(line))
    raise AssertionError("the listener ended without a digest")


def await_ready(place: Place) -> None:
    """The service says so itself."""
    while "newsfeed is ready" not in (place.folder / "up.log").read_text():
        time.sleep(0.1)


@pytest.mark.timeout(120)
def test_a_dropped_file_reaches_every_kind_of_subscriber(place: Place) -> None:
    """redis-cli, a stream reader and our own command get the same digest, with what was found in the file."""
    up = place.start("newsfeed", "up", "--seeds", "seeds")
    await_ready(place)
    listener = place.start("redis-cli", "-s", str(place.socket), "SUBSCRIBE", "newsfeed:digests:latest")
    assert listener.stdout
    assert listener.stdout.readline().startswith(b"subscribe")
    watcher = place.start("newsfeed", "watch", "latest", "--json", "--count", "1", "--since", "0")

    place.write({"truce.txt": TRUCE})
    heard, watched = first_digest(listener), first_digest(watcher)

    assert heard == watched
    (item,) = heard["items"]
    assert item["title"].startswith("La ministre Hélène Marsac a annoncé")
    assert item["language"] == "fr"
    names = {entity["name"] for entity in item["entities"]}
    assert {"Ukraine", "Russia", "NATO", "Reuters", "Hélène Marsac"} <= names
    topics = {topic["id"] for topic in item["topics"]}
    assert {"medtop:16000000", "medtop:11000000"} <= topics
    stored = subprocess.run(
        [REDIS_CLI, "-s", str(place.socket), "XRANGE", "newsfeed:digests:latest", "-", "+"],
        env=place.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert item["article_id"] in stored.stdout
    up.send_signal(signal.SIGINT)
    assert up.wait() == 0


@pytest.mark.timeout(120)
def test_the_article_can_be_looked_at_from_every_side(place: Place) -> None:
    """What the digest names can be followed to the file it came from, character by character."""
    place.write({"desk/truce.txt": TRUCE})
    place.drain()

    (article,) = place.listing("articles")
    identity = article["article_id"]
    assert (article["source_id"], article["seed"], article["version"]) == ("desk", "desk/truce.txt", 1)
    text = place.newsfeed("content", identity)
    nato = next(entity for entity in article["entities"] if entity["name"] == "NATO")
    assert {text[mention["start"] : mention["end"]] for mention in nato["mentions"]} == {"OTAN"}
    assert "digest" in place.newsfeed("trace", identity)
    (digest,) = place.listing("digests", "latest")
    assert digest["item_count"] == 1
    assert "La ministre" in place.newsfeed("digest", "latest", "1")
    assert "<article" in place.newsfeed("digest", "latest", "1", "--format", "html")
    assert place.listing("logs", "--article", identity)
    place.newsfeed("verify")


@pytest.mark.timeout(180)
def test_the_same_files_again_add_no_event(place: Place) -> None:
    """And the data survives that everything was stopped in between."""
    place.write(reports(0, 60))
    place.drain()
    before = place.listing("events")

    place.drain()

    assert len(place.listing("articles")) == 60
    assert place.listing("events") == before


@pytest.mark.timeout(180)
def test_a_corrected_file_becomes_a_notice_that_names_its_digest(place: Place) -> None:
    """Who got the mistake gets the correction."""
    place.write({"truce.txt": TRUCE})
    place.drain()
    place.write({"truce.txt": TRUCE.replace("mercredi", "jeudi")})

    place.drain()

    newest = orjson.loads(place.newsfeed("digest", "latest", "2", "--format", "json"))
    (notice,) = newest["notices"]
    assert (notice["kind"], notice["corrects"]) == ("correction", {"digest": 1, "version": 1})
    assert newest["items"] == []


@pytest.mark.timeout(180)
def test_a_poison_seed_is_set_aside_and_comes_back_when_mended(place: Place) -> None:
    """The rest goes on; the editor finds the reason beside the folder."""
    place.write({"good.txt": TRUCE, "broken.json": '{"headline": "Half of a'})
    place.drain()
    reason = place.seeds / ".quarantine" / "broken.json.reason.json"

    assert orjson.loads(reason.read_bytes())["code"] == "corrupt"
    assert len(place.listing("articles")) == 1
    place.write({"broken.json": '{"uri": "urn:1", "headline": "Whole again", "body_text": "All of it."}'})
    place.drain()
    assert {"Whole again"} < {article["title"] for article in place.listing("articles")}
    assert not reason.exists()


@pytest.mark.timeout(120)
def test_a_plan_writes_nothing(place: Place) -> None:
    """An editor may ask first."""
    place.write({"truce.txt": TRUCE, "copy.txt": TRUCE, "broken.json": "{"})

    steps = {step["path"]: step["action"] for step in place.listing("plan", "seeds")}

    assert steps == {"truce.txt": "ingest", "copy.txt": "duplicate", "broken.json": "reject"}
    assert not Path(place.folder, "var", "redis").exists()


@pytest.mark.timeout(240)
def test_every_cause_is_in_the_log(place: Place) -> None:
    """What cannot be followed back cannot be explained: to a reader, to a court, to ourselves."""
    place.write({"truce.txt": TRUCE, "poison.json": "{"})
    place.drain()
    place.write({"truce.txt": TRUCE.replace("mercredi", "jeudi"), "copy.txt": TRUCE})
    place.drain()
    identity = place.listing("articles")[0]["article_id"]
    place.newsfeed("erase", identity, "--reason", "order 7/2026")

    events = place.listing("events")

    known = {event["event_id"]: event["correlation_id"] for event in events}
    causes = {event["causation_id"] for event in events if event["causation_id"]}
    assert causes <= known.keys()
    assert {event["type"] for event in events if event["causation_id"] is None} == {
        "article.ingested",
        "seed.rejected",
    }
