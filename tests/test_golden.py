"""Every version of every event that a log may hold can be read for ever.

``tests/golden/events`` has one stored sample of each, ``tests/golden/schemas.json`` the fingerprint
of each shape. Neither is edited by hand; ``tools/pin_events.py`` adds to them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from newsfeed.cloudevents import PARSERS
from newsfeed.envelope import Event
from newsfeed.events import versions_of
from newsfeed.testing.samples import EVENTS, PLACED_EVENTS, samples, stored_form
from tools.pin_events import GOLDEN, fingerprint, name_of, pinned

CURRENT_VERSIONS = versions_of(EVENTS)
SAMPLES = sorted((GOLDEN / "events").glob("*.json"))
EXPECTED = {f"{kind}-v{v}" for kind, newest in CURRENT_VERSIONS.items() for v in range(1, newest + 1)}
CURRENT = [path for path in SAMPLES if path.stem in {name_of(model) for model in EVENTS}]

TO_DO = """
The shape of {name} is not the one that is pinned, and a log may hold events of that shape.
- A field was added with a default: old events still load. Run `python -m tools.pin_events`.
- Anything else: raise schema_version, add an upcaster to newsfeed/upcasters.py, bring
  newsfeed/testing/samples.py up to date, then run `python -m tools.pin_events`.
See "Add an event" in CONTRIBUTING.md.
"""


def read(path: Path) -> Event:
    """The event of a sample, by the parser of its stream."""
    return PARSERS[path.stem.rpartition("-v")[0]](path.read_bytes().rstrip(b"\n"))


def holds(written: Any, stored: Any) -> bool:  # noqa: ANN401 # any JSON
    """Whether all that was stored stands in what is written, at every depth."""
    if isinstance(stored, dict):
        return all(key in written and holds(written[key], value) for key, value in stored.items())
    if isinstance(stored, list):
        return len(written) == len(stored) and all(map(holds, written, stored))
    return bool(written == stored)


def test_every_version_of_every_event_has_a_sample() -> None:
    """If one is missing: `python -m tools.pin_events`, before the shape is used."""
    assert {path.stem for path in SAMPLES} == EXPECTED


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_event_is_read_as_the_current_version(path: Path) -> None:
    event = read(path)

    assert path.stem.startswith(f"{event.type}-v")
    assert event.schema_version == CURRENT_VERSIONS[event.type]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_event_survives_being_written_again(path: Path) -> None:
    """What is moved or archived must say the same, whichever version it began as."""
    event = read(path)
    written = stored_form(event)
    parse = PARSERS[event.type]

    assert parse(written) == event
    assert stored_form(parse(written)) == written


@pytest.mark.parametrize("path", CURRENT, ids=lambda path: path.stem)
def test_a_sample_of_the_current_version_loses_nothing(path: Path) -> None:
    """A field that is gone from the model would be dropped in silence; one that came is welcome."""
    stored = orjson.loads(path.read_bytes())

    assert holds(orjson.loads(stored_form(read(path))), stored)


def test_a_lost_field_would_be_noticed() -> None:
    assert holds({"a": [{"b": 1, "new": 2}]}, {"a": [{"b": 1}]})
    assert not holds({"a": [{}]}, {"a": [{"b": 1}]})


@pytest.mark.parametrize("event", samples(), ids=lambda event: event.type)
def test_an_example_sets_every_field(event: Event) -> None:
    """What no sample holds is not proven to be readable."""
    only_the_log_of_articles_adds = set() if isinstance(event, PLACED_EVENTS) else {"position", "recorded_at"}
    unset = {name for name in type(event).model_fields if getattr(event, name) in (None, ())}

    assert unset == only_the_log_of_articles_adds


@pytest.mark.parametrize("model", EVENTS, ids=lambda model: model.__name__)
def test_a_shape_does_not_change_behind_the_back_of_a_log(model: type[Event]) -> None:
    name = name_of(model)

    assert pinned().get(name) == fingerprint(model), TO_DO.format(name=name)


def test_a_shape_is_pinned_for_every_version() -> None:
    assert pinned().keys() == EXPECTED
