"""``python -m benchmarks``: measure, or print a report of a run."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import Plan
from benchmarks.peers import programs
from benchmarks.report import GROWTH, LINE_TESTS, put_into, report
from benchmarks.run import MEASUREMENTS, run
from benchmarks.samples import Recorder, read

_TESTS = [measurement.name for measurement in MEASUREMENTS]
_OWN_SECTIONS = (*LINE_TESTS, GROWTH)
"""Tests whose figures are a section of their own."""
_REPS = 3


def main() -> None:
    """Run the command line."""
    options = _parser().parse_args()
    if options.command == "report":
        sections = report(read(options.files))
        if options.write:
            put_into(options.write, sections)
        else:
            print("\n".join(sections.values()), end="")
        return
    # Stopping a run must leave no programs and no files behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    plan = Plan(options.quick, options.limit, options.largest)
    known = programs()
    peers = [known[name] for name in options.peers]
    if absent := [peer.name for peer in peers if not peer.command()]:
        sys.exit(f"{', '.join(absent)}: not found; see docs/performance.md.")
    tests = [one for one in MEASUREMENTS if one.name in options.tests]
    reps = options.reps or (1 if options.quick else _REPS)
    with options.out.open("a", encoding="utf-8") as out:
        run(plan, peers, tests, reps, options.peer_reps, Recorder(out))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("run", help="measure")
    command.add_argument(
        "--tests",
        type=_names(_TESTS),
        default=[name for name in _TESTS if name not in _OWN_SECTIONS],
        help=f"{', '.join(_TESTS)} (default: all but {', '.join(_OWN_SECTIONS)}, "
        "which are sections of their own)",
    )
    command.add_argument(
        "--peers",
        type=_names(list(programs())),
        default=[name for name, one in programs().items() if one.command()],
        help=f"{', '.join(programs())} (default: all that are found)",
    )
    command.add_argument(
        "--reps", type=int, metavar="N", help=f"default: {_REPS}; with --quick 1"
    )
    command.add_argument(
        "--peer-reps",
        type=int,
        default=1,
        metavar="N",
        help="repetitions of what takes long, for programs other than mixtui",
    )
    command.add_argument(
        "--limit",
        type=float,
        default=30.0,
        metavar="SECONDS",
        help="an answer that does not show by then is never shown",
    )
    command.add_argument(
        "--largest",
        default="1 GB",
        choices=("1 MB", "10 MB", "50 MB", "1 GB", "10 GB"),
        help="leave out larger answers",
    )
    command.add_argument(
        "--quick", action="store_true", help="small sizes: to see that it works"
    )
    command.add_argument(
        "--out", type=Path, default=Path("benchmark.jsonl"), metavar="FILE"
    )
    command = commands.add_parser("report", help="print tables of what was measured")
    command.add_argument("files", type=Path, nargs="+", metavar="FILE")
    command.add_argument(
        "--write",
        type=Path,
        metavar="DOCUMENT",
        help="put those of what was measured between the markers of a document",
    )
    return parser


def _names(known: list[str]) -> Callable[[str], list[str]]:
    """Return a parser for comma-separated names."""

    def names(text: str) -> list[str]:
        requested = text.split(",")
        if wrong := [name for name in requested if name not in known]:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(wrong)}")
        return requested

    return names


if __name__ == "__main__":
    main()
