"""Write the catalogue of events from the models: AsyncAPI, JSON Schemas and a page for people.

    python -m tools.build_catalogue

Schemas of older versions stay where they are: no model is left to make them from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import yaml

from newsfeed.deliveries import DELIVERY_EVENTS
from newsfeed.envelope import ENVELOPE, Event, schema_uri
from newsfeed.events import CHANNEL_EVENTS, LOG_EVENTS
from newsfeed.registry import REGISTRY_EVENTS
from newsfeed.testing.samples import EVENTS, PLACED_EVENTS
from services.publish.digests import Digest
from tools.event_fields import MEANINGS

ROOT = Path(__file__).parents[1]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMA_FORMAT = "application/schema+json;version=2020-12"
DIGEST = "public-digest"

Json = dict[str, Any]

HEAD = """\
# Events

Every fact that a log of newsfeed holds, field by field. This page, [asyncapi.yaml](asyncapi.yaml) and
the JSON Schemas under [schemas/](schemas/) are made from the models by `python -m tools.build_catalogue`;
a test fails when they differ.

Fields that are not known are left out. Readers ignore fields that they do not know. Times are in UTC.
No event holds text of an article. `newsfeed events --json` shows the events of the article log,
`newsfeed events --cloudevents` shows them as CloudEvents 1.0.

## The envelope

Every event has it. `position` and `recorded_at` are added by the article log and by the registry; the
facts of a channel have neither.
"""

CHANNELS: dict[str, Json] = {
    "articleLog": {
        "address": "newsfeed:{partition}:log",
        "title": "One partition of the article log",
        "description": "Redis stream with ids 0-1, 0-2 ... without gaps. Field __data__ is the event; e is "
        "its id, v the version of the article after it, p the position of the subject's event before it.",
        "parameters": {
            "partition": {"description": "Hash tag with its braces.", "examples": ["{p0}", "{p1}"]},
        },
    },
    "registry": {
        "address": "newsfeed:{tag}:log",
        "title": "What is known of channels and subscriptions",
        "description": "Redis stream with ids 0-1, 0-2 ... without gaps. Field __data__ is the event.",
        "parameters": {"tag": {"description": "Hash tag with its braces.", "examples": ["{registry}"]}},
    },
    "channelWindows": {
        "address": "newsfeed:windows:{tag}",
        "title": "The windows of one channel",
        "description": "Redis stream; an id is the end of the window in milliseconds and a count. "
        "Field __data__ is the event.",
        "parameters": {
            "tag": {
                "description": "Hash tag with its braces: the name of the public stream.",
                "examples": ["{newsfeed:digests:latest}"],
            },
        },
    },
    "deliveries": {
        "address": "newsfeed:deliveries:{tag}",
        "title": "What became of the deliveries of one channel",
        "description": "Redis stream. Field __data__ is the event.",
        "parameters": {
            "tag": {
                "description": "Hash tag with its braces: the name of the public stream.",
                "examples": ["{newsfeed:digests:latest}"],
            },
        },
    },
    "digestStream": {
        "address": "newsfeed:digests:{channel}",
        "title": "The digests of one channel, to catch up",
        "description": "Redis stream. Field __data__ is the digest, number its number.",
        "parameters": {"channel": {"description": "Name of the channel.", "examples": ["latest"]}},
    },
    "digestMessages": {
        "address": "newsfeed:digests:{channel}",
        "title": "The digests of one channel, live",
        "description": "Redis Pub/Sub channel of the same name as the stream; a message is the same "
        "JSON, byte for byte.",
        "parameters": {"channel": {"description": "Name of the channel.", "examples": ["latest"]}},
    },
}


def schema_of(model: type[Event]) -> Json:
    """The JSON Schema of an event as it is stored."""
    schema = model.model_json_schema()
    kind, version = (schema["properties"][name]["const"] for name in ("type", "schema_version"))
    always = {"type", "schema_version", *schema["required"]}
    if model in PLACED_EVENTS:
        always |= {"position", "recorded_at"}
    required = [name for name in schema["properties"] if name in always]
    return {"$schema": DIALECT, "$id": schema_uri(kind, version), **schema, "required": required}


def files() -> dict[str, str]:
    """Every file of the catalogue by its path from the root of the repository."""
    schemas = {name_of(model): schema_of(model) for model in EVENTS}
    digest = {"$schema": DIALECT, "$id": f"urn:newsfeed:schema:{DIGEST}", **Digest.model_json_schema()}
    indented = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    texts = {
        f"docs/events/schemas/{name}.json": orjson.dumps(schema, option=indented).decode()
        for name, schema in {**schemas, DIGEST: digest}.items()
    }
    document = yaml.safe_dump(asyncapi(schemas), sort_keys=False, allow_unicode=True, width=100)
    return texts | {"docs/events/asyncapi.yaml": document, "docs/events/README.md": page(schemas)}


def name_of(model: type[Event]) -> str:
    """``<type>-v<version>``."""
    fields = model.model_fields
    return f"{fields['type'].default}-v{fields['schema_version'].default}"


def asyncapi(schemas: Mapping[str, Json]) -> Json:
    """The AsyncAPI 3.0 document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    carried = {
        "articleLog": [name_of(model) for model in LOG_EVENTS],
        "registry": [name_of(model) for model in REGISTRY_EVENTS],
        "channelWindows": [name_of(model) for model in CHANNEL_EVENTS],
        "deliveries": [name_of(model) for model in DELIVERY_EVENTS],
        "digestStream": [DIGEST],
        "digestMessages": [DIGEST],
    }
    titles = {name: (schema["title"], schema["description"]) for name, schema in schemas.items()}
    titles[DIGEST] = ("Digest", "One frozen, numbered issue of a channel.")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": project["name"],
            "version": project["version"],
            "description": project["description"],
            "license": {"name": project["license"]},
        },
        "defaultContentType": "application/json",
        "channels": {
            key: {**channel, "messages": {_key(name): _reference(name) for name in carried[key]}}
            for key, channel in CHANNELS.items()
        },
        "operations": {
            f"send{key[0].upper()}{key[1:]}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{key}"},
                "summary": channel["title"],
            }
            for key, channel in CHANNELS.items()
        },
        "components": {
            "messages": {_key(name): _message(name, *titles[name]) for name in titles},
        },
    }


