"""The inputs of a request: which it uses, which lack an answer, and what is wrong in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from typing import TYPE_CHECKING

from msgspec.structs import replace

from mixtui.key_names import is_in_app, key_of
from mixtui.model.draft import RequestInput
from mixtui.model.errors import DraftError, Field
from mixtui.model.secrets import Secret
from mixtui.request.powers import sent_texts
from mixtui.request.secret_names import holds_secret
from mixtui.request.templates import (
    PLACEHOLDER,
    Answer,
    Reference,
    Values,
    expand_text,
    is_template_name,
    map_references,
    references,
)
from mixtui.spelling import did_you_mean

if TYPE_CHECKING:
    from mixtui.model.draft import Draft, Pair


def used_inputs(draft: Draft) -> tuple[RequestInput, ...]:
    """Return the inputs that the request refers to; the others need no answer."""
    if not draft.inputs:
        return ()
    names = {each.name for text in sent_texts(draft) for each in references(text)}
    names.update(PLACEHOLDER.findall(draft.url))
    return tuple(each for each in draft.inputs if each.name in names)


def missing_inputs(draft: Draft, values: Values) -> tuple[RequestInput, ...]:
    """Return the inputs in use that have neither an answer nor a default."""
    given = (values.variables, values.answers)
    return tuple(
        each
        for each in used_inputs(draft)
        if each.default is None and not any(each.name in names for names in given)
    )


def bind_inputs(
    draft: Draft,
    values: Values,
    *,
    unanswered: Callable[[str], str] | None = None,
) -> Values:
    """Return the values with those of the draft's inputs, each expanded once.

    Args:
        draft: Declares the inputs.
        values: Where the answers are, and the values of templates in them.
        unanswered: Returns what stands for an input without an answer, by its name;
            None = such an input is an error where it is used.

    Raises:
        DraftError: An answer or a default is invalid; names the input.
    """
    if not draft.inputs:
        return replace(values, inputs={}) if values.inputs else values
    outer = replace(values, inputs={})
    bound = {each.name: _bind(each, outer, unanswered) for each in used_inputs(draft)}
    declared = declare_inputs(draft, values).inputs
    return replace(values, inputs={**declared, **bound})


def declare_inputs(draft: Draft, values: Values) -> Values:
    """Return the values with the names of the draft's inputs, none of them answered."""
    bound = {
        each.name: Answer(None, "an input", is_secret=each.secret)
        for each in draft.inputs
    }
    return replace(values, inputs=bound)


def rename_input(draft: Draft, old: str, new: str) -> Draft:
    """Return a draft whose templates refer to an input by another name.

    Args:
        draft: Any references to `old` in it are to the input.
        old: The name of the input before.
        new: The name that it has now.
    """

    def rename(reference: Reference) -> str:
        text = reference.text
        return text.replace(old, new) if reference.name == old else text

    def rename_rows(rows: tuple[Pair, ...]) -> tuple[Pair, ...]:
        return tuple(
            replace(
                row,
                name=map_references(row.name, rename),
                value=map_references(row.value, rename),
            )
            for row in rows
        )

    url, body = map_references(draft.url, rename), draft.body
    if old not in {row.name for row in draft.path}:
        url = PLACEHOLDER.sub(
            lambda match: f"{{{new}}}" if match[1] == old else match[0], url
        )
    if body is not None:
        body = replace(
            body,
            text=map_references(body.text, rename),
            path=map_references(body.path, rename),
        )
    return replace(
        draft,
        url=url,
        path=rename_rows(draft.path),
        query=rename_rows(draft.query),
        headers=rename_rows(draft.headers),
        body=body,
    )


def input_reference(name: str) -> str:
    """Return what stands in a preview for the answer to an input."""
    return f"{{{{{name}}}}}"


