"""Count how common words are: writes ``services/enrich/data/background.txt`` from annotated sentences.

Usage: python -m tools.build_background FOLDER. The folder holds the sets of the training data (two
columns or CoNLL-U, one token a line, a blank line between sentences); a file's language is the first
two letters of its name, or that of its set. Only counts are kept, and only of stems that many use.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from services.enrich.background import term_stem
from services.enrich.text import fold, is_segmented

TARGET = Path(__file__).parent.parent / "services" / "enrich" / "data" / "background.txt"
SETS = {"ud-gsd": "", "uner": "", "english-small": "en", "germeval2014": "de"}
LANGUAGES = ("da", "de", "en", "es", "fr", "nl", "pt", "ru", "sv")
LEAST_COUNT = 5
RAREST_CLASS = 14
WIDTH = 106


def sentences(lines: Iterable[str]) -> Iterator[list[str]]:
    """The tokens of each sentence."""
    words: list[str] = []
    for line in lines:
        fields = line.rstrip("\n").split("\t")
        if len(fields) < 2 and words:  # noqa: PLR2004 a token has two columns
            yield words
            words = []
        elif len(fields) > 1:
            words.append(fields[1] if len(fields) > 2 else fields[0])  # noqa: PLR2004 as above
    if words:
        yield words


def stems(words: Iterable[str], language: str) -> set[str]:
    """What a sentence counts for, once each; pairs of characters where words are not spaced."""
    found: set[str] = set()
    for word in words:
        key = fold(word)
        if key and is_segmented(key[0]):
            found.update(key[start : start + 2] for start in range(len(key) - 1))
        else:
            found.add(term_stem(key, language))
    return found - {""}


def counted(folder: Path) -> dict[str, tuple[int, Counter[str]]]:
    """Language to the number of its sentences and how many of them use each stem."""
    totals: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for name, language in SETS.items():
        for file in sorted(path for path in (folder / name).rglob("*") if path.suffix in {".conllu", ".tsv"}):
            code = language or file.name[:2]
            if code not in counts:
                continue
            with file.open(encoding="utf-8") as lines:
                for words in sentences(line for line in lines if not line.startswith("# ")):
                    totals[code] += 1
                    counts[code].update(stems(words, code))
    return {language: (totals[language], counts[language]) for language in LANGUAGES if totals[language]}


def section(language: str, total: int, counts: Counter[str]) -> Iterator[str]:
    """The lines of a language: a class and its stems."""
    yield f"[{language}]"
    classes: dict[int, list[str]] = {}
    for stem, count in counts.items():
        number = round(2 * math.log(total / count))
        if count >= LEAST_COUNT and number <= RAREST_CLASS and "#" not in stem:
            classes.setdefault(number, []).append(stem)
    for number, members in sorted(classes.items()):
        line = str(number)
        for stem in sorted(members):
            if len(line) + len(stem) >= WIDTH:
                yield line
                line = str(number)
            line += f" {stem}"
        yield line


def main(folder: str) -> None:
    """Write the file."""
    lines = ["# Stems by how common they are, counted by tools/build_background.py. CC0."]
    for language, (total, counts) in counted(Path(folder)).items():
        lines += section(language, total, counts)
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
