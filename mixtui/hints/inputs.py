"""Hints about inputs: those that are not used, and secrets that are not declared so."""

from __future__ import annotations

from collections.abc import Iterator

from mixtui.hints.context import HintContext
from mixtui.hints.model import Hint
from mixtui.model.errors import Field
from mixtui.request.inputs import used_inputs
from mixtui.request.secret_values import is_secret_input


def check_inputs(context: HintContext) -> Iterator[Hint]:
    """Name each input whose value goes nowhere, or where a secret belongs."""
    used = used_inputs(context.draft)
    for index, each in enumerate(context.draft.inputs):
        if each not in used:
            yield Hint(
                Field.INPUTS,
                f"The request does not use the input {each.name}: write "
                f"{{{{{each.name}}}}} where its value belongs.",
                index,
                severe=False,
            )
        elif not each.secret and is_secret_input(context.draft, each):
            yield Hint(
                Field.INPUTS,
                f"The value of the input {each.name} looks like a secret: mark it as "
                "secret, so that it is masked.",
                index,
            )
