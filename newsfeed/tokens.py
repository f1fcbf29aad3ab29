"""Tokens that only we can have made: who holds one may confirm or end the one subscription that it names.

One is for editors and names none: who holds it may define channels.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal

from itsdangerous import BadSignature, URLSafeSerializer

KEY_BYTES = 32

Purpose = Literal["confirm", "unsubscribe"]
DEFINING = "channels"
"""The purpose of the token of editors, and what it names."""


class Links:
    """Makes and reads tokens; they do not expire, because an old mail must still let its reader go."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, purpose: Purpose, subscription_id: str) -> str:
        """Letters, digits, ``-``, ``_`` and ``.``: fit for a URL as they are."""
        return str(self._serializer(purpose).dumps(subscription_id))

    def subscription_id(self, purpose: Purpose, token: str) -> str | None:
        """Which subscription a token names; None for one that we did not make for this purpose."""
        try:
            return str(self._serializer(purpose).loads(token))
        except BadSignature:
            return None

    def editors_token(self) -> str:
        """What a request has to bear that defines a channel."""
        return str(self._serializer(DEFINING).dumps(DEFINING))

    def is_editors(self, token: str) -> bool:
        """Whether a token is that of editors."""
        try:
            return bool(self._serializer(DEFINING).loads(token) == DEFINING)
        except BadSignature:
            return False

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=f"newsfeed.{purpose}")


def link_key(var: Path, file: Path | None = None) -> bytes:
    """The key in ``file`` or ``<var>/link.key``; it is made, for its owner alone, if it is missing.

    Raises ``OSError``, and ``ValueError`` for a file that is empty.
    """
    path = file or var / "link.key"
    if not path.exists():
        _make(path)
    key = path.read_bytes().strip()
    if not key:
        raise ValueError(f"{path} holds no key")
    return key


def _make(path: Path) -> None:
    """Write a key whole or not at all: of two programs that start together the first one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_hex(KEY_BYTES).encode())
    try:
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
