"""Pin the events as they are now, for the tests that keep every stored version readable.

    python -m tools.pin_events

It writes the fingerprints of the current JSON schemas and the samples that are missing. It never
touches a sample that is there: that is what some log holds. When to run it: CONTRIBUTING, "Add an event".
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import orjson

from newsfeed.envelope import Event
from newsfeed.testing.samples import EVENTS, samples, stored_form

GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
FINGERPRINTS = GOLDEN / "schemas.json"
PROSE = ("title", "description")


def name_of(model: type[Event]) -> str:
    """``<type>-v<version>`` of the current version."""
    fields = model.model_fields
    return f"{fields['type'].default}-v{fields['schema_version'].default}"


def fingerprint(model: type[Event]) -> str:
    """The sha256 of the model's JSON schema, its prose left out: a better sentence is no other shape."""
    shape = _without_prose(model.model_json_schema())
    return hashlib.sha256(orjson.dumps(shape, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _without_prose(value: Any, *, names_fields: bool = False) -> Any:  # noqa: ANN401 # any JSON
    if isinstance(value, list):
        return [_without_prose(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _without_prose(one, names_fields=key in {"properties", "$defs"} and not names_fields)
        for key, one in value.items()
        if names_fields or key not in PROSE
    }


def pinned() -> dict[str, str]:
    """The fingerprints that are stored, by name."""
    stored: dict[str, str] = orjson.loads(FINGERPRINTS.read_bytes()) if FINGERPRINTS.exists() else {}
    return stored


def main() -> None:
    """Write what is missing or new; fingerprints of older versions stay."""
    GOLDEN.joinpath("events").mkdir(parents=True, exist_ok=True)
    current = {name_of(model): fingerprint(model) for model in EVENTS}
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    FINGERPRINTS.write_bytes(orjson.dumps(pinned() | current, option=options))
    for event in samples():
        sample = GOLDEN / "events" / f"{name_of(type(event))}.json"
        if not sample.exists():
            sample.write_bytes(stored_form(event) + b"\n")


if __name__ == "__main__":
    main()
