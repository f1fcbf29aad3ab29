"""Make the compiled file that :mod:`services.enrich.knowledge` loads from the YAML files beside it.

    python -m tools.build_knowledge

Nothing is written if a record breaks a rule; then the problems are told and the exit status is 1.
"""

from __future__ import annotations

import sys
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
import yaml

from newsfeed import zstd
from services.enrich.inflection import declined
from services.enrich.knowledge import COMPILED
from services.enrich.text import first_key, fold
from tools.knowledge_rules import problems

SOURCE = Path(__file__).parents[1] / "services" / "enrich" / "knowledge"
LEVEL = 19
"""Of zstd; the file is read far more often than it is made."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def rows() -> list[dict[str, Any]]:
    """The records of all files as they are written, sorted by id."""
    found: list[dict[str, Any]] = []
    for path in sorted(SOURCE.glob("*/*.yaml")):
        found += yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader
    return sorted(found, key=lambda row: str(row["id"]))


def packed(records: list[dict[str, Any]]) -> bytes:
    """The records as JSON, each with the words that it is found by; the same bytes for the same records."""
    return orjson.dumps([{**row, "words": words(row)} for row in records], option=orjson.OPT_SORT_KEYS)


def words(row: dict[str, Any]) -> list[str]:
    """What any spelling of the record begins with: the key of its first token, and its first word folded."""
    groups = (forms for kind in ("names", "acronyms", "bare") for forms in row.get(kind, {}).values())
    forms = {form for name in (row["name"], *chain.from_iterable(groups)) for form in declined(name, "de")}
    return sorted({key for form in forms for key in (first_key(form), fold(form.partition(" ")[0]))})


def main() -> None:
    """Check all records and write the compiled file."""
    records = rows()
    if found := list(problems(records)):
        sys.exit("\n".join(found))
    (SOURCE / COMPILED).write_bytes(zstd.compress(packed(records), level=LEVEL))


if __name__ == "__main__":
    main()