def _bind(
    declared: RequestInput,
    values: Values,
    unanswered: Callable[[str], str] | None,
) -> Answer:
    name = declared.name
    if name in values.variables:
        text, source = values.variables[name], "--var"
    elif name in values.answers:
        text, source = values.answers[name], "your input"
    elif declared.default is not None:
        text, source = declared.default, "its default"
    else:
        stand_in = None if unanswered is None else unanswered(name)
        return Answer(stand_in, "an input", is_secret=declared.secret)
    if declared.secret:
        sensitive = (Secret(text),) if text else ()
        return Answer(text, source, is_secret=True, sensitive=sensitive)
    try:
        expanded = expand_text(text, values, Field.INPUTS)
    except DraftError as error:
        raise DraftError(Field.INPUTS, f"The input {name}: {error}") from None
    if problem := choice_problem(declared, expanded.text):
        raise DraftError(Field.INPUTS, problem)
    named = (Secret(expanded.text),) if holds_secret(name) and expanded.text else ()
    return Answer(expanded.text, source, sensitive=(*expanded.sensitive, *named))


def choice_problem(declared: RequestInput, text: str) -> str:
    """Return why an answer is not allowed, as a sentence; empty = it is."""
    if not declared.choices or text in declared.choices:
        return ""
    allowed = ", ".join(declared.choices)
    hint = did_you_mean(text, declared.choices)
    return (
        f"The input {declared.name} must be one of {allowed}, not “{text}”. {hint}"
    ).rstrip()


def answer_problem(declared: RequestInput, text: str, values: Values) -> str:
    """Return why an answer cannot be used, as a sentence; empty = it can.

    Args:
        declared: The input.
        text: As entered; empty = the default.
        values: The values of templates in it.
    """
    if not text:
        return "Enter a value." if declared.default is None else ""
    outer = replace(values, inputs={}, answers={declared.name: text})
    try:
        _bind(declared, outer, None)
    except DraftError as error:
        return str(error).removeprefix(f"The input {declared.name}: ")
    return ""


def missing_message(missing: Sequence[RequestInput]) -> str:
    """Return the sentence that names inputs without an answer, and what to do."""
    names = [each.name for each in missing]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    noun, verb = ("input", "has") if len(names) == 1 else ("inputs", "have")
    if is_in_app():
        return (
            f"The {noun} {listed} {verb} no value yet: send the request once "
            f"({key_of('send')}), or set a default in the Inputs tab."
        )
    options = " ".join(f"--var {name}=…" for name in names)
    return f"The {noun} {listed} {verb} no value: pass {options}"


def input_mistakes(inputs: Sequence[RequestInput]) -> Iterator[tuple[int, str, str]]:
    """Yield what is wrong in declarations: index, key, and a clause that follows the key."""
    seen: set[str] = set()
    for index, each in enumerate(inputs):
        if key_and_clause := input_mistake(each, seen):
            yield (index, *key_and_clause)
        seen.add(each.name)


def input_mistake(
    declared: RequestInput, other_names: set[str], referenced: Set[str] = frozenset()
) -> tuple[str, str] | None:
    """Return what is wrong in a declaration: its key, and a clause that follows it.

    Args:
        declared: The input.
        other_names: The names that are taken.
        referenced: The names of other templates that the request refers to, if the input
            is being renamed: they would become references to it.
    """
    name = declared.name
    if not name:
        return "name", "is missing, but templates refer to the input by it"
    if not is_template_name(name) or name.startswith("env:"):
        return "name", (
            f"is “{name}”, but must be a template name: letters, digits, _ . - +, "
            "starting with a letter"
        )
    if name in other_names:
        return "name", f"is “{name}”, as that of an input before it: rename one"
    if name in referenced:
        return (
            "name",
            f"is “{name}”, which the request refers to already: choose another",
        )
    if declared.secret and declared.default is not None:
        return "default", "is not allowed with secret = true: it would be stored"
    if declared.secret and (declared.choices or declared.choices_from):
        key = "choices" if declared.choices else "choices_from"
        return key, "is not allowed with secret = true: it would be stored"
    if declared.choices and declared.choices_from:
        return "choices_from", "is not allowed beside choices: remove one of them"
    if declared.event and declared.choices_from != "properties":
        return "event", 'needs choices_from = "properties"'
    default = declared.default
    if default is not None and declared.choices and default not in declared.choices:
        return "default", "is not one of the choices"
    return None
