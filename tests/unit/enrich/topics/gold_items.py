"""The gold items: short news items of our own, with their topics, the first of which leads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

GOLD = Path(__file__).parent / "gold"

Half = Literal["tune", "test"]


@dataclass(frozen=True, slots=True)
class GoldItem:
    """``topics`` are two digits each; ``half`` says whether thresholds may be tuned on it."""

    language: str
    topics: tuple[str, ...]
    title: str
    body: str
    half: Half

    @property
    def text(self) -> str:
        """Headline, blank line, body."""
        return f"{self.title}\n\n{self.body}"


def gold_items(name: str) -> list[GoldItem]:
    """All items of a file (a language, or ``en-news``); every second one of a topic is for tuning."""
    seen: Counter[str] = Counter()
    items: list[GoldItem] = []
    for block in (GOLD / f"{name}.txt").read_text(encoding="utf-8").strip().split("\n\n"):
        head, title, body = block.split("\n")
        topics = tuple(head.strip("[]").split())
        half: Half = "test" if seen[topics[0]] % 2 else "tune"
        seen[topics[0]] += 1
        items.append(GoldItem(name[:2], topics, title, body, half))
    return items


def gold_names() -> list[str]:
    """The files of gold items: one a language, and longer general news in six topics in two of them."""
    return sorted(path.stem for path in GOLD.glob("*.txt"))
