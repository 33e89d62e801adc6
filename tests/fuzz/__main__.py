"""Fuzz for as long as one likes, and print the smallest failures.

python -m tests.fuzz --minutes 20
python -m tests.fuzz URL 'curl command' --examples 5000 --seed 3
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from hypothesis.errors import HypothesisWarning

from tests.fuzz.target import Failure, Target, fuzz
from tests.fuzz.targets import TARGETS

_ROUND = 250
"""Examples between two looks at the clock."""
_MAX_SHOWN = 3000
"""Characters of an example."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz the targets that are named, or all; return 1 if any failed."""
    options = _parser().parse_args(arguments)
    targets = list(_chosen(options.targets))
    if not targets:
        print("No target has such a name; --list lists them.", file=sys.stderr)
        return 2
    if options.list:
        print(*(target.name for target in targets), sep="\n")
        return 0
    warnings.simplefilter("ignore", HypothesisWarning)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"HOME": folder, "XDG_CONFIG_HOME": "", "XDG_STATE_HOME": ""}
        return _fuzz_all(targets, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", help="parts of their names; all by default"
    )
    parser.add_argument("--list", action="store_true", help="list the targets and end")
    parser.add_argument("--minutes", type=float, help="for all targets together")
    parser.add_argument("--examples", type=int, default=_ROUND, help="of each target")
    parser.add_argument("--seed", type=int, help="repeat the run with this seed")
    return parser


def _chosen(names: Sequence[str]) -> Iterator[Target]:
    wanted = [name.lower() for name in names]
    for target in TARGETS:
        if not wanted or any(name in target.name.lower() for name in wanted):
            yield target


def _fuzz_all(targets: Sequence[Target], options: argparse.Namespace) -> int:
    total, failures, started = 0, 0, time.monotonic()
    for target in targets:
        begun = time.monotonic()
        seconds = options.minutes and options.minutes * 60 / len(targets)
        count, failure = 0, None
        while failure is None:
            number = secrets.randbits(32) if options.seed is None else options.seed
            examples = _ROUND if seconds else options.examples
            try:
                fuzz(target, examples, number)
            except Failure as error:
                failure = error
                _report(error, number, examples)
            count += examples
            if not seconds or time.monotonic() - begun >= seconds:
                break
        took = time.monotonic() - begun
        state = "FAILED" if failure else "held"
        print(f"{target.name}: {state}, {count:,} examples, {took:.0f} s", flush=True)
        total, failures = total + count, failures + bool(failure)
    took = (time.monotonic() - started) / 60
    print(
        f"{len(targets)} targets, {total:,} examples, {took:.1f} min: {failures} failed"
    )
    return bool(failures)


def _report(failure: Failure, number: int, examples: int) -> None:
    print(f"\n{failure.target.name} does not hold for")
    print(f"  {failure.example!r:.{_MAX_SHOWN}}")
    here = str(Path(__file__).parents[2])
    frames = traceback.extract_tb(failure.error.__traceback__)
    for frame in frames:
        if frame.filename.startswith(here) and "site-packages" not in frame.filename:
            place = frame.filename.removeprefix(f"{here}/")
            print(f"  {place}:{frame.lineno} {frame.line}")
    error = failure.error
    print(f"  {type(error).__name__}: {error!s:.{_MAX_SHOWN}}")
    print(
        f"  python -m tests.fuzz '{failure.target.name}' --seed {number} "
        f"--examples {examples}\n",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
