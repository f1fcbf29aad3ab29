"""Make the compiled file that :mod:`services.enrich.knowledge` loads from the YAML files beside it.

    python -m tools.build_knowledge

Nothing is written if a record breaks a rule; then the problems are told and the exit status is 1.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import orjson
import yaml

from newsfeed import zstd
from services.enrich.knowledge import COMPILED
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
    """The records as JSON, byte for byte the same for the same records."""
    return orjson.dumps(records, option=orjson.OPT_SORT_KEYS)


def main() -> None:
    """Check all records and write the compiled file."""
    records = rows()
    if found := list(problems(records)):
        sys.exit("\n".join(found))
    (SOURCE / COMPILED).write_bytes(zstd.compress(packed(records), level=LEVEL))


if __name__ == "__main__":
    main()
