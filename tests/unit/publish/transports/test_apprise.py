"""Apprise is an extra: what is said when it is missing, or does not know an address."""

from __future__ import annotations

import pytest

from newsfeed.testing.deliveries import delivery_fields, destination
from newsfeed.testing.receivers import receiver, silent
from services.publish.transports import Delivery, Outcome, apprise
from services.publish.transports.apprise import MISSING, Apprise


async def test_without_the_extra_digests_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever installs it gets what came out meanwhile."""
    monkeypatch.setattr(apprise, "_is_installed", lambda: False)
    outcome = await Apprise().send(Delivery(**delivery_fields()), destination("json://x.example"))
    assert Apprise().problems("json://x.example", {}) == [MISSING]
    assert outcome == Outcome("retry", "not_installed")


async def test_an_address_of_no_service_is_refused() -> None:
    """That will not change by trying again."""
    outcome = await Apprise().send(Delivery(**delivery_fields()), destination("nothing-like-it://x"))
    assert outcome == Outcome("refused", "address_unusable")


async def test_a_service_that_says_nothing_is_given_up() -> None:
    """An attempt ends before its lease does."""
    async with receiver(silent) as there:
        home = destination(there.url.replace("http", "json") + "/?rto=1")
        outcome = await Apprise(total_seconds=0.2).send(Delivery(**delivery_fields()), home)
    assert outcome == Outcome("retry", "timeout")


def test_it_is_for_operators_only() -> None:
    """Its requests go past our guard, so nobody else is offered it: a form shows what must be confirmed."""
    assert Apprise.needs == "nothing"
