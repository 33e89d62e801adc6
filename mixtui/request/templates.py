"""``{{name}}`` templates, and the ``{name}`` path placeholders of Mixpanel's reference.

The only grammar of templates: two braces, a name, two braces, with optional white space
around the name. Braces around anything that is not a name are literal, and so is ``$``,
which is common in Mixpanel names (``$set``).

A backslash in front makes braces literal: ``\\{{name}}`` is sent as ``{{name}}``, and
``\\\\{{name}}`` as a backslash and the value, as in Handlebars. Elsewhere a backslash
is a backslash. `escape_text` writes any text so that it is sent exactly.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from msgspec import Struct, field

from mixtui.key_names import add_environment, is_in_app, key_of
from mixtui.model.environment import NO_ENVIRONMENT, Environment
from mixtui.model.errors import DraftError, Field
from mixtui.model.secrets import Secret
from mixtui.patterns import compile_late
from mixtui.request.secret_names import holds_secret
from mixtui.spelling import closest_name

NAME = r"[A-Za-z_][\w.:+-]*"
"""The pattern of the name in a reference."""
REFERENCE = r"(?<!\\)\{\{\s*" + NAME + r"\s*\}\}"
"""The pattern of a reference, for scanners that combine it with other tokens."""
_BRACES = compile_late(
    r"(?P<braces>\{\{+)"
    r"(?:\s*(?P<name>" + NAME + r")\s*(?:(?P<end>\}\})|\}(?!\})|$))?",
    re.MULTILINE,
)
"""Braces that may open a reference; a name without an end is not closed."""
_FOREIGN_BRACES = compile_late(
    r"(?P<braces>\{\{+)(?:\s*(?P<name>[^{}]+?)\s*(?P<end>\}\}))?"
)
_LAST_BACKSLASHES = compile_late(r"(\\+)\{?\Z")
_ENV = "env:"
_DAYS_FROM_TODAY = compile_late(r"today(?:([+-])(\d{1,5})([dw]))?")
PLACEHOLDER = compile_late(r"(?<!\{)\{([A-Za-z][\w -]*)\}(?!\})")
"""A path placeholder as Mixpanel's reference writes it: ``{Project ID}``."""

_ENVIRONMENT_IDS = (
    "project_id",
    "workspace_id",
    "organization_id",
)
_ENVIRONMENT_NAMES = frozenset((*_ENVIRONMENT_IDS, "project_token"))
_PLACEHOLDER_IDS = {
    "project": "project_id",
    "projectid": "project_id",
    "workspace": "workspace_id",
    "workspaceid": "workspace_id",
    "organization": "organization_id",
    "organizationid": "organization_id",
}

BUILT_IN_NAMES = (
    "uuid",
    "now",
    "today",
    "today-7d",
    "month_start",
    *_ENVIRONMENT_IDS,
    "project_token",
    "env:NAME",
)
"""The built-in names, for help and completion."""


def _new_uuid() -> str:
    return str(uuid.uuid4())


def _local_now() -> datetime:
    return datetime.now().astimezone()


