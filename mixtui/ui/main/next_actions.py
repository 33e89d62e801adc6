"""Next actions on a response: another region, rejected records, further pages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual.worker import WorkerCancelled, WorkerFailed

from mixtui.key_names import key_of
from mixtui.model.draft import Body, BodyType
from mixtui.model.errors import MixtuiError
from mixtui.outcome.failed_records import (
    FAILED_RECORDS_PATH,
    FailedRecord,
    RecordPosition,
    body_record_spans,
    body_type_for_suffix,
    keep_records,
    locate_record,
    read_failed_records,
    relocate_record,
)
from mixtui.outcome.quota import quota_accounts
from mixtui.outcome.regions import RegionOption, region_options, uses_official_host
from mixtui.patterns import compile_late
from mixtui.request.body import body_file_path
from mixtui.request.operation_match import operation_label
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values
from mixtui.text import pluralise, sanitize_excerpt
from mixtui.ui.dialogs.dialogs import ChoiceDialog, ConfirmDialog
from mixtui.ui.main.send import Declined
from mixtui.ui.request.body_editor import BodyEditor
from mixtui.ui.response.pane import ResponsePane
from mixtui.ui.response.state import FromHistory, Received, RequestRun, shown_redactor

if TYPE_CHECKING:
    from mixtui.document.document import Document
    from mixtui.model.prepared import PreparedRequest
    from mixtui.ui.main.collection.controller import CollectionController
    from mixtui.ui.main.host import PaneHost
    from mixtui.ui.main.layout import PaneLayout
    from mixtui.ui.main.runs import RequestRuns
    from mixtui.ui.main.send import SendController


class NoOtherRegion(MixtuiError):
    """The request cannot be sent to another region; says why, and what to do."""


class NoSuchRecord(MixtuiError):
    """There is no rejected record to go to; says why."""


_RECORD_PATH = compile_late(r"\.failed_records\[(\d+)\]")
_LONGEST_REASON = 200
_LARGEST_FILE = 20_000_000


class NextActions:
    """Runs the next actions on the response shown.

    Args:
        host: The screen.
        collection: The folder of the open request.
        runs: Sends the same request elsewhere.
        sender: Asks about the quota.
        layout: Brings the request forward.
        open_environments: Where a region is changed.
    """

    def __init__(
        self,
        host: PaneHost,
        collection: CollectionController,
        runs: RequestRuns,
        sender: SendController,
        layout: PaneLayout,
        open_environments: Callable[[], Awaitable[None]],
    ) -> None:
        self._host = host
        self._collection = collection
        self._runs = runs
        self._sender = sender
        self._layout = layout
        self._open_environments = open_environments

    async def run(self, action: str, index: int | None = None) -> None:
        """Do one of `NEXT_ACTIONS`.

        Args:
            action: Its name.
            index: For a refused record: its index in ``failed_records``.
        """
        match action:
            case "refused_record":
                await self.go_to_record(index)
            case "keep_rejected":
                await self.keep_rejected()
            case "other_region":
                await self.try_other_region()
            case "next_page":
                from mixtui.ui.main.paging import next_page

                await next_page(self._host, self._runs, self._sender)
            case _:
                from mixtui.ui.main.paging import all_pages

                await all_pages(self._host, self._runs)

    async def try_other_region(self) -> None:
        """Ask for a region, send the read there, and offer to switch if it is accepted.

        Raises:
            NoOtherRegion: There is nothing to send, or nowhere.
            MixtuiError: The other environment cannot send it.
        """
        run = self._host.slot.run
        if isinstance(self._host.slot.state, FromHistory):
            raise NoOtherRegion(
                "This response is from history. Send the request again "
                f"({key_of('send')})."
            )
        if run is None or not isinstance(run.state, Received):
            raise NoOtherRegion("No response yet. Send the request first.")
        request = run.request
        options = region_options(request, self._host.session.environments)
        if not options:
            raise NoOtherRegion(_why_not(request))
        choices = [(str(option.region)[0], option.label, option) for option in options]
        way = await self._host.ask(
            ChoiceDialog(
                f"{request.method} {operation_label(request.endpoint, request.operation)} was sent to "
                f"{request.region} for project {request.project_id or '(none)'}. "
                "Send this read-only request to another region? Nothing else changes.",
                choices,
                title="Try another region",
            )
        )
        if way is None:
            return
        request_there = self._request(run, way)
        environment = self._host.session.environments.get(request_there.environment)
        accounts = quota_accounts(request_there, environment or self._host.environment)
        wait = await self._sender.wait(request_there, accounts)
        if isinstance(wait, Declined):
            return
        again = self._runs.start(
            request_there,
            run.slot,
            run.draft,
            run.path,
            accounts,
            wait,
            answers=run.answers,
        )
        assert again.worker is not None
        try:
            await again.worker.wait()
        except (WorkerCancelled, WorkerFailed):
            return
        if self._host.slot.run is again:
            await self._offer(again, way)

    def _request(self, run: RequestRun, option: RegionOption) -> PreparedRequest:
        if option.request is not None:
            return option.request
        environment = self._host.session.environments.get(option.environment)
        if environment is None:
            raise NoOtherRegion(
                f"The environment {option.environment} no longer exists."
            )
        origin = self._collection.origin_of(run)
        values = Values(environment, answers=run.answers)
        return prepare(run.draft, environment, origin=origin, values=values)

    async def _offer(self, run: RequestRun, option: RegionOption) -> None:
        """Offer to use the environment of the region where the project was found."""
        state, region = run.state, option.region
        if not isinstance(state, Received) or state.outcome.exit_status:
            return
        environment = self._host.session.environments.get(option.environment)
        if environment is not None:
            if environment.name != self._host.environment.name and await self._confirm(
                f"The project is in {region}. Switch to the environment "
                f"{environment.name}?",
                f"Switch to {environment.name}",
            ):
                self._host.session = self._host.session.with_environment(environment)
            return
        if await self._confirm(
            f"The project is in {region}, but no environment uses it there. Open "
            f"the environments to change the region of {run.request.environment}?",
            "Open environments",
        ):
            await self._open_environments()

    async def _confirm(self, question: str, yes: str) -> bool:
        dialog = ConfirmDialog(question, yes=yes, no="Not now", title="Region found")
        return await self._host.ask(dialog) is True

    async def go_to_record(self, index: int | None = None) -> None:
        """Go to a rejected record in the request's Body tab.

        Args:
            index: Its place in ``failed_records``; None = that under the cursor, or the
                one behind the last that was gone to.

        Raises:
            NoSuchRecord: The response lists none, or the body no longer has it.
        """
        pane = self._host.response_pane
        document, sent = self._shown_response()
        records = await self._rejected(document)
        requested = _cursor(pane) if index is None else index
        position = pane.choose_rejected(document, len(records), requested)
        record, count = records[position], f"{position + 1:,} of {len(records):,}"
        if sent is None or sent.type is BodyType.FILE:
            location = await asyncio.to_thread(
                _in_file, sent, record, self._collection.folder
            )
            await self._host.request_pane.focus_tab("body")
            location_label = (
                f"line {location.line} of the file"
                if location
                else f"record {record.index}"
            )
            self._host.notify_text(
                f"Rejected {count}, {location_label}: {_reasons(record)}"
            )
            return
        now = self._host.draft.body or Body()
        record_position = await asyncio.to_thread(relocate_record, record, sent, now)
        if record_position is None and now == sent:
            raise NoSuchRecord(
                f"Rejected {count}, record {record.index}: {_reasons(record)}. A {sent.type} "
                "body has no records to go to."
            )
        if record_position is None:
            raise NoSuchRecord(
                f"The body has changed and no longer contains record {record.index}, "
                f"which was rejected: {_reasons(record)}."
            )
        await self._show(record_position)
        self._host.notify_text(
            f"Rejected {count}, line {record_position.line}: {_reasons(record)}. {record_position.note}".rstrip(),
            severity="warning" if record_position.note else "information",
        )

    async def keep_rejected(self) -> None:
        """Remove every record but the rejected ones from the body.

        Raises:
            NoSuchRecord: The response lists none, or the body is not the one sent.
        """
        document, sent = self._shown_response()
        records = await self._rejected(document)
        now = self._host.draft.body or Body()
        if BodyType.FILE in (now.type, sent.type if sent else now.type):
            raise NoSuchRecord(
                "The body is a file. Copy its rejected records into a body to resend "
                "only those."
            )
        kept = await asyncio.to_thread(_kept, sent or Body(), now, records)
        if kept is None:
            raise NoSuchRecord(
                "The body no longer has the records that were sent. Undo the change, or "
                "remove the other records yourself."
            )
        editor = await self._body_editor()
        editor.set_body(kept)
        await self._layout.refreshed()
        first = min(records, key=lambda record: record.index)
        if position := locate_record(kept, 0, first.field):
            editor.go_to(position.line, position.column)
        self._host.notify_text(
            f"Kept {pluralise(len(records), 'rejected record')}: {_reasons(first)}. Fix "
            f"and send. {key_of('text.undo')} restores the others."
        )

    async def _rejected(self, document: Document) -> Sequence[FailedRecord]:
        """Return the rejected records that a response lists."""
        source = document.source
        records = await asyncio.to_thread(
            read_failed_records,
            source.size,
            source.read,
            shown_redactor(self._host.slot.state),
        )
        if not records:
            raise NoSuchRecord("This response lists no rejected records.")
        return records

    def _shown_response(self) -> tuple[Document, Body | None]:
        """Return the response shown, and the body as it was typed when sent."""
        run, state = self._host.slot.run, self._host.slot.state
        match state:
            case Received(document=document) if run is not None:
                return document, run.draft.body
            case FromHistory(document=document, record=record):
                return document, record.draft.body
            case _:
                raise NoSuchRecord("No response here lists rejected records.")

    async def _body_editor(self) -> BodyEditor:
        self._layout.leave_maximised()
        self._layout.show_request()
        editor = await self._host.request_pane.show_tab("body")
        assert isinstance(editor, BodyEditor)
        return editor

    async def _show(self, record_position: RecordPosition) -> None:
        editor = await self._body_editor()
        await self._layout.refreshed()
        editor.go_to(record_position.line, record_position.column)


def _why_not(request: PreparedRequest) -> str:
    if request.safety.writes:
        return (
            "Writes are never sent to another region automatically. Switch to an "
            f"environment in that region ({key_of('environments')}) and send it from "
            "there."
        )
    if not uses_official_host(request):
        return (
            f"The environment {request.environment} sets its own host, whatever the "
            f"region. Change it ({key_of('environments')}) or use another environment."
        )
    return f"The {request.api.label} API has only one region."


def _cursor(pane: ResponsePane) -> int | None:
    """Return the rejected record under the cursor of the table or the body."""
    from mixtui.ui.table.view import TableView

    for table in pane.query(TableView):
        current = table.grid.current if table.has_focus_within else None
        if current is not None and table.view is not None:
            return (
                current[0].number
                if table.view.table.title == FAILED_RECORDS_PATH
                else None
            )
    match = (
        _RECORD_PATH.match(pane.body.location) if pane.body.has_focus_within else None
    )
    return int(match[1]) if match else None


def _in_file(
    body: Body | None, record: FailedRecord, folder: Path
) -> RecordPosition | None:
    if body is None:
        return None
    path = body_file_path(body, folder)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            return None
        text = path.read_text("utf-8", "replace")
    except OSError:
        return None
    return locate_record(
        replace(body, type=body_type_for_suffix(path.suffix), text=text), record.index
    )


def _kept(sent: Body, now: Body, records: Iterable[FailedRecord]) -> Body | None:
    """Return the rejected records of a body, if it has as many records as was sent."""
    counts = {sum(1 for _ in body_record_spans(body)) for body in (sent, now)}
    if len(counts) > 1:
        return None
    return keep_records(now, {record.index for record in records})


def _reasons(record: FailedRecord) -> str:
    name = f" ({record.insert_id})" if record.insert_id else ""
    return sanitize_excerpt(f"{record.reasons}{name}", _LONGEST_REASON)
