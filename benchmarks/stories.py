"""Stories that nobody wrote: what every sample of a format says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.prose import Prose


@dataclass(frozen=True, slots=True)
class Story:
    """What every format says."""

    number: int
    title: str
    paragraphs: tuple[str, ...]

    @property
    def body(self) -> str:
        """As plain text."""
        return "\n\n".join(self.paragraphs)

    @property
    def html(self) -> str:
        """As markup."""
        link = '<p>See <a href="/fares">the fares</a>.</p>'
        return "".join(f"<p>{text}</p>\n" for text in self.paragraphs) + link

    @property
    def url(self) -> str:
        """Where it stands."""
        return f"https://county-wire.example/{self.number}"


def stories() -> Iterator[Story]:
    """Without end, and always the same."""
    prose = Prose(4)
    number = 0
    while True:
        number += 1
        yield Story(number, prose.title(), tuple(prose.body().split("\n\n")))
