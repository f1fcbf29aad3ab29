"""What a writer expects of a subject before it appends: any state, a kind of state, or one version."""

from __future__ import annotations

ANY = -1
"""Whatever is there: the event does not depend on it."""

EXISTS = -2
"""Something of the subject must be in the log."""

NO_STREAM = -3
"""Nothing of the subject may be in the log."""

ExpectedVersion = int
"""``ANY``, ``EXISTS``, ``NO_STREAM``, or the exact version (from 0: no version yet) of the subject."""


def matches(expected: ExpectedVersion, version: int, position: int) -> bool:
    """Whether a subject at a version, with its newest event at a position (0 = none), is as expected."""
    if expected == ANY:
        return True
    if expected in {EXISTS, NO_STREAM}:
        return (position > 0) == (expected == EXISTS)
    return version == expected
