"""Find the curl command in a pipeline, and what it reads from standard input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from mixtui.interchange.curl.options import Option, Role
from mixtui.interchange.curl.shell import CommandLine, split_command
from mixtui.model.errors import InterchangeError
from mixtui.patterns import compile_late
from mixtui.request.templates import map_literals, plain_text

_PROMPT = compile_late(r"\s*(?:[$%>]\s+)?")


class Stdin(Struct, frozen=True):
    """What a command reads from standard input: a text or a file."""

    text: str | None = None
    file: str = ""


def read_pipeline(text: str) -> tuple[CommandLine, Stdin | None]:
    """Skip the commands that feed curl; return its command, and what it reads.

    mixtui exports long and compressed bodies as ``printf %s TEXT |``. A compressed body
    has a header that says so, and mixtui compresses it again when it sends.

    Raises:
        InterchangeError: What another program would print cannot be known.
    """
    prompt = _PROMPT.match(text)
    line = split_command(text, prompt.end() if prompt else 0)
    stdin: Stdin | None = None
    while text.startswith("|", line.end) and not text.startswith("||", line.end):
        if line.arguments and program_name(line.arguments[0]) == "curl":
            break
        stdin = _output_of(line, stdin)
        line = split_command(text, line.end + 1)
    if line.input_file is not None:
        stdin = Stdin(file=line.input_file)
    return line, stdin


def _output_of(line: CommandLine, stdin: Stdin | None) -> Stdin:
    """Return what a command in front of curl prints."""
    match line.arguments:
        case ("printf", "%s", text):
            return Stdin(text)
        # A backslash means something to some shells' echo.
        case ("echo", "-n", text) if "\\" not in plain_text(text):
            return Stdin(text)
        case ("echo", text) if not re.match(r"-|[^\\]*\\", plain_text(text)):
            return Stdin(f"{text}\n")
        case ("cat", path) if not path.startswith("-"):
            return Stdin(file=path)
        case ("cat",) if line.input_file is not None:
            return Stdin(file=line.input_file)
        case ("gzip", "-c") if stdin is not None and stdin.text is not None:
            return stdin
        case ("gzip", *_):
            raise InterchangeError(
                "The command compresses a file before curl sends it; mixtui sends "
                "files unchanged. Compress it once with gzip -k FILE, and use -H "
                "'Content-Encoding: gzip' --data-binary @FILE.gz."
            )
        case _:
            raise InterchangeError(
                "The body is the output of another program, which mixtui does not "
                "run. Save it to a file and use --data-binary @FILE."
            )


def replace_stdin(options: Iterable[Option], stdin: Stdin | None) -> Iterator[Option]:
    """Replace standard input by what it reads."""
    for option in options:
        is_upload = option.role is Role.UPLOAD and option.value in ("-", ".")
        takes_stdin = is_upload or (
            option.role in (Role.DATA, Role.BINARY, Role.JSON) and option.value == "@-"
        )
        if stdin is None or not takes_stdin:
            yield option
        elif stdin.text is None:
            path = stdin.file if is_upload else f"@{stdin.file}"
            yield replace(option, value=path)
        elif is_upload:
            raise InterchangeError(
                "The command uploads the output of another program. Save it to a "
                "file and use -T FILE."
            )
        else:
            text = stdin.text
            if option.role is Role.DATA:
                text = map_literals(text, _without_line_ends)
            role = Role.JSON if option.role is Role.JSON else Role.RAW
            yield replace(option, role=role, value=text)


def _without_line_ends(text: str) -> str:
    """Return what curl's ``-d @-`` reads."""
    return text.replace("\r", "").replace("\n", "")


def program_name(path: str) -> str:
    return re.split(r"[/\\]", path)[-1].removesuffix(".exe")
