"""``mixtui migrate``: the commands that it consists of, one after the other."""

from __future__ import annotations

import functools
import shlex
import shutil
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.arguments import session_from_arguments
from mixtui.cli.console import Console
from mixtui.cli.parsing import Parser, UsageError
from mixtui.jobs.comparison import count_events, differences
from mixtui.jobs.event_windows import DateWindow, read_dates
from mixtui.jobs.journal import JobState, job_name, job_state, journal_path
from mixtui.jobs.model import JobError
from mixtui.model.environment import Environment
from mixtui.model.errors import ExitStatus
from mixtui.storage.paths import private_folder, slug, state_dir
from mixtui.text import pluralise

LoadCommand = Callable[[str], tuple[Parser, Callable[[Namespace, Console], int]]]
_FOLDER = ".migration"
_SHOWN = 20
_GOES_ON = (ExitStatus.ACCEPTED, ExitStatus.PARTLY_STORED)
"""After a step with rejected records, the rest is copied anyway."""


class Step(Struct, frozen=True):
    """A command, which runs a job of that name."""

    command: str
    words: tuple[str, ...]
    name: str
    is_repeated: bool = False
    """Whether it is run again when the migration is resumed, though it is finished."""

    @property
    def line(self) -> str:
        """What one would type."""
        return shlex.join(("mixtui", *self.command.split(), *self.words))


class Migration(Struct, frozen=True):
    """What is copied, and by which steps."""

    name: str
    folder: Path
    """What is exported until it is imported; private."""
    source: str
    target: str
    dates: DateWindow
    steps: tuple[Step, ...]
    compare: Step | None

    @property
    def exported(self) -> Path:
        """The events of the source."""
        return self.folder / "events.ndjson"

    @property
    def arrived(self) -> Path:
        """The events of the target, afterwards."""
        return self.folder / "arrived.ndjson"


def migrate(arguments: Namespace, console: Console, load_command: LoadCommand) -> int:
    """Copy, and compare; return the exit status.

    Raises:
        MixtuiError: It cannot start, or a step stopped.
    """
    migration = _plan(arguments, console)
    if arguments.dry_run:
        for step in (*migration.steps, *filter(None, [migration.compare])):
            console.print(step.line)
        console.report("Nothing was sent.")
        return ExitStatus.ACCEPTED
    if migration.folder.exists():
        if arguments.restart:
            shutil.rmtree(migration.folder, ignore_errors=True)
        elif not arguments.resume:
            raise JobError(
                f"The migration {migration.name} is unfinished: add --resume to "
                "continue it, or --restart to start over. Neither stores an event twice."
            )
    elif arguments.resume:
        raise JobError(
            "There is nothing to resume: start the migration without --resume."
        )
    private_folder(migration.folder)
    run = functools.partial(_run_step, arguments, console, load_command)
    statuses: list[int] = []
    for number, step in enumerate(migration.steps, 1):
        console.report(f"Step {number} of {len(migration.steps)}: {step.command}.")
        status = run(step)
        if status not in _GOES_ON:
            _report_resume(console)
            return status
        statuses.append(status)
    if migration.compare is not None:
        status = run(migration.compare)
        if status != ExitStatus.ACCEPTED:
            _report_resume(console)
            return status
        statuses.append(_compare(migration, console))
    if arguments.keep or max(statuses) != ExitStatus.ACCEPTED:
        console.report(f"The exported files are in {migration.folder}.")
    else:
        shutil.rmtree(migration.folder, ignore_errors=True)
    return max(statuses)


