"""Copy the draft as a command, a program or the TOML of its file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from mixtui.history.record import redacted_draft
from mixtui.interchange.export.inputs import export_values, secret_inputs
from mixtui.interchange.export.programs import Program, export
from mixtui.model.errors import MixtuiError
from mixtui.model.redaction import Redactor
from mixtui.request.prepare import prepare
from mixtui.request.templates import Values
from mixtui.storage.paths import slug
from mixtui.storage.request_file import render
from mixtui.ui.dialogs.dialogs import ChoiceDialog

if TYPE_CHECKING:
    from mixtui.model.draft import Draft
    from mixtui.model.environment import Environment
    from mixtui.model.secrets import SecretReader
    from mixtui.model.trust import DraftOrigin
    from mixtui.ui.main.host import Copy, Host

_ENDINGS = {Program.CURL: ".sh", Program.HTTPIE: ".sh", Program.PYTHON: ".py"}
_Form = Program | Literal["TOML"]
_FORMS: tuple[tuple[str, str, _Form], ...] = (
    ("c", Program.CURL.label, Program.CURL),
    ("p", Program.PYTHON.label, Program.PYTHON),
    ("h", Program.HTTPIE.label, Program.HTTPIE),
    ("t", "TOML, as mixtui saves it", "TOML"),
)


async def copy_as(
    host: Host,
    draft: Draft,
    origin: DraftOrigin,
    copy: Copy,
    source: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> None:
    """Ask for a form, and copy a draft in it.

    Args:
        host: The screen.
        draft: What is copied.
        origin: Where the draft comes from.
        copy: Puts the text on the clipboard.
        source: The TOML of its file, whose comments are copied; None = it has none.
        answers: What was entered last for its inputs.

    Raises:
        MixtuiError: The draft cannot be sent, so it cannot be copied as a command; or a
            secret that was asked for cannot be read.
    """
    environment = host.environment
    chosen = await host.ask(
        ChoiceDialog[_Form | Literal["secrets"]](
            "Copy the request as mixtui would send it, or as it is saved. Secrets become "
            "variables, or are masked.",
            (*_FORMS, ("s", "Include secrets…", "secrets")),
            title="Copy as",
        )
    )
    reader: SecretReader | None = None
    form = None if chosen == "secrets" else chosen
    if chosen == "secrets":
        reader = host.session.secrets
        form = await host.ask(
            ChoiceDialog[_Form](
                f"The secrets of {environment.name} will be copied to the clipboard, where "
                "other programs can read them.",
                _FORMS,
                title="Copy with secrets",
            )
        )
    if form is None:
        return
    name = draft.name or "Request"
    if form == "TOML":
        text, is_masked = draft_as_toml(
            draft, environment, origin, source, with_secrets=reader is not None
        )
        if is_masked:
            host.notify_text(
                "A secret in the request is masked. Include secrets… copies it."
            )
        await copy([text], f"{name} as TOML", f"{slug(name)}.toml")
        return
    # To write a request down sends nothing.
    writable = replace(environment, read_only=False)
    values = export_values(
        draft, Values(writable, answers=answers or {}), with_secrets=reader is not None
    )
    request = prepare(draft, writable, origin=origin, values=values)
    exported = await asyncio.to_thread(
        export,
        request,
        draft,
        form,
        reader=reader,
        secret_inputs=secret_inputs(draft, values),
    )
    if exported.notes:
        host.notify_text(" ".join(exported.notes))
    label = f"{name} as {form.label}"
    await copy([exported.text], label, f"request{_ENDINGS[form]}")


def draft_as_toml(
    draft: Draft,
    environment: Environment,
    origin: DraftOrigin,
    source: str | None,
    *,
    with_secrets: bool = False,
) -> tuple[str, bool]:
    """Return a draft as the TOML of a request file, and whether a secret is masked.

    Args:
        draft: It may be incomplete.
        environment: Its secrets are masked, too.
        origin: Where the draft comes from.
        source: The TOML of its file, whose comments and unknown keys stay.
        with_secrets: Mask nothing.
    """
    if with_secrets:
        return render(draft, source), False
    redactor = Redactor()
    with suppress(MixtuiError):  # What cannot be sent yet is still copied.
        redactor = prepare(draft, environment, origin=origin).redactor
    masked, is_masked = redacted_draft(draft, redactor)
    rendered = render(masked, source)
    text = redactor.redact(rendered)
    return text, is_masked or text != rendered
