"""Make the Media Topics extract that :mod:`newsfeed.vocabulary` reads.

    python tools/build_vocabulary.py cptall-x-all.json iptc_mapping-2023-10-24.json

The first file is the whole IPTC vocabulary with labels in ten languages, the second the English
labels and levels of a later release, from which newer concepts are taken.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "newsfeed" / "vocabulary" / "mediatopics.json"
LANGUAGES = {
    "en-GB": "en",
    "fr": "fr",
    "de": "de",
    "es": "es",
    "ar": "ar",
    "pt-PT": "pt",
    "pt-BR": "pt-BR",
    "zh-Hans": "zh",
    "se": "sv",  # the file calls Swedish and Danish by their countries
    "dk": "da",
}


def code(uri: str) -> str:
    """``20000058`` of ``…/mediatopic/20000058`` or ``medtop:20000058``."""
    return uri.replace(":", "/").rsplit("/", 1)[-1]


def newer(release: dict[str, Any], topics: dict[str, Any]) -> dict[str, Any]:
    """Concepts in use that only the later release has, with their English label."""
    found = {}
    for qcode, row in release.items():
        levels = [
            code(row[name]) for name in sorted(row) if name.startswith("Level") and isinstance(row[name], str)
        ]
        if code(qcode) in topics or isinstance(row["RetiredDate"], str):
            continue
        found[code(qcode)] = {"broader": levels[-2:-1], "labels": {"en": row["Name (en-GB)"].strip()}}
    return found


def build(vocabulary: dict[str, Any], release: dict[str, Any]) -> dict[str, Any]:
    """Code to ``broader`` (codes) and ``labels`` (by language), sorted by code."""
    topics = {}
    for concept in vocabulary["conceptSet"]:
        number = code(concept["qcode"])
        if "retired" in concept:
            continue
        labels = {
            LANGUAGES[tag]: text.strip() for tag, text in concept["prefLabel"].items() if tag in LANGUAGES
        }
        if labels.get("pt-BR", "").casefold() == labels.get("pt", "").casefold():
            labels.pop("pt-BR", None)
        topics[number] = {"broader": sorted(map(code, concept.get("broader", ()))), "labels": labels}
    topics |= newer(release, topics)
    for topic in topics.values():
        topic["broader"] = [parent for parent in topic["broader"] if parent in topics]
    return dict(sorted(topics.items()))


def main() -> None:
    """Read the two files named on the command line and write the extract."""
    vocabulary = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    release = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    topics = build(vocabulary, release)
    lines = ",\n".join(
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in topics.items()
    )
    TARGET.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
