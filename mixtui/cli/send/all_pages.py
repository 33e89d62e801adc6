"""``mixtui send --all-pages``: collect every page of a profile query in a file."""

from __future__ import annotations

import asyncio

from mixtui.cli.send.output import print_response, summary_lines
from mixtui.cli.send.run import ProgressLine, SendRun, draw_line
from mixtui.cli.send.sinks import SinkResult
from mixtui.client.client import Client
from mixtui.dispatch.dispatch import Completed, Dispatched, NoResponse, dispatch
from mixtui.model.errors import DraftError, ExitStatus, Field, MixtuiError
from mixtui.model.exchange import Exchange
from mixtui.model.prepared import PreparedRequest
from mixtui.outcome.paging import (
    QUOTA_NOTE,
    CollectionProgress,
    Page,
    collect,
    is_profile_query,
    read_page,
    size_label,
    start_collection,
)
from mixtui.outcome.regions import other_regions
from mixtui.storage.files import PartFile
from mixtui.storage.quota import QuotaStore
from mixtui.text import size


def check_all_pages(run: SendRun) -> None:
    """Check the options of ``--all-pages``, and that the request is a profile query.

    Raises:
        DraftError: Says what is wrong.
    """
    arguments = run.arguments
    if not arguments.output or arguments.output == "-":
        raise DraftError(Field.OPTIONS, "--all-pages needs -o FILE.")
    if arguments.filter is not None or arguments.json or arguments.include:
        raise DraftError(
            Field.OPTIONS,
            "--all-pages cannot be combined with --filter, --json or --include.",
        )
    if not is_profile_query(run.request):
        raise DraftError(
            Field.URL,
            "--all-pages only works for profile queries: POST /query/engage --api "
            "query.",
        )


def send_all_pages(run: SendRun, quota: QuotaStore) -> int:
    """Collect the pages; return the exit status.

    Raises:
        MixtuiError: It could not be sent, or the first request got no response.
    """
    collector = _PageCollector(run, quota)
    try:
        return asyncio.run(collector.run())
    except KeyboardInterrupt:
        raise KeyboardInterrupt(collector.close_partial()) from None


class _PageCollector:
    """Sends the query, then requests the remaining pages."""

    def __init__(self, run: SendRun, quota: QuotaStore) -> None:
        self._run, self._quota = run, quota
        self._console = run.console
        self._path = run.output_path
        self._client = Client(run.session.secrets)
        self._progress: CollectionProgress | None = None
        self._file: PartFile | None = None
        self._drawn = False

    async def run(self) -> int:
        """Write all pages; return the exit status."""
        try:
            first = await self._send_first()
            for line in summary_lines(first.exchange, first.outcome):
                self._console.report(line)
            page = read_page(first.exchange.response.body)
            if first.outcome.exit_status or page is None:
                return self._print_refusal(first)
            self._console.report(f"{size_label(page)}. {QUOTA_NOTE}")
            return await self._collect(first.exchange, page)
        finally:
            await self._client.close()

    def close_partial(self) -> str:
        """Close an unfinished file; return a sentence about it, empty = there is none."""
        if self._file is None or self._progress is None:
            return ""
        return (
            f"Partial result in {self._file.close_partial()}: {self._progress.summary}."
        )

    async def _send_first(self) -> Completed:
        request = self._run.request
        with self._run.recorder() as recorder:
            async with ProgressLine(self._console) as progress:
                dispatched = await dispatch(
                    request,
                    client=self._client,
                    quota=self._run.quota_guard(request, self._quota),
                    history=recorder,
                    other_environments=other_regions(
                        request, self._run.session.environments
                    ),
                    on_progress=progress.update,
                )
        return _require_response(dispatched)

    async def _send_next(self, request: PreparedRequest) -> Exchange:
        """Send the request for a later page; it shares the history entry of the first."""
        guard = self._run.quota_guard(request, self._quota)
        dispatched = await dispatch(request, client=self._client, quota=guard)
        return _require_response(dispatched).exchange

    def _print_refusal(self, first: Completed) -> int:
        """Print a response that does not belong in the file."""
        exchange, outcome = first.exchange, first.outcome
        print_response(
            exchange,
            SinkResult(exchange.response.body),
            self._console,
            include=False,
            is_explained=bool(outcome.detail),
        )
        self._console.report(
            f"{self._path} was not written: the response is not a page of profiles."
        )
        return outcome.exit_status or ExitStatus.REFUSED

    async def _collect(self, exchange: Exchange, page: Page) -> int:
        started = exchange.timing.started.timestamp()
        self._file = file = PartFile(self._path, overwrite=True)
        await self._write(page.profiles)
        progress = self._progress = start_collection(page)
        while True:
            try:
                progress = await collect(
                    self._run.request,
                    progress,
                    started,
                    send=self._send_next,
                    write=self._write,
                    on_progress=self._draw_progress,
                )
            except MixtuiError:
                self._erase_progress()
                self._console.report(self.close_partial())
                raise
            self._progress = progress
            self._erase_progress()
            if progress.is_complete:
                break
            if not self._confirm_next(progress):
                self._console.report(self.close_partial())
                self._console.report(progress.resume_hint)
                return progress.exit_status
        file.finish()
        self._console.report(
            f"Saved {self._path}: {progress.summary}, {size(file.size)}."
        )
        if progress.shortfall:
            self._console.report(progress.shortfall)
            return ExitStatus.NO_RESPONSE
        return ExitStatus.ACCEPTED

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        assert self._file is not None
        self._file.write(b"".join(profile + b"\n" for profile in profiles))

    def _draw_progress(self, progress: CollectionProgress) -> None:
        self._progress = progress
        if self._console.stderr_is_terminal:
            draw_line(self._console, progress.progress)
            self._drawn = True

    def _erase_progress(self) -> None:
        if self._drawn:
            draw_line(self._console)
            self._drawn = False

    def _confirm_next(self, progress: CollectionProgress) -> bool:
        self._console.report(progress.problem)
        if not self._console.can_prompt:
            return False
        return self._console.confirm(
            f"Received {progress.summary}. Continue from page {progress.number + 2}?"
        )


def _require_response(dispatched: Dispatched) -> Completed:
    """Return the dispatched request if it got a response.

    Raises:
        SendError: It got none.
    """
    if isinstance(dispatched, NoResponse):
        raise dispatched.error
    return dispatched
