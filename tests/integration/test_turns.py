"""Which server a test runs on that does not ask."""

from __future__ import annotations

import pytest

from tests.integration.turns import is_turn, repeats

SERVERS = ("bundled", "path")


@pytest.mark.parametrize("name", ["test_a[{}]", "test_a[{}-before]", "test_a[0-{}]", "test_a_path[{}-path]"])
def test_every_test_runs_on_one_server(name: str) -> None:
    """On two it costs twice, and on none it proves nothing."""
    assert sum(is_turn(name.format(one), one, SERVERS) for one in SERVERS) == 1


def test_both_servers_have_their_turn() -> None:
    """Many tests are spread over both."""
    turns = [is_turn(f"test_a[path-{number}]", "path", SERVERS) for number in range(40)]

    assert 10 < sum(turns) < 30


def test_the_only_server_there_is_has_every_turn() -> None:
    assert all(is_turn(f"test_a[path-{number}]", "path", ("path",)) for number in range(40))


@pytest.mark.usefixtures("server")
def test_lines_are_counted_on_one_server(request: pytest.FixtureRequest) -> None:
    """On the second the test is the same, and counting takes longer than it."""
    asked = request.node.callspec.params["server"]

    assert not repeats(request.node, (asked, "another"))
    assert repeats(request.node, ("another", asked))
    assert not repeats(request.node, ("another",))


def test_what_asks_for_no_server_counts_lines(request: pytest.FixtureRequest) -> None:
    assert not repeats(request.node, SERVERS)
