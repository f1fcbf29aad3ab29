"""An event of any version ever stored is read as one of the current version."""

from __future__ import annotations

from typing import Any, Literal

import orjson
import pytest
from pydantic import TypeAdapter

from newsfeed import upcasters
from newsfeed.envelope import Event, derive_id
from newsfeed.errors import EventUnreadable
from newsfeed.events import CURRENT_VERSIONS, parse_channel_event, parse_log_event
from newsfeed.testing.facts import NOON
from newsfeed.upcasters import Upcaster, check_chains, parse_event, upcast

CURRENT = {"weather.seen": 3}


class WeatherSeen(Event):
    type: Literal["weather.seen"] = "weather.seen"
    schema_version: Literal[3] = 3
    town: str
    kelvin: float


ADAPTER: TypeAdapter[WeatherSeen] = TypeAdapter(WeatherSeen)


def name_the_town(document: dict[str, Any]) -> dict[str, Any]:
    """Version 1 said ``place``."""
    document["town"] = document.pop("place")
    return document


def measure_in_kelvin(document: dict[str, Any]) -> dict[str, Any]:
    """Version 2 said ``celsius``."""
    return {**document, "kelvin": document["celsius"] + 273.15}


CHAIN = (
    Upcaster("weather.seen", 2, measure_in_kelvin),
    Upcaster("weather.seen", 1, name_the_town),
)


def stored(version: object, **fields: object) -> bytes:
    """A sighting as a log would hold it."""
    envelope = {
        "event_id": str(derive_id("weather")),
        "type": "weather.seen",
        "schema_version": version,
        "occurred_at": NOON.isoformat(),
        "correlation_id": str(derive_id("weather")),
    }
    return orjson.dumps(envelope | fields)


def read(data: bytes) -> WeatherSeen:
    """What the made-up log gives back."""
    return parse_event(ADAPTER, CURRENT, data)


@pytest.fixture
def _chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upcasters, "UPCASTERS", CHAIN)


@pytest.mark.usefixtures("_chain")
@pytest.mark.parametrize(
    "data",
    [
        stored(1, place="Aden", celsius=30),
        stored(2, town="Aden", celsius=30),
        stored(3, town="Aden", kelvin=303.15),
    ],
)
def test_every_version_is_read_as_the_current_one(data: bytes) -> None:
    event = read(data)

    assert (event.schema_version, event.town, event.kelvin) == (3, "Aden", 303.15)


@pytest.mark.usefixtures("_chain")
def test_upcasting_leaves_its_argument_alone() -> None:
    """A caller may still want to show what was stored."""
    document = orjson.loads(stored(1, place="Aden", celsius=30))
    before = dict(document)

    upcast(document)

    assert document == before


def test_a_step_that_forgets_to_count_does_not_run_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upcasters, "UPCASTERS", (Upcaster("weather.seen", 1, dict),))

    assert upcast({"type": "weather.seen", "schema_version": 1})["schema_version"] == 2


@pytest.mark.usefixtures("_chain")
@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (
            stored(4, town="Aden", kelvin=303.15),
            "weather.seen: schema_version 4 is newer than 3, the newest known here",
        ),
        (stored(1, celsius=30), "weather.seen: upcasting version 1 failed: KeyError"),
        (stored(2, town="Aden", celsius="30"), "weather.seen: upcasting version 2 failed: TypeError"),
        (stored(2, town=7, celsius=30), "town: Input should be a valid string"),
        (stored(0, town="Aden", kelvin=1), "schema_version: Input should be 3"),
        (stored("1", place="Aden", celsius=30), "schema_version: Input should be 3"),
        (stored(3, town="Aden"), "kelvin: Field required"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, detail: str) -> None:
    """A dead letter is all that an operator has to go by."""
    with pytest.raises(EventUnreadable) as caught:
        read(data)

    assert (caught.value.reason, caught.value.detail) == ("event_unreadable", detail)


@pytest.mark.parametrize("parse", [parse_log_event, parse_channel_event])
@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"type": []}', b'{"type": "unheard.of"}', b"\xff"])
def test_what_is_no_event_is_unreadable(parse: Any, data: bytes) -> None:  # noqa: ANN401 # either parser
    with pytest.raises(EventUnreadable):
        parse(data)


def test_an_event_of_a_newer_newsfeed_says_so() -> None:
    """Two releases may read one log during an upgrade."""
    with pytest.raises(EventUnreadable, match=r"window\.skipped: schema_version 99 is newer than 1"):
        parse_channel_event(b'{"type":"window.skipped","schema_version":99}')


def test_the_chains_of_the_registry_are_whole() -> None:
    assert check_chains(CURRENT_VERSIONS) == []


@pytest.mark.parametrize(
    ("registry", "problems"),
    [
        (CHAIN, []),
        (CHAIN[:1], ["weather.seen: no upcaster from version 1"]),
        ((*CHAIN, CHAIN[0]), ["weather.seen: 2 upcasters from version 2"]),
        (
            (*CHAIN, Upcaster("weather.seen", 3, dict)),
            ["weather.seen: the upcaster from version 3 leads to no version that there is"],
        ),
        (
            (*CHAIN, Upcaster("rain.seen", 1, dict)),
            ["rain.seen: the upcaster from version 1 leads to no version that there is"],
        ),
    ],
)
def test_a_broken_chain_is_found(registry: tuple[Upcaster, ...], problems: list[str]) -> None:
    assert check_chains(CURRENT, registry) == problems
