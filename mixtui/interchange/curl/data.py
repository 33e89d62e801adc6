"""Combine the data options of curl into one text or file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from mixtui.interchange.curl.options import Option, Role
from mixtui.model.errors import InterchangeError
from mixtui.request.templates import map_literals, plain_text
from mixtui.text import sanitize_excerpt

_MAX_FILE_BYTES = 1_000_000
"""Bytes of a file whose text is put into a request."""
_PATH_LENGTH = 60


class Data(Struct, frozen=True):
    """The combined data options; text and file exclude each other."""

    text: str = ""
    file: str = ""
    """The file that is sent byte for byte."""
    notes: tuple[str, ...] = ()


def join_data(options: Sequence[Option], folder: Path) -> Data:
    """Combine all data options into one text or file.

    Args:
        options: The data options, in order.
        folder: What a relative file path is relative to.

    Raises:
        InterchangeError: The data come from standard input, from a file that cannot be
            read, or from a file and another option.
    """
    notes: list[str] = []
    text = ""
    files = [o for o in options if _data_file(o)]
    if files and len(options) > 1:
        raise InterchangeError(
            "The command combines a file with other data in one body. Put all of it "
            "into one file, or into the command."
        )
    if files:
        path = _data_file(files[0])
        if path in ("-", "."):
            raise InterchangeError(
                "The body comes from standard input, which is not available. Use "
                f"{files[0].name} @FILE instead."
            )
        if files[0].role is Role.DATA:
            notes.append(
                f"curl's {files[0].name} removes line breaks; mixtui sends the file "
                "unchanged."
            )
        return Data(file=path, notes=tuple(notes))
    for option in options:
        value, note = option.value, ""
        if option.role is Role.URLENCODED:
            value, note = encode_data(option, folder)
        # Texts of --json are joined as they are (curl, since 7.82).
        separator = "&" if text and option.role is not Role.JSON else ""
        text += separator + value
        notes += [note] if note else []
    return Data(text, notes=tuple(notes))


def encode_data(option: Option, folder: Path) -> tuple[str, str]:
    """Encode a value of ``--data-urlencode``, in any of its five forms; return it and a note.

    Raises:
        InterchangeError: The file cannot be read.
    """
    value = option.value
    index, equals = value.find("@"), value.find("=")
    if equals >= 0 and (index < 0 or equals < index):
        name, content = value[:equals], value[equals + 1 :]
        note = ""
    elif index >= 0:
        name, path = value[:index], value[index + 1 :]
        content = quote(_read_file(path, option.name, folder), safe="")
        note = f"The current text of {_path_excerpt(path)} was imported."
        return (f"{name}={content}" if name else content), note
    else:
        name, content, note = "", value, ""
    encoded = map_literals(content, lambda text: quote(text, safe=""))
    return (f"{name}={encoded}" if name else encoded), note


def _data_file(option: Option) -> str:
    """Return the file that an option names; empty = none."""
    if option.role is Role.UPLOAD:
        return option.value
    takes_file = option.role in (Role.DATA, Role.BINARY, Role.JSON)
    return (
        option.value[1:] or "-" if takes_file and option.value.startswith("@") else ""
    )


def _read_file(path: str, written: str, folder: Path) -> str:
    if path in ("", "-"):
        raise InterchangeError(
            f"{written} reads standard input, which is not available. Use a file "
            "instead."
        )
    try:
        with (folder / os.path.expanduser(plain_text(path))).open("rb") as stream:
            data = stream.read(_MAX_FILE_BYTES + 1)
        if len(data) > _MAX_FILE_BYTES:
            raise InterchangeError(
                f"The file of {written} is too large to be imported into a request."
            )
        return data.decode()
    except OSError as error:
        raise InterchangeError(
            # Without a file, this is the part of a value that follows its @.
            f"Cannot read the file of {written}: {error.strerror}."
        ) from None
    except UnicodeDecodeError:
        raise InterchangeError(
            f"The file of {written} is not UTF-8 text, so it cannot be imported."
        ) from None


def _path_excerpt(path: str) -> str:
    return sanitize_excerpt(path, _PATH_LENGTH)
