"""Ask on the terminal for the inputs of a request that the command line does not answer."""

from __future__ import annotations

from collections.abc import Mapping

from mixtui.cli.console import Console
from mixtui.model.draft import ChoiceSource, Draft, RequestInput
from mixtui.model.errors import DraftError, Field
from mixtui.request.inputs import (
    choice_problem,
    missing_inputs,
    missing_message,
    used_inputs,
)
from mixtui.request.templates import Values

_KINDS = {
    ChoiceSource.EVENTS: "the name of an event",
    ChoiceSource.PROPERTIES: "the name of a property",
}


def ask_inputs(draft: Draft, values: Values, console: Console) -> Mapping[str, str]:
    """Return the answers to the inputs that have none yet, by name.

    Raises:
        DraftError: An answer is missing, and there is no terminal to ask on.
        KeyboardInterrupt: ctrl+c or the end of the input: nothing is sent.
    """
    if not console.can_prompt:
        if missing := missing_inputs(draft, values):
            raise DraftError(Field.INPUTS, missing_message(missing))
        return {}
    pending = [e for e in used_inputs(draft) if e.name not in values.variables]
    try:
        return {each.name: _ask(each, console) for each in pending}
    except EOFError:
        console.report("")
        raise KeyboardInterrupt("Interrupted; the request was not sent.") from None
    except KeyboardInterrupt:
        console.report("")
        raise KeyboardInterrupt("Interrupted; the request was not sent.") from None


def _ask(declared: RequestInput, console: Console) -> str:
    """Ask until the answer is allowed; an empty one takes the default."""
    notes = [declared.description.rstrip(".")]
    if declared.choices:
        notes.append(f"one of {', '.join(declared.choices)}")
    elif declared.choices_from is not None:
        of_event = f" of {declared.event}" if declared.event else ""
        notes.append(_KINDS[declared.choices_from] + of_event)
    if note := "; ".join(filter(None, notes)):
        console.report(f"{declared.name}: {note}.")
    default = declared.default
    hint = f" [{default}]" if default else ""
    while True:
        answer = console.ask(f"{declared.name}{hint}:", secret=declared.secret)
        if not answer:
            if default is not None:
                return default
            console.report(f"{declared.name} needs a value; ctrl+c cancels.")
        elif problem := choice_problem(declared, answer):
            console.report(problem)
        else:
            return answer
