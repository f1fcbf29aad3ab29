"""The receiving end of Standard Webhooks 1.0.0: whether a request is from who holds the secret, and fresh.

For tests of what sends webhooks, and for receivers of one's own. It shares nothing with what signs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""How far the clocks of the two sides may be apart."""


class RequestRefused(Exception):
    """A request is not to be trusted; the text says why and repeats nothing of it."""


def verify(secrets: Sequence[str], headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a request that one of the secrets signed, to know a repetition by.

    Secrets are base64, with or without ``whsec_``. Raises :class:`RequestRefused`.
    """
    named = {name.lower(): value for name, value in headers.items()}
    try:
        identity, stamp, signatures = (
            named[f"webhook-{name}"].strip() for name in ("id", "timestamp", "signature")
        )
    except KeyError as error:
        raise RequestRefused(f"{error.args[0]} is missing") from None
    if not identity:
        raise RequestRefused("webhook-id is empty")
    if abs(now - _moment(stamp)) > TOLERANCE:
        raise RequestRefused("webhook-timestamp is not of now")
    signed = f"{identity}.{stamp}.".encode() + body
    expected = [hmac.digest(_key(secret), signed, hashlib.sha256) for secret in secrets]
    given = [*filter(None, map(_signature, signatures.split()))]
    if not any(hmac.compare_digest(one, other) for one in given for other in expected):
        raise RequestRefused("no signature is of a secret of ours")
    return identity


def _moment(stamp: str) -> datetime:
    if not (stamp.isascii() and stamp.isdigit()):
        raise RequestRefused("webhook-timestamp is no number of seconds")
    try:
        return datetime.fromtimestamp(int(stamp), UTC)
    except (OverflowError, ValueError, OSError):
        raise RequestRefused("webhook-timestamp is not of now") from None


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix("whsec_"), validate=True)


def _signature(entry: str) -> bytes | None:
    """The bytes of an entry of the version that we know; None for any other, and for what is no base64."""
    version, comma, text = entry.partition(",")
    if version != "v1" or not comma:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
