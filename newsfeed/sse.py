"""Server-sent events as bytes, and back: what the WHATWG calls the event stream format. Pure."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

KEEP_ALIVE = b":\n\n"
"""A comment: it says that the line still stands, and nothing else."""

RESERVED = frozenset("\0\r\n")


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event as a client sees it; ``event_id`` is the last id that the stream named, "" for none."""

    data: str
    event: str = "message"
    event_id: str = ""


def encode(data: bytes, event: str, event_id: str) -> bytes:
    """An event as it is sent; data may have lines, event and id may not (``ValueError``)."""
    if RESERVED & {*event, *event_id}:
        raise ValueError("an event and its id are one line each")
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    told = b"".join(b"data: %b\n" % line for line in lines)
    return f"id: {event_id}\nevent: {event}\n".encode() + told + b"\n"


class Parser:
    """Reads a stream in chunks of any size, down to single bytes.

    ``last_event_id`` is what to name on reconnecting, ``retry_ms`` how long to wait before, None if unsaid.
    """

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = last_event_id
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._begun = False
        self._after_cr = False
        self._line: list[str] = []
        self._id = last_event_id
        self._event = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """The events that are complete with this chunk; one that is cut off by the end never counts."""
        text = self._decoder.decode(chunk)
        if text and not self._begun:
            self._begun = True
            text = text.removeprefix("\ufeff")
        if text and self._after_cr:
            self._after_cr = False
            text = text.removeprefix("\n")
        self._after_cr = self._after_cr or text.endswith("\r")
        *ended, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        found: list[ServerEvent] = []
        for part in ended:
            line = "".join((*self._line, part))
            self._line.clear()
            found += self._ended(line)
        if rest:
            self._line.append(rest)
        return found

    def _ended(self, line: str) -> list[ServerEvent]:
        if not line:
            return self._dispatched()
        name, _, value = line.partition(":")
        self._take(name, value.removeprefix(" "))
        return []

    def _take(self, name: str, value: str) -> None:
        match name:
            case "data":
                self._data.append(value)
            case "event":
                self._event = value
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit():
                self.retry_ms = int(value)
            case _:
                pass  # A comment, or a field of a later standard.

    def _dispatched(self) -> list[ServerEvent]:
        self.last_event_id = self._id
        data, event = self._data, self._event or "message"
        self._data, self._event = [], ""
        return [ServerEvent("\n".join(data), event, self._id)] if data else []
