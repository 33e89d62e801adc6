"""``mixtui jobs``: list, show, stop, resume and remove bulk jobs of this machine."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from typing import Any

    from mixtui.cli.console import Console
    from mixtui.jobs.registry import JobRecord

    Run = Callable[[Namespace, Console], int]
    LoadCommand = Callable[[str], tuple[Parser, Run]]

_SHOWN_REJECTED = 20


def list_arguments() -> Parser:
    parser = Parser(
        "jobs list",
        "List bulk jobs of this machine, the last changed first, whichever program "
        "runs\n"
        "them: name, activity, progress, records stored, rejected, what they do.",
        ("mixtui jobs list", "mixtui jobs list --json | jq '.[] | select(.problem)'"),
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_list(arguments: Namespace, console: Console) -> int:
    """List; return the exit status."""
    from mixtui.jobs.registry import list_jobs
    from mixtui.model.errors import ExitStatus
    from mixtui.storage.paths import state_dir

    jobs = list_jobs(state_dir())
    if arguments.json:
        console.print_json([job_values(job) for job in jobs])
        return ExitStatus.ACCEPTED
    console.print_columns([_cells(job) for job in jobs])
    if not jobs:
        console.report("No jobs.")
    return ExitStatus.ACCEPTED


def job_values(job: JobRecord) -> dict[str, Any]:
    """Return a job as JSON values."""
    description, account = job.description, job.account
    return {
        "name": job.name,
        "kind": description.kind,
        "activity": job.activity,
        "environment": description.environment,
        "project": description.project,
        "region": description.region,
        "command": list(job.start.arguments),
        "folder": job.start.folder,
        "changed": job.changed,
        "done": job.progress.done,
        "total": job.total or None,
        "unit": job.start.unit,
        "read": account.read,
        "stored": account.stored,
        "rejected": account.rejected,
        "not_sent": account.not_sent,
        "problem": job.problem or None,
    }


def _cells(job: JobRecord) -> tuple[str, ...]:
    description = job.description
    done, *rejected = job.counts
    return (
        job.name,
        job.activity,
        "—" if job.share is None else f"{job.share:.0%}",
        done,
        *(rejected or [""]),
        f"{description.kind}, {description.environment} ({description.region})",
    )


def _name_argument(parser: Parser) -> None:
    parser.add_argument("name", metavar="NAME", completes="job", help="name of the job")


def show_arguments() -> Parser:
    parser = Parser(
        "jobs show",
        "Print what a job does, how far it is, why it stopped, and what was rejected.",
        ("mixtui jobs show events-ndjson-1a2b3c4d",),
    )
    _name_argument(parser)
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def run_show(arguments: Namespace, console: Console) -> int:
    """Print a job; return the exit status."""
    from mixtui.jobs.registry import find_job, rejected_records
    from mixtui.model.errors import ExitStatus
    from mixtui.storage.paths import state_dir

    job = find_job(state_dir(), arguments.name)
    if arguments.json:
        console.print_json(job_values(job))
        return ExitStatus.ACCEPTED
    for label, value in job.facts:
        console.print_untrusted(f"{label:<11}{value}")
    rejected = rejected_records(state_dir(), job.name, _SHOWN_REJECTED)
    for record in rejected:
        console.print_untrusted(f"  line {record.line}: {record.label}")
    if rest := job.account.rejected - len(rejected):
        console.print(f"  … and {rest:,} more")
    return ExitStatus.ACCEPTED


def stop_arguments() -> Parser:
    parser = Parser(
        "jobs stop",
        "Let a running job finish what it sent, and stop. It can be resumed.",
        ("mixtui jobs stop events-ndjson-1a2b3c4d",),
    )
    _name_argument(parser)
    return parser


def run_stop(arguments: Namespace, console: Console) -> int:
    """Ask a job to stop; return the exit status."""
    from mixtui.jobs.registry import request_stop
    from mixtui.model.errors import ExitStatus
    from mixtui.storage.paths import state_dir

    console.report(request_stop(state_dir(), arguments.name))
    return ExitStatus.ACCEPTED


def resume_arguments() -> Parser:
    parser = Parser(
        "jobs resume",
        "Continue a job that was stopped or killed, with the command that started it, "
        "in\n"
        "its folder.",
        ("mixtui jobs resume events-ndjson-1a2b3c4d",),
    )
    _name_argument(parser)
    return parser


def run_resume(
    arguments: Namespace, console: Console, load_command: LoadCommand
) -> int:
    """Continue a job in the foreground; return the exit status."""
    import os

    from mixtui.cli.commands.root import app_arguments, split_command, split_options
    from mixtui.jobs.model import JobError
    from mixtui.jobs.registry import find_job, refuse_resume
    from mixtui.storage.paths import state_dir

    job = find_job(state_dir(), arguments.name)
    if not job.can_resume:
        raise refuse_resume(job)
    try:
        os.chdir(job.start.folder)
    except OSError as error:
        raise JobError(
            f"The folder of the job {job.name} cannot be opened: {error.strerror}: "
            f"{job.start.folder}."
        ) from None
    leading, rest = split_options(job.start.resuming)
    options = app_arguments().parse(leading, type(arguments)())
    options.argv = job.start.arguments
    name, own = split_command(rest)
    parser, run_command = load_command(name)
    return run_command(parser.parse(own, options), console)


def remove_arguments() -> Parser:
    parser = Parser(
        "jobs remove",
        "Delete the journals of jobs, with what is left of them. What they stored stays\n"
        "stored; they can no longer be resumed.",
        ("mixtui jobs remove events-ndjson-1a2b3c4d", "mixtui jobs remove --finished"),
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", completes="job", help="name of a job"
    )
    parser.add_argument(
        "--finished", action="store_true", help="remove all that are finished"
    )
    return parser


def run_remove(arguments: Namespace, console: Console) -> int:
    """Remove jobs; return the exit status."""
    from mixtui.cli.parsing import UsageError
    from mixtui.jobs.registry import Activity, list_jobs, remove_job
    from mixtui.model.errors import ExitStatus
    from mixtui.storage.paths import state_dir
    from mixtui.text import pluralise

    names = dict.fromkeys(arguments.names)
    if arguments.finished:
        jobs = list_jobs(state_dir())
        names |= {j.name: None for j in jobs if j.activity is Activity.FINISHED}
    elif not names:
        raise UsageError("Name a job, or add --finished.")
    for name in names:
        remove_job(state_dir(), name)
    console.report(f"{pluralise(len(names), 'job')} removed.")
    return ExitStatus.ACCEPTED
