"""Which versions there are after a build, a swap and a rollback."""

from __future__ import annotations

import pytest

from newsfeed.readmodel.catalogue import NoSuchVersion, Versions


def rebuilt(versions: Versions, fold: int = 1) -> Versions:
    begun = versions.begun(fold)
    assert begun.building is not None
    return begun.swapped(begun.building)


def test_a_swap_keeps_the_version_before_and_drops_the_one_before_that() -> None:
    versions = rebuilt(rebuilt(Versions().started(1)))

    assert (versions.live, versions.kept, versions.dropping) == (3, (3, 2), (1,))


def test_a_rollback_and_another_come_back_to_where_they_began() -> None:
    versions = rebuilt(Versions().started(1))

    back = versions.rolled_back(1)

    assert (back.live, back.kept) == (1, (2, 1))
    assert back.rolled_back(1) == versions


def test_a_rebuild_after_a_rollback_drops_the_bad_version() -> None:
    versions = rebuilt(rebuilt(Versions().started(1)).rolled_back(1))

    assert (versions.live, versions.kept, versions.dropping) == (3, (3, 1), (2,))


def test_an_interrupted_build_goes_on_unless_the_fold_changed() -> None:
    """Half of a version by one fold and half by another would be neither."""
    begun = Versions().started(1).begun(1)

    assert begun.begun(1) == begun
    assert (begun.begun(2).building, begun.begun(2).dropping) == (3, (2,))


def test_a_number_is_never_used_twice() -> None:
    """A projector that slept meanwhile must not take a new version for the old one."""
    versions = Versions().started(1).begun(1).given_up().dropped(2)

    assert versions.begun(1).building == 3


def test_there_is_nothing_to_go_back_to_at_first() -> None:
    with pytest.raises(NoSuchVersion):
        Versions().started(1).rolled_back(1)


def test_nobody_goes_back_to_what_another_release_made() -> None:
    versions = rebuilt(Versions().started(1), fold=2)

    with pytest.raises(NoSuchVersion, match="another release"):
        versions.rolled_back(2)


def test_a_version_that_was_given_up_is_not_swapped_in() -> None:
    with pytest.raises(NoSuchVersion):
        Versions().started(1).begun(1).given_up().swapped(2)


def test_a_start_changes_nothing_where_there_is_a_version() -> None:
    versions = rebuilt(Versions().started(1))

    assert versions.started(1) == versions
    assert (versions.there(), versions.state_of(2), versions.state_of(1)) == ([1, 2], "live", "previous")
