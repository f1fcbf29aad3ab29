"""What we sign, at the other end: by our verifier and by the reference, which must not differ."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson
import pytest
from standardwebhooks import webhooks

from newsfeed.testing.deliveries import SECRET
from newsfeed.testing.webhooks import RequestRefused, verify
from services.publish.transports.signing import key_of, signature, signed_headers

OTHER = "whsec_" + "bm90aGluZyBpcyBhcyBzZWNyZXQgYXMgdGhpcw=="
BODY = b'{"type":"digest.published","data":{"number":3}}'
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

Headers = dict[str, str]


class Case(NamedTuple):
    """A request, and the secret that its receiver holds."""

    headers: Headers
    secret: str = SECRET
    body: bytes = BODY


def sent(*secrets: str, after: float = 0, body: bytes = BODY, **changes: str) -> Headers:
    """The headers of an attempt so many seconds after now, some of them changed."""
    headers = signed_headers(secrets or (SECRET,), "msg_1", NOW + timedelta(seconds=after), body)
    return {**headers, **{f"webhook-{name}": value for name, value in changes.items()}}


def without(name: str) -> Headers:
    return {key: value for key, value in sent().items() if key != f"webhook-{name}"}


V1 = sent()["webhook-signature"]

TRUSTED = {
    "as we send it": Case(sent()),
    "a secret without whsec_": Case(sent(), SECRET.removeprefix("whsec_")),
    "two secrets, of which the first is ours": Case(sent(SECRET, OTHER)),
    "two secrets, of which the second is ours": Case(sent(OTHER, SECRET)),
    "an asymmetric signature before ours": Case(sent(signature=f"v1a,{V1[3:]} {V1}")),
    "a version of the future before ours": Case(sent(signature=f"v2,{V1[3:]} {V1}")),
    "four and a half minutes ago": Case(sent(after=-270)),
    "in four and a half minutes": Case(sent(after=270)),
    "a body of other scripts": Case(sent(body='{"é":"新聞 🗞"}'.encode()), body='{"é":"新聞 🗞"}'.encode()),
}

REFUSED = {
    "another secret": Case(sent(OTHER)),
    "two secrets, none of them ours": Case(sent(OTHER, OTHER)),
    "an asymmetric signature alone": Case(sent(signature=f"v1a,{V1[3:]}")),
    "a version of the future": Case(sent(signature=f"v2,{V1[3:]}")),
    "a signature of another moment": Case(sent(signature=sent(after=1)["webhook-signature"])),
    "a signature of nothing": Case(sent(signature="v1,")),
    "a signature that was cut": Case(sent(signature=V1[:-8])),
    "a signature of other letters": Case(sent(signature=V1.swapcase())),
    "no signature": Case(without("signature")),
    "no id": Case(without("id")),
    "another id": Case(sent(id="msg_2")),
    "no timestamp": Case(without("timestamp")),
    "another timestamp": Case(sent(timestamp=str(int(NOW.timestamp()) + 1))),
    "a timestamp in words": Case(sent(timestamp="now")),
    "five and a half minutes ago": Case(sent(after=-330)),
    "in five and a half minutes": Case(sent(after=330)),
    "a body with a line more": Case(sent(), body=BODY + b"\n"),
    "a body that was put in order": Case(sent(), body=BODY.replace(b":", b": ")),
}


class Clock(datetime):
    """The reference looks at the clock itself."""

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override] # no other zone is asked for
        assert tz is UTC
        return NOW


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Callable[[Case], object]:
    """The reference implementation, now; what it refuses it raises errors of its own for."""
    monkeypatch.setattr(webhooks, "datetime", Clock)
    return lambda case: webhooks.Webhook(case.secret).verify(case.body, case.headers)


@pytest.mark.parametrize("name", TRUSTED)
def test_both_ends_trust_what_is_ours(name: str, reference: Callable[[Case], object]) -> None:
    """W1: whatever stands beside our signature."""
    case = TRUSTED[name]

    assert verify([case.secret], case.headers, case.body, NOW) == "msg_1"
    assert reference(case) == orjson.loads(case.body)


@pytest.mark.parametrize("name", REFUSED)
def test_both_ends_refuse_what_is_not(name: str, reference: Callable[[Case], object]) -> None:
    """W1: nothing that was changed, and nothing that is old."""
    case = REFUSED[name]

    with pytest.raises(RequestRefused):
        verify([case.secret], case.headers, case.body, NOW)
    with pytest.raises(webhooks.WebhookVerificationError):
        reference(case)


def test_an_empty_body_is_signed_like_any_other() -> None:
    """The reference would take it for JSON."""
    assert verify([SECRET], sent(body=b""), b"", NOW) == "msg_1"


MALFORMED: Mapping[str, Headers] = {
    "no version": sent(signature=V1[3:]),
    "no padding": sent(signature=V1.rstrip("=")),
    "no base64": sent(signature="v1,!!!!"),
    "other letters than ASCII": sent(signature="v1,ü"),
    "nothing": sent(signature=""),
    "an id that is empty": dict(signed_headers([SECRET], "", NOW, BODY)),
    "digits of another script": sent(timestamp="١٢٣"),
    "a timestamp of another age": sent(timestamp="9" * 30),
    "a timestamp with a fraction": sent(timestamp=f"{int(NOW.timestamp())}.5"),
    "a timestamp below zero": sent(timestamp="-1"),
}
"""Where the reference raises an error of another kind, or is not as strict."""


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_refused_like_what_is_false(name: str) -> None:
    """Anybody can send it; it must not bring a receiver down."""
    with pytest.raises(RequestRefused):
        verify([SECRET], MALFORMED[name], BODY, NOW)


@pytest.mark.parametrize("rename", [str.upper, str.title])
def test_headers_may_be_spelled_in_capitals(rename: Callable[[str], str]) -> None:
    headers = {rename(name): f" {value} " for name, value in sent().items()}

    assert verify([SECRET], headers, BODY, NOW) == "msg_1"


def test_while_secrets_rotate_either_will_do() -> None:
    """W5: the receiver may change before or after us."""
    assert verify([SECRET], sent(OTHER, SECRET), BODY, NOW) == "msg_1"
    assert verify([OTHER], sent(OTHER, SECRET), BODY, NOW) == "msg_1"
    assert verify([OTHER, SECRET], sent(SECRET), BODY, NOW) == "msg_1"


def test_an_example_that_was_worked_out_by_hand() -> None:
    """W1: with openssl, so that no two errors of ours can agree."""
    secret = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()

    assert key_of(secret) == b"a secret of thirty-two bytes ..."
    assert (
        signature(secret, "msg_1", 1772366400, '{"title":"Brücke"}'.encode())
        == "v1,hZFaggCrZYiADyXfADTlVAs+1aTou+50GAV8i9EN/Rw="
    )
