"""Standard Webhooks 1.0.0: how a receiver knows that a request is ours, and unchanged. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


def key_of(secret: str) -> bytes:
    """The bytes of a secret as people copy it; raises ``ValueError``, which does not repeat it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("a secret is whsec_ and base64") from None
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"a secret is whsec_ and {SHORTEST} to {LONGEST} bytes in base64")
    return key


def signature(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of id, timestamp and body."""
    signed = f"{identity}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def signed_headers(secrets: Sequence[str], identity: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """The three headers of an attempt at a time: one signature for every secret in force."""
    timestamp = int(at.timestamp())
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, identity, timestamp, body) for one in secrets),
    }


def echo_token(secret: str, subscription_id: str) -> str:
    """What a receiver sends back to confirm its subscription: only who holds the secret can tell it.

    40 hexadecimal digits, the same at every attempt.
    """
    return hmac.new(key_of(secret), f"confirm:{subscription_id}".encode(), hashlib.sha256).hexdigest()[:40]
