"""Which server a test runs on that does not ask."""

from __future__ import annotations

import pytest

from tests.integration.turns import is_turn

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
