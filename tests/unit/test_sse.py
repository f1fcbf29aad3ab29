"""The event stream format, by its own rules: what is read must not depend on how it was cut."""

from __future__ import annotations

import pytest

from newsfeed.sse import KEEP_ALIVE, Parser, ServerEvent, encode

BOM = "\ufeff".encode()
ONE = [ServerEvent("a")]

VECTORS: dict[str, tuple[bytes, list[ServerEvent]]] = {
    "nothing": (b"", []),
    "blank lines only": (b"\n\n\n", []),
    "line feeds": (b"data: a\n\n", ONE),
    "carriage returns": (b"data: a\r\r", ONE),
    "both": (b"data: a\r\n\r\n", ONE),
    "line ends that are mixed": (b"data: a\rdata: b\r\ndata: c\n\r", [ServerEvent("a\nb\nc")]),
    "one line end of two bytes is no blank line": (b"data: a\r\ndata: b\r\n\r\n", [ServerEvent("a\nb")]),
    "no space after the colon": (b"data:a\n\n", ONE),
    "two spaces after the colon": (b"data:  a\n\n", [ServerEvent(" a")]),
    "a tab after the colon": (b"data:\ta\n\n", [ServerEvent("\ta")]),
    "a space before the colon": (b"data : a\n\n", []),
    "no colon": (b"data\n\n", [ServerEvent("")]),
    "no colon twice": (b"data\ndata\n\n", [ServerEvent("\n")]),
    "a colon in the value": (b"data: a: b\n\n", [ServerEvent("a: b")]),
    "many lines": (b"data: a\ndata: b\ndata:\n\n", [ServerEvent("a\nb\n")]),
    "a byte order mark": (BOM + b"data: a\n\n", ONE),
    "a second byte order mark": (BOM + BOM + b"data: a\n\n", []),
    "a byte order mark later": (b"\n" + BOM + b"data: a\n\ndata: b\n\n", [ServerEvent("b")]),
    "comments": (b": hello\n:\ndata: a\n: between\n\n", ONE),
    "a comment alone": (KEEP_ALIVE, []),
    "an event's name": (b"event: digest\ndata: a\n\n", [ServerEvent("a", "digest")]),
    "the last name counts": (b"event: x\nevent: y\ndata: a\n\n", [ServerEvent("a", "y")]),
    "an empty name": (b"event: x\nevent:\ndata: a\n\n", ONE),
    "a name is for one event": (
        b"event: x\ndata: a\n\ndata: b\n\n",
        [ServerEvent("a", "x"), ServerEvent("b")],
    ),
    "a name without data": (b"event: x\n\ndata: a\n\n", ONE),
    "an id": (b"id: 7-0\ndata: a\n\n", [ServerEvent("a", event_id="7-0")]),
    "an id stays": (
        b"id: 7\ndata: a\n\ndata: b\n\n",
        [ServerEvent("a", event_id="7"), ServerEvent("b", event_id="7")],
    ),
    "an empty id resets": (
        b"id: 7\ndata: a\n\nid\ndata: b\n\n",
        [ServerEvent("a", event_id="7"), ServerEvent("b")],
    ),
    "an id with NUL is none": (b"id: 7\nid: 8\x00\ndata: a\n\n", [ServerEvent("a", event_id="7")]),
    "an id without data counts later": (b"id: 7\n\ndata: a\n\n", [ServerEvent("a", event_id="7")]),
    "NUL in data": (b"data: a\x00b\n\n", [ServerEvent("a\x00b")]),
    "names are case-sensitive": (b"Data: a\nDATA: b\n\n", []),
    "an unknown field": (b"when: now\ndata: a\n\n", ONE),
    "an end without a blank line": (b"data: a\n\ndata: b\n", ONE),
    "an end in a line": (b"data: a\n\ndata: b", ONE),
    "other scripts": ("data: أخبار 🗞\n\n".encode(), [ServerEvent("أخبار 🗞")]),
    "other separators are text": (
        "data: a\u2028b\x0bc\x85d\n\n".encode(),
        [ServerEvent("a\u2028b\x0bc\x85d")],
    ),
    "bytes that are no UTF-8": (b"data: \xff\n\n", [ServerEvent("\ufffd")]),
}


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("size", [1, 2, 3, 10_000])
def test_a_stream_is_read_alike_however_it_is_cut(name: str, size: int) -> None:
    """A network cuts where it likes: between CR and LF, and inside a character."""
    stream, expected = VECTORS[name]
    parser = Parser()

    found = [e for start in range(0, len(stream), size) for e in parser.feed(stream[start : start + size])]

    assert found == expected


@pytest.mark.parametrize(
    ("line", "retry_ms"),
    [
        ("retry: 10", 10),
        ("retry:0", 0),
        ("retry: 1.5", None),
        ("retry: -1", None),
        ("retry: ٣", None),
        ("retry", None),
    ],
)
def test_only_digits_say_when_to_come_again(line: str, retry_ms: int | None) -> None:
    """Whatever else stands there leaves the waiting time as it was."""
    parser = Parser()

    parser.feed(f"{line}\n\n".encode())

    assert parser.retry_ms == retry_ms


def test_an_id_counts_once_its_event_is_complete() -> None:
    """Else a reconnect would skip the event that was cut off."""
    parser = Parser("6")

    parser.feed(b"id: 7\ndata: a\n")

    assert parser.last_event_id == "6"
    parser.feed(b"\n")
    assert parser.last_event_id == "7"


@pytest.mark.parametrize("data", [b"", b"{}", b"a\nb", b"a\r\nb\rc", "😀 \u2028".encode(), b": x\n\n"])
def test_what_is_encoded_is_read_back(data: bytes) -> None:
    """Line ends of any kind become one kind; all else stays."""
    [event] = Parser().feed(encode(data, "digest", "7-0"))

    assert event == ServerEvent(data.decode().replace("\r\n", "\n").replace("\r", "\n"), "digest", "7-0")


@pytest.mark.parametrize("wrong", ["a\nb", "a\rb", "a\0b"])
def test_an_id_that_could_end_its_line_is_refused(wrong: str) -> None:
    """A client would take the rest of it for fields, or drop the id."""
    with pytest.raises(ValueError, match="one line"):
        encode(b"", "digest", wrong)
