"""A process that loads an engine, asks it, and has no network: what it tried of one is told.

Arguments: the setting (or ``curious``, which looks a name up) and a text. It prints a JSON object: ``names``
with their types, what was ``tried``, and why the engine is ``unavailable``, if it is.
"""

from __future__ import annotations

import json
import socket
import sys
from contextlib import suppress
from typing import Any

from tests.integration.enrich.offline import refuse

tried: list[str] = []


def refuse_and_note(event: str, arguments: tuple[Any, ...]) -> None:
    """Libraries go on when they are refused, so it is written down.

    One looks whether the machine has IPv6: it binds a socket to the machine itself, and closes it.
    """
    if event == "socket.bind" and arguments[1][0] == "::1":
        return
    try:
        refuse(event, arguments)
    except PermissionError as error:
        tried.append(str(error))
        raise


def ask(setting: str, text: str) -> list[tuple[str, str]]:
    """The names in the text, by the real loading code."""
    from services.enrich.recognition.engines import engine
    from services.enrich.text import tokenise

    found = engine(setting).recognise(text, tokenise(text), "fr")
    return [(text[one.start : one.end], one.type) for one in found]


def tell(setting: str, text: str) -> dict[str, Any]:
    """What is printed."""
    from services.enrich.recognition.errors import EngineUnavailable

    try:
        return {"names": ask(setting, text), "tried": tried}
    except EngineUnavailable as error:
        return {"unavailable": str(error), "tried": tried}


if __name__ == "__main__":
    sys.addaudithook(refuse_and_note)
    if sys.argv[1] == "curious":
        with suppress(PermissionError):
            socket.getaddrinfo("models.example", 443)
        answer: dict[str, Any] = {"tried": tried}
    else:
        answer = tell(sys.argv[1], sys.argv[2])
    sys.stdout.write(json.dumps(answer))
