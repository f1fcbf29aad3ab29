"""The operator's command `newsfeed`."""

from __future__ import annotations

import signal
import sys

INTERRUPTED = 130
"""Exit status of a command that was ended by Ctrl-C before it had its answer."""


def main() -> None:
    """Run the command in this process; leaves by ``SystemExit``.

    SIGTERM ends a command as Ctrl-C does, so that an embedded Redis it started is stopped, too.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        from newsfeed.cli.app import create

        create(*sys.argv[1:2])()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