class ReferenceState(StrEnum):
    """What is known of the value of a reference before it is sent."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    """It has none, and stops the send."""
    SECRET = "secret"
    """It comes from the process, and is masked wherever the request is shown."""
    INPUT = "input"
    """It is asked for when the request is sent."""


class Answer(Struct, frozen=True):
    """The value of an input, its own templates filled."""

    text: str | None
    """None = it has no value yet."""
    source: str
    """Where it comes from, such as "its default"."""
    is_secret: bool = False
    sensitive: tuple[Secret, ...] = ()
    """What must be masked in it."""

    def __repr__(self) -> str:  # The text may be a secret.
        return f"{type(self).__name__}(source={self.source!r})"


class Values(Struct, frozen=True):
    """The sources of template values.

    The first that has the name wins: ``variables`` (--var), the request's inputs, the
    environment's variables, the built-ins.
    """

    environment: Environment
    variables: Mapping[str, str] = field(default_factory=dict)
    process: Mapping[str, str] = field(default_factory=lambda: os.environ)
    """For ``{{env:NAME}}``."""
    now: Callable[[], datetime] = _local_now
    """Aware local time: "today" is the user's day."""
    new_uuid: Callable[[], str] = _new_uuid
    answers: Mapping[str, str] = field(default_factory=dict)
    """What was answered to inputs, as typed."""
    inputs: Mapping[str, Answer] = field(default_factory=dict)
    """The values of the request's inputs (`request.inputs.bind_inputs`)."""

    def __repr__(self) -> str:  # What was answered may be a secret.
        return f"Values(environment={self.environment!r})"

    def find(self, name: str) -> str | None:
        """Return the value of a name, or None if it is unknown."""
        if name in self.inputs:
            return self.inputs[name].text
        for variables in (self.variables, self.environment.variables):
            if name in variables:
                return variables[name]
        if name in _ENVIRONMENT_IDS:
            return str(getattr(self.environment, name)) or None
        if name == "project_token":
            return self.environment.credentials.project_token or None
        if variable := variable_name(name):
            return self.process.get(variable)
        return self._computed(name)

    def source(self, name: str) -> str:
        """Return where the value of a name comes from; empty = it is unknown."""
        if name in self.inputs:
            return self.inputs[name].source
        if name in self.variables:
            return "--var"
        if self.find(name) is None:
            return ""
        if variable_name(name):
            return "this process"
        if name in self.environment.variables or name in _ENVIRONMENT_NAMES:
            return f"environment {self.environment.name}"
        return "mixtui"

    def state(self, name: str) -> ReferenceState:
        """Return whether a name has a value, and whether that is masked."""
        if name in self.inputs:
            return ReferenceState.INPUT
        if self.find(name) is None:
            return ReferenceState.UNRESOLVED
        if variable_name(name):
            return ReferenceState.SECRET
        return ReferenceState.RESOLVED

    def _computed(self, name: str) -> str | None:
        if name == "uuid":
            return self.new_uuid()
        now = self.now()
        if name == "now":
            return str(int(now.timestamp()))
        if name == "month_start":
            return now.date().replace(day=1).isoformat()
        if (days := days_from_today(name)) is not None:
            try:
                return (now.date() + timedelta(days)).isoformat()
            except OverflowError:
                return None
        return None


class Literal(Struct, frozen=True):
    """Text that is sent as it is written."""

    text: str
    unclosed: str = ""
    """A template in it that is not closed; empty = none."""


class Escape(Struct, frozen=True):
    """Backslashes in front of braces, with the braces that they make literal."""

    text: str
    """As written."""
    plain: str
    """As sent."""


class Reference(Struct, frozen=True):
    """A reference to a value by its name."""

    text: str
    """As written, braces included."""
    name: str
    start: int
    """In characters, from 0."""

    @property
    def end(self) -> int:
        """The offset after its last brace."""
        return self.start + len(self.text)


