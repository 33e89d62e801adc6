"""Every error that mixtui raises on purpose.

MixtuiError
├── DraftError         what was typed cannot be sent; names the field to look at
├── CredentialError    a credential is missing or cannot be read
├── SendError          no (complete) response came
├── FilterError        a filter does not compile, fails, or was stopped
│   └── FilterStopped  by the person, or by a newer filter
├── SearchError        the search term is not a valid pattern
├── StorageError       a file cannot be read or written
│   ├── BrokenFile     it does not parse, or holds something unexpected
│   ├── ChangedOutside it was changed since it was opened
│   └── NameTaken      a file of that name exists already
├── TrustError         a collection needs what its folder is not trusted with
├── SettingsError      configuration or environments are wrong
├── InterchangeError   something cannot be imported from or exported to another program
└── SandboxError       the sandbox cannot start

``str(error)`` is a sentence for the user: what happened, to what, what to do.
No error ever contains a secret.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mixtui.model.draft import Draft


class ExitStatus:
    """The exit statuses of a process (see README, "Exit status")."""

    ACCEPTED = 0
    REFUSED = 1
    USAGE = 2
    CREDENTIALS = 3
    QUOTA = 4
    NO_RESPONSE = 5
    PARTLY_STORED = 6
    INTERRUPTED = 130


class MixtuiError(Exception):
    """The root of all errors; its text is a sentence for the user."""

    exit_status = ExitStatus.USAGE


class Field(StrEnum):
    """The part of a draft that an error is about."""

    ENVIRONMENT = "environment"
    METHOD = "method"
    API = "api"
    URL = "url"
    PATH = "path"
    QUERY = "query"
    HEADERS = "headers"
    BODY = "body"
    AUTH = "auth"
    OPTIONS = "options"
    INPUTS = "inputs"


class DraftError(MixtuiError):
    """What was typed cannot be sent."""

    def __init__(
        self, field: Field, message: str, *, suggestion: Draft | None = None
    ) -> None:
        super().__init__(message)
        self.field = field
        self.suggestion = suggestion
        """A draft to offer that does what was probably meant."""


class CredentialError(MixtuiError):
    """A credential is missing or cannot be read; the text says what to add and where."""

    exit_status = ExitStatus.CREDENTIALS


class SendError(MixtuiError):
    """No response came, or none that is HTTP."""

    exit_status = ExitStatus.NO_RESPONSE

    def __init__(
        self,
        reason: str,
        *,
        maybe_done: bool = False,
        arrived: bool = False,
        answered: bool = False,
    ) -> None:
        doubt = "; the server may have processed it."
        super().__init__(reason.rstrip(".") + doubt if maybe_done else reason)
        self.reason = reason
        """The sentence without that the server may have processed it."""
        self.maybe_done = maybe_done
        """Whether a write may have reached the server before it failed."""
        self.arrived = arrived or maybe_done
        """Whether the request, read or write, may have reached the server."""
        self.answered = answered
        """Whether something came that is not (a whole) HTTP response."""


class FilterError(MixtuiError):
    """A filter does not compile, or fails on the body."""

    def __init__(
        self, message: str, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.line = line
        """Line of the filter, from 1; None = it is not about a position."""
        self.column = column
        """Column in characters, from 1."""


class FilterStopped(FilterError):
    """A filter was cancelled, by the person or by a newer one."""

    exit_status = ExitStatus.INTERRUPTED


class SearchError(MixtuiError):
    """The search term is not a valid pattern."""

    def __init__(self, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.position = position
        """In characters, from 0; None = it is not about a position."""


class StorageError(MixtuiError):
    """A file cannot be read or written."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class BrokenFile(StorageError):
    """A file that does not parse, or holds something it must not."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        where = f"{path.name}, line {line}" if line else path.name
        super().__init__(path, f"{where}: {reason}")
        self.reason = reason
        self.line = line


class ChangedOutside(StorageError):
    """A file was changed by something else since it was opened."""


class NameTaken(StorageError):
    """A file or folder of that name exists already."""


class SettingsError(MixtuiError):
    """Configuration, environments, themes or keys are wrong."""


class InterchangeError(MixtuiError):
    """What another program wrote cannot be imported, or a request not exported to it."""


class SandboxError(MixtuiError):
    """The sandbox cannot start."""
