"""``mixtui profiles export`` and ``mixtui groups export``."""

from __future__ import annotations

import math
import os
from argparse import Namespace
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mixtui.cli.console import Console
from mixtui.cli.jobs.run import (
    JobCommand,
    JobPlan,
    JobRun,
    account_values,
    open_command,
    open_journal,
)
from mixtui.cli.parsing import UsageError
from mixtui.jobs.journal import (
    JobDescription,
    JobState,
    Journal,
    job_name,
    received_folder,
    remove_received,
)
from mixtui.jobs.model import Account, JobError
from mixtui.jobs.profile_export import (
    ProfileExport,
    ProfileQuery,
    query_request,
)
from mixtui.jobs.property_types import PROFILES, PropertyTypes
from mixtui.jobs.quota_gate import QuotaGate
from mixtui.jobs.record_output import Output, OutputFormat, Writer, choose_output
from mixtui.jobs.sending import Connection, Sending
from mixtui.model.errors import ExitStatus
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.paging import QUOTA_NOTE
from mixtui.request.confirmation import target_project_id
from mixtui.storage.paths import slug
from mixtui.system import CancelToken
from mixtui.text import pluralise, size


class ExportPlan(Struct, frozen=True):
    """What is to be exported, and to where."""

    kind: str
    """The command, such as "profiles export"."""
    command: JobCommand
    query: ProfileQuery
    output: Output
    request: PreparedRequest

    @property
    def label(self) -> str:
        """What is exported to where, in a clause."""
        what = "group profiles" if self.query.data_group_id else "user profiles"
        request = self.request
        return (
            f"{what} of project {target_project_id(request) or '(none)'} in "
            f"{request.region} ({request.environment}) to {self.output.path.name}"
        )

    @property
    def job(self) -> JobPlan:
        """The job that does it; another output is the same job."""
        query = msgspec.json.encode(self.query, order="deterministic").decode()
        description = JobDescription(
            self.kind,
            self.request.environment,
            target_project_id(self.request),
            self.request.region,
            self.request.url,
            query,
        )
        name = self.command.arguments.name
        return JobPlan(
            slug(name) if name else job_name(self.kind, query, self.request.url),
            f"Export {self.label}",
            description,
            (),
            unit="profiles",
            outputs=(str(self.output.path),),
        )


def export_users(arguments: Namespace, console: Console) -> int:
    """Export user profiles; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    query = ProfileQuery(
        where=arguments.where,
        output_properties=tuple(arguments.output_properties),
        cohort=arguments.cohort,
        distinct_ids=_read_ids(arguments.distinct_ids, console),
    )
    return _export("profiles export", arguments, console, query)


def export_groups(arguments: Namespace, console: Console) -> int:
    """Export group profiles; return the exit status.

    Raises:
        MixtuiError: It cannot start, or stopped.
    """
    query = ProfileQuery(
        where=arguments.where,
        output_properties=tuple(arguments.output_properties),
        data_group_id=arguments.data_group_id,
    )
    return _export("groups export", arguments, console, query)


def _read_ids(name: str | None, console: Console) -> tuple[str, ...]:
    """Return the ids in a file, one a line; none if no file is named.

    Raises:
        UsageError: The file cannot be read, or has no id.
    """
    if name is None:
        return ()
    try:
        if name == "-":
            text = console.stdin.buffer.read().decode()
        else:
            text = (console.folder / os.path.expanduser(name)).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"{name} cannot be read: {error}.") from None
    ids = tuple(line.strip() for line in text.splitlines() if line.strip())
    if not ids:
        raise UsageError(f"{name} contains no ids: write one in each line.")
    return ids


def _export(
    kind: str, arguments: Namespace, console: Console, query: ProfileQuery
) -> int:
    path = console.folder / os.path.expanduser(arguments.output)
    written_as = OutputFormat(arguments.format) if arguments.format else None
    output = replace(choose_output(path, written_as), overwrite=arguments.force)
    command = open_command(arguments, console)
    request = query_request(command.session.environment, query)
    plan = ExportPlan(kind, command, query, output, request)
    if arguments.dry_run:
        console.report(f"Would export {plan.label}. Nothing was sent.")
        console.report(f"It takes 1 query. {QUOTA_NOTE}")
        console.print(f"POST {request.redactor.redact(request.url)}")
        console.print_untrusted(query.form)
        return ExitStatus.ACCEPTED
    if not arguments.resume:
        _check_output(output)
    with open_journal(
        command, plan.job, lambda journal: _check_output(output, journal)
    ) as journal:
        return _run(plan, journal)


def _check_output(output: Output, journal: Journal | None = None) -> None:
    """Refuse to replace a file, unless the job that is resumed has written it.

    Raises:
        JobError: It is another one.
    """
    is_ours = journal is not None and journal.has_written(output.path)
    if os.path.lexists(output.path) and not (output.overwrite or is_ours):
        raise JobError(
            f"{output.path.name} exists: add --force to replace it, or choose another "
            "name."
        )


def _run(plan: ExportPlan, journal: Journal) -> int:
    """Export; return the exit status.

    Raises:
        MixtuiError: It stopped.
    """
    arguments, console = plan.command.arguments, plan.command.console
    jobs: list[ProfileExport] = []
    writer = Writer(plan.output, PROFILES, received_folder(journal.path), journal)

    def write(pages: Path, token: CancelToken) -> None:
        found = PropertyTypes(PROFILES)
        if writer.needs_types:
            found.read([pages], token)
        writer([(plan.output.path, [pages])], found, token)

    def make_job(connection: Connection, sending: Sending) -> ProfileExport:
        gate = QuotaGate(sending, connection.free_in, a_second=math.inf)
        jobs.append(
            ProfileExport(
                plan.request,
                replace(sending, send=gate),
                journal,
                write,
                run.report,
            )
        )
        return jobs[0]

    def report(account: Account, state: JobState) -> None:
        if arguments.json:
            console.print_json(account_values(journal, state, account))
        profiles = pluralise(account.stored, "profile")
        if state is JobState.FINISHED:
            path = plan.output.path
            length = size(path.stat().st_size)
            console.report(f"{profiles} exported to {path.name}, {length}.")
        else:
            console.report(f"{profiles} received so far.")

    run = JobRun(plan.command, plan.job, journal)
    status = run.run(make_job, report)
    if status == ExitStatus.ACCEPTED:
        remove_received(journal.path)
        if jobs[0].shortfall:
            console.report(jobs[0].shortfall)
            return ExitStatus.NO_RESPONSE
    return status
