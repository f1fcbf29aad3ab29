"""The catalogue under ``docs/events`` says what the models say, and is well formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # it has no types

from newsfeed import streams
from newsfeed.envelope import Event
from newsfeed.testing.samples import samples, stored_form
from tools.build_catalogue import files, name_of

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "events"
FILES = files()
ASYNCAPI = yaml.safe_load(FILES["docs/events/asyncapi.yaml"])


def references(value: Any) -> Iterator[str]:  # noqa: ANN401 # any document
    """Every ``$ref`` at any depth."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from [one] if key == "$ref" else references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def resolved(document: Any, reference: str) -> Any:  # noqa: ANN401 # any document
    """What a reference leads to; raises for one that leads nowhere."""
    path, _, pointer = reference.partition("#")
    aim = orjson.loads((FOLDER / path).read_bytes()) if path else document
    for step in pointer.split("/")[1:]:
        aim = aim[step]
    return aim


@pytest.mark.parametrize("name", FILES)
def test_the_catalogue_is_what_the_models_say(name: str) -> None:
    """After a change of an event: `python -m tools.build_catalogue`."""
    assert (ROOT / name).read_text(encoding="utf-8") == FILES[name], "run `python -m tools.build_catalogue`"


def test_the_asyncapi_document_has_what_version_3_requires() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    assert ASYNCAPI["info"].keys() >= {"title", "version"}
    assert all(channel.keys() >= {"address", "messages"} for channel in ASYNCAPI["channels"].values())
    assert all(one["action"] in {"send", "receive"} for one in ASYNCAPI["operations"].values())


def test_every_parameter_of_an_address_is_described() -> None:
    for channel in ASYNCAPI["channels"].values():
        assert set(re.findall(r"\{(\w+)\}", channel["address"])) == channel["parameters"].keys()


@pytest.mark.parametrize(
    ("channel", "parameters", "key"),
    [
        ("articleLog", {"partition": "{p0}"}, streams.log(0)),
        ("registry", {"tag": "{registry}"}, streams.REGISTRY),
        ("deliveries", {"tag": "{newsfeed:digests:latest}"}, streams.deliveries("latest")),
        ("channelWindows", {"tag": "{newsfeed:digests:latest}"}, streams.windows("latest")),
        ("digestStream", {"channel": "latest"}, streams.digests("latest")),
        ("digestMessages", {"channel": "latest"}, streams.digests("latest")),
    ],
)
def test_an_address_is_the_key_in_redis(channel: str, parameters: dict[str, str], key: str) -> None:
    """Somebody will read the stream by what stands here."""
    assert ASYNCAPI["channels"][channel]["address"].format(**parameters) == key


@pytest.mark.parametrize("name", [name for name in FILES if not name.endswith(".md")])
def test_every_reference_leads_somewhere(name: str) -> None:
    document = yaml.safe_load(FILES[name])

    assert all(isinstance(resolved(document, one), dict) for one in references(document))


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".json")])
def test_a_schema_is_one(name: str) -> None:
    Draft202012Validator.check_schema(orjson.loads(FILES[name]))


@pytest.mark.parametrize("event", samples(), ids=lambda event: event.type)
def test_a_stored_event_meets_its_schema(event: Event) -> None:
    schema = orjson.loads((FOLDER / "schemas" / f"{name_of(type(event))}.json").read_bytes())

    assert Draft202012Validator(schema).is_valid(orjson.loads(stored_form(event)))
