"""Where a secret is, as the command line names it: ``env:NAME``, ``command:COMMAND``, …"""

from __future__ import annotations

from mixtui.cli.parsing import UsageError
from mixtui.model.secrets import (
    FromCommand,
    FromCredentialsFile,
    FromFile,
    FromKeyring,
    FromVariable,
    SecretSource,
)

KINDS = ("env", "command", "file", "keyring")
"""What the name of a source begins with."""


def parse_source(text: str, environment: str, kind: str) -> SecretSource:
    """Parse the source of a secret.

    Raises:
        UsageError: The text names no source.
    """
    if text == "-":
        return FromCredentialsFile(environment, kind)
    match text.partition(":"):
        case "env", _, rest if rest:
            return FromVariable(rest)
        case "command", _, rest if rest:
            return FromCommand(rest)
        case "file", _, rest if rest:
            return FromFile(rest)
        case "keyring", _, rest if rest:
            return FromKeyring(rest)
        case _:
            # The text itself may be the secret: it is not repeated.
            raise UsageError(
                "Other users can see the command line, so a secret cannot be passed "
                "there. Pass its source instead (env:NAME, command:COMMAND, "
                "file:PATH, keyring:SERVICE/USER), or - to enter it."
            )
