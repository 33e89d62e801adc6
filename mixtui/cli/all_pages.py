"""``mixtui send … --all-pages -o FILE``: every page of a profile query, a profile a line."""

from __future__ import annotations

import asyncio
import os
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from mixtui.cli.console import Console
from mixtui.cli.counting import QuotaGuard
from mixtui.cli.keeping import HistoryRecorder
from mixtui.cli.progress import ProgressLine
from mixtui.cli.results import print_answer, summary
from mixtui.cli.sinks import SinkResult
from mixtui.core.client import Client
from mixtui.core.environments import Environments
from mixtui.core.errors import (
    CredentialError,
    DraftError,
    ExitStatus,
    Field,
    MixtuiError,
    SendError,
    SettingsError,
)
from mixtui.core.exchange import Exchange
from mixtui.core.outcome import Outcome, outcome
from mixtui.core.page_collecting import CollectionProgress, collect, start_collection
from mixtui.core.prepare import PreparedRequest
from mixtui.core.profile_pages import (
    QUOTA,
    Page,
    asks_for_profiles,
    read_page,
    size_words,
)
from mixtui.core.regions import other_regions
from mixtui.core.secrets import SecretReader
from mixtui.core.words import size
from mixtui.session import Session
from mixtui.storage.part_file import PartFile

_ERASE = "\r\x1b[K"


def check_all_pages(request: PreparedRequest, arguments: Namespace) -> None:
    """Refuse what cannot be: no file to write, or no profile query.

    Raises:
        DraftError: Says which.
    """
    if not arguments.output or arguments.output == "-":
        raise DraftError(Field.OPTIONS, "--all-pages needs -o FILE.")
    if arguments.filter is not None or arguments.json or arguments.include:
        raise DraftError(
            Field.OPTIONS,
            "--all-pages writes profiles as they come: leave out --filter, --json and "
            "--include.",
        )
    if not asks_for_profiles(request):
        raise DraftError(
            Field.URL,
            "--all-pages is for profile queries: POST /query/engage --api query.",
        )


def send_all_pages(
    request: PreparedRequest,
    session: Session,
    keeper: HistoryRecorder,
    counter: QuotaGuard,
    arguments: Namespace,
    console: Console,
) -> int:
    """Collect the pages; returns the exit status.

    Raises:
        MixtuiError: It could not be sent, or nothing answered the first time.
    """
    path = console.folder / Path(os.path.expanduser(arguments.output))
    job = _Job(request, session.environments, keeper, counter, console, path)
    counter.count()
    try:
        return asyncio.run(job.run(session.secrets))
    except (CredentialError, SettingsError):
        if job.here is None:
            counter.not_made()
        raise
    except SendError as error:
        if not error.arrived:
            counter.not_made()
        keeper.not_answered(error)
        raise
    except KeyboardInterrupt:
        raise KeyboardInterrupt(job.kept()) from None


@dataclass
class _Job:
    """One run: the first page, then those behind it."""

    request: PreparedRequest
    environments: Environments
    keeper: HistoryRecorder
    counter: QuotaGuard
    console: Console
    path: Path
    here: CollectionProgress | None = None
    file: PartFile | None = None
    _drawn: bool = field(default=False)

    async def run(self, secrets: SecretReader) -> int:
        client = Client(secrets)
        try:
            async with ProgressLine(self.console) as progress:
                exchange = await client.send(self.request, on_progress=progress.tell)
            self.counter.answered(exchange)
            known = other_regions(self.request, self.environments)
            ended = outcome(exchange, known)
            page = read_page(exchange.response.body)
            self.keeper.answered(exchange, ended, None)
            for line in summary(exchange, ended):
                self.console.say(line)
            if ended.exit_status or page is None:
                return self._no_page(exchange, ended)
            self.console.say(f"{size_words(page)}. {QUOTA}")
            return await self._pages(client, exchange, page)
        finally:
            await client.close()

    def kept(self) -> str:
        """What there is of an unfinished file, in a sentence; empty if nothing."""
        if self.file is None or self.here is None:
            return ""
        return f"Kept in {self.file.keep()}: {self.here.summary}."

    def _no_page(self, exchange: Exchange, ended: Outcome) -> int:
        """What came is no content of the file: it is printed."""
        print_answer(
            exchange,
            SinkResult(exchange.response.body),
            self.console,
            include=False,
            explained=bool(ended.detail),
        )
        self.console.say(f"{self.path} was not written: the answer is no page.")
        return ended.exit_status or ExitStatus.REFUSED

    async def _pages(self, client: Client, exchange: Exchange, page: Page) -> int:
        started = exchange.timing.started.timestamp()
        self.file = PartFile(self.path, overwrite=True)
        await self._write(page.profiles)
        self.here = start_collection(page)
        while True:
            try:
                self.here = await collect(
                    self.request,
                    self.here,
                    started,
                    send=client.send,
                    write=self._write,
                    told=self._tell,
                )
            except MixtuiError:
                self._erase()
                self.console.say(self.kept())
                raise
            self._erase()
            if self.here.complete:
                break
            if not self._goes_on(self.here):
                return self._stopped(self.here)
        self.file.finish()
        self.console.say(f"{self.path}: {self.here.summary}, {size(self.file.size)}.")
        return ExitStatus.ACCEPTED

    async def _write(self, profiles: tuple[bytes, ...]) -> None:
        assert self.file is not None
        self.file.write(b"".join(profile + b"\n" for profile in profiles))

    def _tell(self, here: CollectionProgress) -> None:
        self.here = here
        if self.console.shows_progress:
            self.console.stderr.write(f"{_ERASE}{here.progress}")
            self.console.stderr.flush()
            self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self.console.stderr.write(_ERASE)
            self._drawn = False

    def _goes_on(self, here: CollectionProgress) -> bool:
        self.console.say(here.problem)
        if not self.console.can_ask:
            return False
        return self.console.ask(
            f"{here.summary} came. Go on from page {here.number + 2}?"
        )

    def _stopped(self, here: CollectionProgress) -> int:
        self.console.say(self.kept())
        self.console.say(here.rest)
        return here.exit_status
