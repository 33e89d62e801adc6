"""The data options of curl: what its body, or with -G its query, comes to."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from mixtui.core.errors import InterchangeError
from mixtui.core.visible import sanitize_excerpt
from mixtui.interchange.curl_options import Option, Role

_TEMPLATE = re.compile(r"(\{\{[^{}]*\}\})")
_LARGEST = 1_000_000
"""Bytes of a file whose text is put into a request."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Data:
    """What the data options come to; text and file exclude each other."""

    text: str = ""
    file: str = ""
    """The file that is sent byte for byte."""
    notes: tuple[str, ...] = ()


def data_of(options: Sequence[Option], folder: Path) -> Data:
    """Text or file of all data options together.

    Args:
        options: Those that have to do with data, in order.
        folder: What a relative file path is relative to.

    Raises:
        InterchangeError: It comes from standard input, from a file that cannot be read,
            or from a file and something else.
    """
    notes: list[str] = []
    text = ""
    files = [o for o in options if _file_of(o)]
    if files and len(options) > 1:
        raise InterchangeError(
            "The command joins a file with other data into one body: join them in one "
            "file, or write the text into the command."
        )
    if files:
        path = _file_of(files[0])
        if path in ("-", "."):
            raise InterchangeError(
                "The body comes from standard input, which is not here: write "
                f"{files[0].name} @FILE with the file's name."
            )
        if files[0].role is Role.DATA:
            notes.append(
                f"curl's {files[0].name} drops line ends: the file is sent as it is."
            )
        return Data(file=path, notes=tuple(notes))
    for option in options:
        value, note = option.value, ""
        if option.role is Role.URLENCODED:
            value, note = urlencoded(option, folder)
        # Texts of --json are joined as they are (curl, since 7.82).
        between = "&" if text and option.role is not Role.JSON else ""
        text += between + value
        notes += [note] if note else []
    return Data(text, notes=tuple(notes))


def urlencoded(option: Option, folder: Path) -> tuple[str, str]:
    """One value of ``--data-urlencode`` in any of its five forms, and a note or "".

    Raises:
        InterchangeError: The file cannot be read.
    """
    value = option.value
    at, equals = value.find("@"), value.find("=")
    if equals >= 0 and (at < 0 or equals < at):
        name, content = value[:equals], value[equals + 1 :]
        note = ""
    elif at >= 0:
        name, path = value[:at], value[at + 1 :]
        content = _read(path, option.name, folder)
        note = f"The text of {_shown(path)} was taken over as it is now."
    else:
        name, content, note = "", value, ""
    encoded = "".join(
        part if _TEMPLATE.fullmatch(part) else quote(part, safe="")
        for part in _TEMPLATE.split(content)
    )
    return (f"{name}={encoded}" if name else encoded), note


def _file_of(option: Option) -> str:
    """The file that an option names; empty = it names none."""
    if option.role is Role.UPLOAD:
        return option.value
    named = option.role in (Role.DATA, Role.BINARY, Role.JSON)
    return option.value[1:] or "-" if named and option.value.startswith("@") else ""


def _read(path: str, written: str, folder: Path) -> str:
    if path in ("", "-"):
        raise InterchangeError(
            f"{written} takes its text from standard input, which is not here: name a "
            "file."
        )
    try:
        with (folder / os.path.expanduser(path)).open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise InterchangeError(
                f"{_shown(path)} is too large to stand in a request."
            )
        return data.decode()
    except OSError as error:
        raise InterchangeError(
            f"{_shown(path)} cannot be read: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise InterchangeError(
            f"{_shown(path)} is no UTF-8 text, so it cannot be taken over."
        ) from None


def _shown(path: str) -> str:
    return sanitize_excerpt(path, _SHOWN)