def _reference(name: str) -> Json:
    return {"$ref": f"#/components/messages/{_key(name)}"}


def _key(name: str) -> str:
    """A name that AsyncAPI takes as a key and that tools can make an identifier of."""
    return name.replace(".", "_").replace("-", "_")


def _message(name: str, title: str, description: str) -> Json:
    return {
        "name": name,
        "title": title,
        "summary": _sentence(description),
        "contentType": "application/json",
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": f"./schemas/{name}.json"}},
    }


def page(schemas: Mapping[str, Json]) -> str:
    """The page for people."""
    first = next(iter(schemas.values()))
    values: Json = {}
    parts = [HEAD, *_table(first, ENVELOPE)]
    for name, schema in schemas.items():
        parts += ["", f"## {schema['title']}", "", f"`{name}`: {_sentence(schema['description'])}"]
        parts += [f"[Schema](schemas/{name}.json).", ""]
        parts += _table(schema, [field for field in schema["properties"] if field not in ENVELOPE])
        values |= schema.get("$defs", {})
    parts += ["", "## Values inside"]
    for name, value in sorted(values.items()):
        parts += ["", f"### {name}", "", _sentence(value["description"]), "", "| field | type |", "|---|---|"]
        parts += [f"| `{field}` | {_type(one)} |" for field, one in value["properties"].items()]
    return "\n".join(parts) + "\n"


def _table(schema: Json, fields: Any) -> Iterator[str]:  # noqa: ANN401 # any order of names
    yield "| field | type | always | meaning |"
    yield "|---|---|---|---|"
    for field in fields:
        always = "yes" if field in schema["required"] else ""
        what = "text" if field == "type" else "number" if field == "schema_version" else ""
        yield f"| `{field}` | {what or _type(schema['properties'][field])} | {always} | {MEANINGS[field]} |"


def _sentence(description: str) -> str:
    """A docstring as one line of Markdown."""
    return " ".join(description.replace("``", "`").split())


def _type(schema: Json) -> str:
    """The type of a field in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if alternatives := schema.get("anyOf", schema.get("oneOf")):
        return " or ".join(_type(one) for one in alternatives if one != {"type": "null"})
    if schema["type"] == "array":
        return f"list of {_type(schema['items'])}"
    if schema["type"] == "object":
        inside = schema["additionalProperties"]
        return "object" if inside is True else f"map to {_type(inside)}"
    return _plain_type(schema)


def _plain_type(schema: Json) -> str:
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if "pattern" in schema:
        return "sha256"
    plain = {"integer": "number", "number": "number", "boolean": "true or false", "string": "text"}
    return {"date-time": "time", "uuid": "UUID"}.get(schema.get("format", ""), plain[schema["type"]])


def main() -> None:
    """Write every file."""
    for name, text in files().items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