def _plan(arguments: Namespace, console: Console) -> Migration:
    """Derive the steps.

    Raises:
        UsageError: Nothing is to be copied, or from and to the same project.
        MixtuiError: There is no such environment, or a date is invalid.
    """
    if arguments.resume and arguments.restart:
        raise UsageError("--resume and --restart cannot be combined.")
    if arguments.no_events and arguments.no_profiles:
        raise UsageError("--no-events and --no-profiles leave nothing to copy.")
    first, dots, last = arguments.dates.partition("..")
    if not dots:
        raise UsageError("--dates: expected two days, such as 2026-01-01..2026-01-31.")
    dates = read_dates(first, last)
    source = _environment(arguments, console, arguments.source)
    target = _environment(arguments, console, arguments.target)
    if _project(source) == _project(target):
        raise UsageError(
            f"{source.name} and {target.name} are of the same project: choose two."
        )
    what = [source.name, target.name, arguments.dates]
    name = slug(arguments.name) if arguments.name else job_name("migrate", *what)
    folder = journal_path(state_dir(), name).with_suffix(_FOLDER)
    events, profiles = folder / "events.ndjson", folder / "profiles.ndjson"
    between = ("--from", first, "--to", last)
    steps: list[Step] = []
    if not arguments.no_events:
        steps += [
            _export(f"{name}-events-out", "events export", source, events, between),
            _import(f"{name}-events-in", "events import", target, events),
        ]
    if not arguments.no_profiles:
        steps += [
            _export(f"{name}-profiles-out", "profiles export", source, profiles),
            _import(f"{name}-profiles-in", "profiles import", target, profiles),
        ]
    compare = None
    if not (arguments.no_compare or arguments.no_events):
        # The same moments may be of another day in another project's time zone.
        before = dates.first - timedelta(days=1)
        after = min(dates.last + timedelta(days=1), datetime.now(UTC).date())
        days = ("--from", str(before), "--to", str(max(after, dates.last)))
        arrived = folder / "arrived.ndjson"
        compare = replace(
            _export(f"{name}-compare", "events export", target, arrived, days),
            is_repeated=True,
        )
    return Migration(
        name, folder, source.name, target.name, dates, tuple(steps), compare
    )


def _project(environment: Environment) -> tuple[object, ...]:
    """Return what tells projects apart; other hosts are another server."""
    hosts = tuple(sorted(environment.hosts.items()))
    return environment.region, environment.project_id, hosts


def _environment(arguments: Namespace, console: Console, name: str) -> Environment:
    arguments.env = name
    return session_from_arguments(arguments, console).environment


def _export(
    name: str,
    command: str,
    environment: Environment,
    path: Path,
    more: tuple[str, ...] = (),
) -> Step:
    words = ("--env", environment.name, *more, "-o", str(path), "--name", name)
    return Step(command, (*words, "--force"), name)


def _import(name: str, command: str, environment: Environment, path: Path) -> Step:
    words = (str(path), "--to", environment.name, "--name", name)
    return Step(command, words, name)


def _run_step(
    arguments: Namespace, console: Console, load_command: LoadCommand, step: Step
) -> int:
    """Run a step, or the rest of it, unless it is done.

    Raises:
        MixtuiError: It stopped.
    """
    state = job_state(journal_path(state_dir(), step.name))
    words = list(step.words)
    if arguments.resume and state is JobState.FINISHED and not step.is_repeated:
        return ExitStatus.ACCEPTED
    if state is not None:
        is_done = state is JobState.FINISHED or not arguments.resume
        words.append("--restart" if is_done else "--resume")
    if arguments.collection:
        words += ["--collection", arguments.collection]
    if arguments.yes:
        words.append("--yes")
    parser, run = load_command(step.command)
    options = parser.parse(words, Namespace(env=None, collection=None))
    options.argv = (*step.command.split(), *words)
    try:
        return run(options, console)
    except BaseException:
        _report_resume(console)
        raise


def _compare(migration: Migration, console: Console) -> int:
    """Compare what was exported with what arrived; return the exit status.

    Raises:
        JobError: A file cannot be read.
    """
    source, target = count_events(migration.exported), count_events(migration.arrived)
    found = differences(source, target)
    events = pluralise(sum(source.values()), "event")
    if not found:
        console.report(f"{events} compared by day and name: all are there.")
        return ExitStatus.ACCEPTED
    for each in found[:_SHOWN]:
        console.report(
            f"  {each.day} {each.event}: {each.source:,} in {migration.source}, "
            f"{each.target:,} in {migration.target}"
        )
    if len(found) > _SHOWN:
        console.report(f"  … and {len(found) - _SHOWN:,} more")
    differ = pluralise(len(found), "number differs", "numbers differ")
    console.report(
        f"{events} compared by day and name: {differ}. "
        "What was just imported may take minutes to be exported: --resume compares again."
    )
    return ExitStatus.PARTLY_STORED


def _report_resume(console: Console) -> None:
    console.report("To continue the migration, repeat the command with --resume.")
