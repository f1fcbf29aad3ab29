"""How partitions are divided among processes."""

from __future__ import annotations

from newsfeed.eventlog.leases import share


def test_shares_are_even_and_make_all_partitions() -> None:
    """A process too much would idle, a partition too much would rest."""
    for partitions in (1, 4, 5, 16, 63, 64):
        for count in (1, 2, 3, 4, 7, 10, 64, 70):
            members = {f"host:{number}" for number in range(count)}
            shares = [share(member, members, partitions) for member in members]

            assert sum(shares) == partitions
            assert max(shares) - min(shares) <= 1


def test_a_member_that_nobody_knows_yet_counts_itself() -> None:
    """After a failover the list of members can be empty."""
    assert share("one", set(), 4) == 4
    assert share("one", {"two"}, 4) == 2