def parse_template(
    text: str, *, foreign: bool = False
) -> Iterator[Literal | Escape | Reference]:
    """Split a text into parts, none of them empty.

    Args:
        text: The text as typed.
        foreign: Also accept names that other programs allow, such as Postman's
            ``{{my id}}`` and ``{{$guid}}``.
    """
    end = 0
    for match in (_FOREIGN_BRACES if foreign else _BRACES).finditer(text):
        backslashes = _count_backslashes(text, match.start(), end)
        is_escape, is_reference = backslashes % 2 == 1, match["end"] is not None
        is_unclosed = match["name"] is not None and not is_reference
        if not (backslashes or is_reference or is_unclosed):
            continue
        start = match.start() - backslashes
        if literal := text[end:start]:
            yield Literal(literal)
        half = "\\" * (backslashes // 2)
        end = match.end()
        if is_escape:
            yield Escape(text[start:end], half + match[0])
            continue
        if backslashes:
            yield Escape("\\" * backslashes, half)
        opening = match.end("braces") - 2 if is_reference else end
        if literal := text[match.start() : opening]:
            yield Literal(literal, literal.strip() if is_unclosed else "")
        if is_reference:
            yield Reference(text[opening:end], match["name"], opening)
    if literal := text[end:]:
        yield Literal(literal)


def references(text: str, *, foreign: bool = False) -> Iterator[Reference]:
    """Yield the references of a text in order; see `parse_template`."""
    parts = parse_template(text, foreign=foreign)
    return (part for part in parts if isinstance(part, Reference))


def map_references(
    text: str, replacement: Callable[[Reference], str], *, foreign: bool = False
) -> str:
    """Replace each reference by another text, which may be a reference."""
    pieces: list[str] = []
    backslashes: int | None = None
    for part in parse_template(text, foreign=foreign):
        if isinstance(part, Reference):
            pieces.append(replacement(part))
            if backslashes is not None:
                # Where no braces follow, backslashes stand for themselves.
                following = "".join(pieces[backslashes + 1 :])
                if not following.startswith("{{"):
                    pieces[backslashes] = pieces[backslashes][::2]
            backslashes = None
            continue
        pieces.append(part.text)
        if isinstance(part, Escape) and not part.text.strip("\\"):
            backslashes = len(pieces) - 1
    return "".join(pieces)


def map_literals(
    text: str, transform: Callable[[str], str], *, foreign: bool = False
) -> str:
    """Change the text around references as it is sent, and leave the references."""
    pieces: list[str] = []
    written = plain = ""

    def take(*, before_reference: bool = False) -> str:
        changed = transform(plain) if plain else ""
        if changed == plain:
            return written
        return escape_text(changed, before_reference=before_reference)

    for part in parse_template(text, foreign=foreign):
        if isinstance(part, Reference):
            pieces += [take(before_reference=True), part.text]
            written = plain = ""
        else:
            written += part.text
            plain += part.plain if isinstance(part, Escape) else part.text
    return "".join([*pieces, take()])


def escape_text(
    text: str, *, before_reference: bool = False, keep_foreign: bool = False
) -> str:
    """Escape the braces of a text so that it is sent as it is.

    Args:
        text: The text to send.
        before_reference: A reference follows it.
        keep_foreign: References of other programs stay references; nothing else does.
    """
    pieces: list[str] = []
    end = 0
    for match in _BRACES.finditer(text):
        start = match.start()
        backslashes = text[start - _count_backslashes(text, start, end) : start]
        foreign = _FOREIGN_BRACES.match(text, start) if keep_foreign else None
        is_kept = foreign is not None and foreign["end"] is not None
        escape = "\\" if match["name"] and not is_kept else ""
        pieces += [text[end:start], backslashes, escape, match["braces"]]
        end = match.end("braces")
    pieces.append(text[end:])
    if before_reference and (last := _LAST_BACKSLASHES.search(pieces[-1])):
        pieces[-1] = pieces[-1][: last.start()] + last[1] + last[0]
    return "".join(pieces)


def plain_text(text: str) -> str:
    """Return a text with its escapes resolved, and its references as they are."""
    return "".join(
        part.plain if isinstance(part, Escape) else part.text
        for part in parse_template(text)
    )


def mask_templates(text: str, *, references: bool = True) -> str:
    """Write digits over backslashes of escapes, and over references.

    The result has the same length, so positions in it hold in the text, and JSON with
    templates becomes JSON.
    """

    def mask(part: Literal | Escape | Reference) -> str:
        match part:
            case Escape(written, plain):
                return plain.rjust(len(written), "1")
            case Reference(written) if references:
                return "1" * len(written)
            case _:
                return part.text

    return "".join(map(mask, parse_template(text)))


def sole_reference(text: str) -> str:
    """Return the name if a text is exactly one reference; empty otherwise."""
    match list(parse_template(text)):
        case [Reference(name=name)]:
            return name
        case _:
            return ""


def value_sources(texts: Iterable[str], values: Values) -> dict[str, str]:
    """Return where the values of templates come from, by name, in order of appearance."""
    names = dict.fromkeys(each.name for text in texts for each in references(text))
    return {name: source for name in names if (source := values.source(name))}


def describe_sources(sources: Mapping[str, str]) -> str:
    """Return sources as one clause: ``plan from environment prod, uuid from mixtui``."""
    return ", ".join(f"{name} from {source}" for name, source in sources.items())


def is_template_name(text: str) -> bool:
    """Return whether ``{{text}}`` is a reference."""
    return re.fullmatch(NAME, text) is not None


def variable_name(name: str) -> str:
    """Return the process variable that a name refers to (``env:NAME``); empty = none."""
    return name.removeprefix(_ENV) if name.startswith(_ENV) else ""


def days_from_today(name: str) -> int | None:
    """Return how many days from today a name means (``today-2w``), or None."""
    match = _DAYS_FROM_TODAY.fullmatch(name)
    if match is None:
        return None
    sign, count, unit = match.groups()
    days = int(count or 0) * (7 if unit == "w" else 1)
    return -days if sign == "-" else days


class Expanded(Struct, frozen=True):
    """A text with its templates filled."""

    text: str
    sensitive: tuple[Secret, ...] = ()
    """Values of ``{{env:NAME}}``, secret inputs and variables that are named like secrets,
    masked wherever displayed."""


def expand_text(
    text: str,
    values: Values,
    field: Field,
    encode: Callable[[str], str] | None = None,
) -> Expanded:
    """Fill every template of a text.

    Args:
        text: The text as typed.
        values: Where values come from.
        field: The part of the draft, for the error.
        encode: Applied to each value and to escaped braces; percent-encoding in a URL,
            so that a value can never change the host or path.

    Raises:
        DraftError: A name is unknown or a template is not closed.
    """
    _check_characters(text, field)
    if "{{" not in text:
        return Expanded(text)
    sensitive: list[Secret] = []

    def fill(part: Literal | Escape | Reference) -> str:
        match part:
            case Literal():
                _check_closed(part, field)
                return part.text
            case Escape():
                return encode(part.plain) if encode else part.plain
            case Reference():
                return fill_reference(part)

    def fill_reference(reference: Reference) -> str:
        value = values.find(reference.name)
        if value is None:
            if reference.name in values.inputs:
                raise DraftError(Field.INPUTS, _unanswered_message(reference.name))
            raise DraftError(field, _unknown_message(reference.name, values))
        _check_characters(value, field)
        value = _variable_text(reference.name, value, values, field)
        if reference.name in values.inputs:
            sensitive.extend(values.inputs[reference.name].sensitive)
        elif variable_name(reference.name) or holds_secret(reference.name):
            sensitive.append(Secret(value))
        return encode(value) if encode else value

    return Expanded(
        "".join(map(fill, parse_template(text))),
        tuple(s for s in sensitive if s.reveal()),
    )


class Filled(Struct, frozen=True):
    """A text with its placeholders filled."""

    text: str
    sensitive: tuple[Secret, ...] = ()
    """Values to mask."""
    unfilled: tuple[str, ...] = ()
    """The names of those that are kept, as they have no value."""


def fill_placeholders(
    text: str,
    values: Values,
    encode: Callable[[str], str],
    rows: Mapping[str, Expanded] = MappingProxyType({}),
    *,
    keep_unfilled: bool = False,
) -> Filled:
    """Fill ``{Project ID}``, ``{projectId}``, ``{importId}`` and the like.

    The first that has a value wins: ``--var``, the path rows, the request's inputs, the
    environment.

    Args:
        text: Part of the relative URL.
        values: Where values come from.
        encode: Applied to each value.
        rows: The values of the path rows, by name.
        keep_unfilled: Keep a placeholder without a value, encoded.

    Raises:
        DraftError: A placeholder has no value; the message names it.
    """
    sensitive: list[Secret] = []
    unfilled: dict[str, None] = {}

    def fill(match: re.Match[str]) -> str:
        placeholder = match.group(1)
        name = placeholder_id(match.group()) or placeholder
        value = _placeholder_value(placeholder, name, values, rows)
        if not value.text:
            if keep_unfilled:
                unfilled.setdefault(placeholder)
                return encode(match.group())
            raise unfilled_error(placeholder, values.environment)
        if value.text in (".", ".."):
            raise DraftError(
                Field.PATH,
                f"The path parameter {placeholder} is “{value.text}”, which would lead "
                "to another path: change its value.",
            )
        sensitive.extend(value.sensitive)
        return encode(value.text)

    return Filled(PLACEHOLDER.sub(fill, text), tuple(sensitive), tuple(unfilled))


def unfilled_error(placeholder: str, environment: Environment) -> DraftError:
    """Return the error of a placeholder without a value."""
    name = placeholder_id(f"{{{placeholder}}}")
    if name in _ENVIRONMENT_IDS:
        reason = _missing_message(name, environment)
        return DraftError(Field.URL, f"{{{placeholder}}} cannot be filled: {reason}")
    remedy = (
        "enter it in the Path tab."
        if is_in_app()
        else f"set it, or pass --path {option_value(placeholder)}"
    )
    return DraftError(
        Field.PATH, f"The path parameter {placeholder} is empty: {remedy}"
    )


def option_value(name: str) -> str:
    """Return the value of an option that sets a name, for a message: ``'my id=…'``."""
    return f"'{name}=…'" if " " in name else f"{name}=…"


def _placeholder_value(
    placeholder: str, name: str, values: Values, rows: Mapping[str, Expanded]
) -> Expanded:
    """Return the value of a placeholder; empty = it has none."""
    is_given = name in values.variables and name not in values.inputs
    if placeholder in rows and rows[placeholder].text and not is_given:
        return rows[placeholder]
    value = values.find(name)
    if value is None:
        return Expanded("")
    _check_characters(value, Field.URL)
    answer = values.inputs.get(name)
    text = _variable_text(name, value, values, Field.URL)
    if answer is not None:
        return Expanded(text, answer.sensitive)
    return Expanded(text, (Secret(text),) if holds_secret(name) else ())


def placeholder_id(text: str) -> str:
    """Return the name of the id that a text is the placeholder of; empty = none."""
    match = PLACEHOLDER.fullmatch(text)
    key = re.sub(r"[\s_-]", "", match[1]).lower() if match else ""
    return _PLACEHOLDER_IDS.get(key, "")


def _check_closed(literal: Literal, field: Field) -> None:
    if literal.unclosed:
        raise DraftError(
            field,
            f"The template {literal.unclosed} is not closed: end it with }}}}, or "
            f"write \\{literal.unclosed} for literal text.",
        )


def _variable_text(name: str, value: str, values: Values, field: Field) -> str:
    """Return the value of a variable, its escapes resolved.

    Only in variables that people write for mixtui: what a process variable holds is data,
    and so is the value of an input, whose own templates are filled already.

    Raises:
        DraftError: There is a template in it, which is not filled.
    """
    if name in values.inputs:
        return value
    if name not in values.variables and name not in values.environment.variables:
        return value
    if (nested := next(references(value), None)) is not None:
        raise DraftError(
            field,
            f"The variable {name} contains the template {nested.text}, but variables "
            f"are not expanded recursively: use the value itself, or \\{nested.text} "
            "for literal text.",
        )
    return plain_text(value)


def _count_backslashes(text: str, index: int, start: int) -> int:
    """Count the backslashes before an index, none of them before `start`."""
    before = text[start:index]
    return len(before) - len(before.rstrip("\\"))


def _check_characters(text: str, field: Field) -> None:
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        raise DraftError(
            field,
            f"Character {error.start + 1} of the {field} is half a surrogate pair "
            f"(U+{code:04X}): delete it.",
        ) from None


def _unanswered_message(name: str) -> str:
    end = "." if is_in_app() else f", or pass --var {name}=…"
    return f"The input {name} has no value: give it a default{end}"


def _unknown_message(name: str, values: Values) -> str:
    environment = values.environment
    if name in _ENVIRONMENT_IDS or name == "project_token":
        return f"{{{{{name}}}}} has no value: {_missing_message(name, environment)}"
    if variable := variable_name(name):
        return (
            f"{{{{{name}}}}} has no value: the environment variable {variable} is "
            "not set."
        )
    known = (*values.inputs, *environment.variables, *BUILT_IN_NAMES)
    if closest := closest_name(name, known):
        return f"The variable {{{{{name}}}}} is not defined. Did you mean {{{{{closest}}}}}?"
    define = f"add {name} to {_variables_of(environment)}"
    # The option last, where no full stop looks like a part of it.
    end = "." if is_in_app() else f", or pass --var {name}=…"
    return f"The variable {{{{{name}}}}} is not defined: {define}{end}"


def _missing_message(name: str, environment: Environment) -> str:
    if environment is NO_ENVIRONMENT:
        return f"you have no environment yet; {add_environment()}."
    what = name.replace("_", " ") if name == "project_token" else name
    key = key_of("environments")
    return f"the environment {environment.name} has no {what}; add it ({key})."


def _variables_of(environment: Environment) -> str:
    key = f" ({key_of('environments')})" if is_in_app() else ""
    if environment is NO_ENVIRONMENT:
        return f"the variables of an environment{key}"
    return f"the variables of the environment {environment.name}{key}"
