"""A curl command or a whole URL that was pasted, taken over as the draft."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mixtui.core.environments import NO_ENVIRONMENT, Environment
from mixtui.core.errors import InterchangeError
from mixtui.core.requests import Draft
from mixtui.interchange.curl import import_curl
from mixtui.interchange.found import ExtractedCredential, ImportedRequest
from mixtui.interchange.leaving_out import distinct, strip_credentials
from mixtui.interchange.placing import (
    assign_credentials,
    matches,
    matching_environments,
    missing_credentials,
    new_environment,
    replaced_credentials,
    strip_known,
    target_label,
)
from mixtui.interchange.recognising import is_curl
from mixtui.interchange.urls import parse_url
from mixtui.storage.environment_file import name_problem
from mixtui.ui.dialogs import ChoiceDialog, NameDialog
from mixtui.ui.errands import environment_store, reopen

if TYPE_CHECKING:
    from mixtui.ui.main_screen import MainScreen

_OFFERED = 5
"""So many environments at most; the others are reached with f9."""


@dataclass(frozen=True, slots=True)
class _Into:
    """Use an environment, with what was found put into it or as it is."""

    environment: Environment
    credentials: bool


_Answer = _Into | Literal["new", "leave"]


class PasteImport:
    """Its coroutines wait for dialogs, so they run in a worker of the screen."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    async def run(self, text: str) -> None:
        """Take over what was pasted; nothing is sent.

        Raises:
            MixtuiError: It cannot be taken over, or an environment cannot be changed.
        """
        if is_curl(text):
            await self._of_curl(text)
        else:
            await self._of_url(text)

    async def _of_curl(self, text: str) -> None:
        screen = self._screen
        imported = await asyncio.to_thread(import_curl, text, self._known)
        if is_curl(screen.draft.url):
            # Pasted key by key, it stands in the URL; that is no work to be lost.
            screen.draft = replace(screen.draft, url=screen.desk.saved.url)
        if not await screen.desk.may_leave():
            return
        if not await self._placed(imported):
            return
        screen.desk.show(None)
        self._show(imported, "The command was taken over; nothing was sent.")

    async def _of_url(self, text: str) -> None:
        """Only API, URL and query change."""
        screen = self._screen
        draft = screen.draft
        try:
            located = parse_url(text, self._known)
        except InterchangeError:
            # It stands where it was pasted, beside the reason.
            screen.draft = replace(draft, url=text.strip())
            raise
        bare = Draft(
            method=draft.method, api=located.api, url=located.url, query=located.query
        )
        without = strip_credentials(bare)
        imported = ImportedRequest(
            draft=replace(
                draft,
                api=located.api,
                url=located.url,
                query=without.draft.query or draft.query,
            ),
            region=located.region,
            project_id=located.project_id,
            credentials=distinct((*located.credentials, *without.credentials)),
            notes=(*located.notes, *without.notes),
            environment=located.environment,
        )
        if await self._placed(imported):
            self._show(imported, "")

    @property
    def _known(self) -> tuple[Environment, ...]:
        session = self._screen.session
        return (session.environment, *session.environments.all)

    def _show(self, imported: ImportedRequest, sentence: str) -> None:
        screen = self._screen
        used = screen.environment
        screen.draft = strip_known(imported.draft, used)
        screen.focus_request()
        notes = [sentence, *imported.notes] if sentence else [*imported.notes]
        if notes:
            screen.notify_text(" ".join(notes))
        if not matches(used, imported):
            screen.notify_text(
                f"It was meant for {target_label(imported)}; here it goes where the "
                f"environment {used.name} leads ({used.region}).",
                severity="warning",
            )

    async def _placed(self, imported: ImportedRequest) -> bool:
        """Ask where what was found belongs, and put it there; False = given up."""
        used = self._screen.environment
        fitting_here = matches(used, imported)
        new = missing_credentials(used, imported.credentials) if fitting_here else ()
        if fitting_here and not new:
            return True
        if not imported.credentials and used is NO_ENVIRONMENT:
            return True
        answer = await self._ask(imported)
        if answer is None:
            return False
        if answer == "new":
            return await self._into_new(imported)
        if isinstance(answer, _Into):
            if answer.credentials:
                await self._keep(answer.environment, imported, answer.environment.name)
            reopen(self._screen, answer.environment.name)
        return True

    async def _ask(self, imported: ImportedRequest) -> _Answer | None:
        found = imported.credentials
        sentences = [f"This is for {target_label(imported)}."]
        if found:
            listed = "; ".join(f"the {credential.words}" for credential in found)
            sentences.append(
                f"With it came {listed}. That does not stay in the request."
            )
        used = self._screen.environment
        them = "Put it" if len(found) == 1 else "Put them"
        leave = "Leave it out" if len(found) == 1 else "Leave them out"
        choices: list[tuple[str, str, _Answer]] = [
            *self._offers(imported, them),
            (
                "n",
                f"{them} into a new environment…" if found else "A new environment…",
                "new",
            ),
            ("l", leave if found else f"Stay in {used.name}", "leave"),
        ]
        return await self._screen.app.push_screen_wait(
            ChoiceDialog[_Answer](" ".join(sentences), choices, title="Take over")
        )

    def _offers(
        self, imported: ImportedRequest, them: str
    ) -> list[tuple[str, str, _Answer]]:
        """The environments that fit; the one in use first."""
        store = environment_store(self._screen.session)
        used = self._screen.environment.name
        fitting_ones = sorted(
            matching_environments(imported, self._screen.session.environments.all),
            key=lambda environment: environment.name != used,
        )
        offers: list[tuple[str, str, _Answer]] = []
        for number, environment in enumerate(fitting_ones[:_OFFERED], 1):
            new = missing_credentials(environment, imported.credentials)
            keeps = bool(new) and store.editable(environment)
            if keeps:
                words = f"{them} into {environment.name}{_instead(environment, new)}"
            else:
                words = f"Use {environment.name} as it is"
            offers.append((str(number), words, _Into(environment, keeps)))
        return offers

    async def _into_new(self, imported: ImportedRequest) -> bool:
        taken = set(self._screen.session.environments.names)

        def check(name: str) -> str | None:
            if name in taken:
                return f"There is an environment {name} already."
            reason = name_problem(name)
            return f"That cannot be a name: {reason}." if reason else None

        name = await self._screen.app.push_screen_wait(
            NameDialog("New environment", _suggested(imported, taken), check=check)
        )
        if name is None:
            return False
        await self._keep(new_environment(name, imported), imported, None)
        reopen(self._screen, name)
        return True

    async def _keep(
        self, environment: Environment, imported: ImportedRequest, old_name: str | None
    ) -> None:
        """Write the environment and its typed secrets."""
        session = self._screen.session
        done = assign_credentials(
            environment, imported, session.secrets.variables or os.environ
        )
        store = environment_store(session)
        await asyncio.to_thread(store.save, done.environment, old_name, done.secrets)
        kept = ", ".join(f"the {found.words}" for found in imported.credentials)
        if kept:
            self._screen.notify_text(
                f"Kept in the environment {environment.name}: {kept}."
            )
        for note in done.notes:
            self._screen.notify_text(note, severity="warning")


def _instead(environment: Environment, found: Sequence[ExtractedCredential]) -> str:
    gone = replaced_credentials(environment, found)
    return f", in place of its {' and '.join(gone)}" if gone else ""


def _suggested(imported: ImportedRequest, taken: set[str]) -> str:
    """A name that is free, such as ``eu-1234567``."""
    base = "-".join(filter(None, (imported.region, imported.project_id))) or "mixpanel"
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (base, *numbered) if name not in taken)
