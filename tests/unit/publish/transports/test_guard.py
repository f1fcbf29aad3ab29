"""The guard of the network: what is connected to is what was checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import ip_network

import httpcore2
import pytest

from newsfeed.testing.receivers import receiver
from services.publish.transports.guard import Guard, Refused, Unresolved, guarded_client

LOOPBACK = [ip_network("127.0.0.0/8")]


class Recorder(httpcore2.AsyncNetworkBackend):
    """Connects to nothing, and remembers to what."""

    def __init__(self, *dead: str) -> None:
        self.tried: list[str] = []
        self.dead = dead

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the signature is httpcore2's
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        assert (timeout, local_address, socket_options) == (None, None, None)
        self.tried.append(host)
        if host in self.dead:
            raise httpcore2.ConnectError
        assert port == 443
        return httpcore2.AsyncMockStream([])


class Names:
    """A resolver that gives each answer once, and the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        assert host
        assert port
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def guard(names: Names, recorder: Recorder) -> Guard:
    return Guard([], resolve=names, inner=recorder)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that is public when it is looked at and our own a moment later changes nothing."""
    recorder = Recorder()
    names = Names(["93.184.215.14"], ["127.0.0.1"])
    behind = guard(names, recorder)

    await behind.connect_tcp("rebinding.example", 443)
    with pytest.raises(Refused) as refused:
        await behind.connect_tcp("rebinding.example", 443)

    assert recorder.tried == ["93.184.215.14"]
    assert not refused.value.for_good


@pytest.mark.parametrize("bad", ["127.0.0.1", "10.0.0.1", "::1", "fe80::1%2", "64:ff9b::7f00:1", "nonsense"])
async def test_one_bad_address_among_good_ones_is_enough(bad: str) -> None:
    recorder = Recorder()

    with pytest.raises(Refused):
        await guard(Names(["8.8.8.8", bad]), recorder).connect_tcp("mixed.example", 443)

    assert recorder.tried == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::1"])
async def test_a_host_that_is_an_address_is_refused_for_good(host: str) -> None:
    """Nobody is asked what it means."""
    recorder = Recorder()

    with pytest.raises(Refused) as refused:
        await guard(Names(["8.8.8.8"]), recorder).connect_tcp(host, 443)

    assert refused.value.for_good
    assert recorder.tried == []


async def test_a_port_that_is_on_no_list_is_refused() -> None:
    recorder = Recorder()

    with pytest.raises(Refused):
        await guard(Names(["8.8.8.8"]), recorder).connect_tcp("example.org", 6379)

    assert recorder.tried == []


async def test_the_next_address_is_tried_when_one_is_dead() -> None:
    recorder = Recorder("8.8.8.8")

    await guard(Names(["8.8.8.8", "8.8.4.4"]), recorder).connect_tcp("example.org", 443)

    assert recorder.tried == ["8.8.8.8", "8.8.4.4"]


async def test_a_name_that_leads_nowhere_is_told_from_a_refusal() -> None:
    async def nowhere(_: str, __: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(Unresolved):
        await Guard([], resolve=nowhere).connect_tcp("nowhere.example", 443)
    with pytest.raises(Refused):
        await guard(Names([]), Recorder()).connect_tcp("empty.example", 443)


async def test_a_real_loopback_is_refused_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, too; and no proxy of the environment helps."""
    async with receiver() as here:
        monkeypatch.setenv("HTTP_PROXY", here.url)
        monkeypatch.setenv("ALL_PROXY", here.url)
        by_name = here.url.replace("127.0.0.1", "localhost")
        async with guarded_client(Guard([])) as client:
            for url in (here.url, by_name, "http://192.0.2.1/"):
                with pytest.raises(Refused):
                    await client.get(url)
        assert here.got == []
        async with guarded_client(Guard(LOOPBACK, resolve=Names(["127.0.0.1"]))) as client:
            assert (await client.get(by_name)).status_code == 200
        assert here.got[0].headers["host"].startswith("localhost:")
