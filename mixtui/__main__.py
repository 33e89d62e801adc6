"""``mixtui`` and ``python -m mixtui``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line; returns the exit status."""
    from mixtui.cli.main import run
    from mixtui.end_signals import EndSignals, exit_status

    EndSignals().install()
    status = run(sys.argv[1:])
    return exit_status(EndSignals.first) if EndSignals.first else status


if __name__ == "__main__":
    sys.exit(main())
