"""Find out whether the app can be drawn in a terminal."""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Mapping

_CANNOT_MOVE = {"dumb", "unknown"}
"""Values of TERM for terminals that cannot move the cursor."""
_LOCALE = ("LC_ALL", "LC_CTYPE", "LANG")
"""The first that is set decides."""


def problem_of_terminal(variables: Mapping[str, str], encoding: str | None) -> str:
    """Return why the app cannot be drawn, and what to do; empty = it can.

    Args:
        variables: Of the environment.
        encoding: Of what is written to the terminal; None = not known.
    """
    term = variables.get("TERM", "")
    if term in _CANNOT_MOVE:
        return (
            f"The app cannot be drawn with TERM={term}. Set TERM to what your terminal "
            "is, such as xterm-256color, or use a command: “mixtui --help” lists them."
        )
    if encoding and not encoding.lower().replace("-", "").startswith("utf"):
        name = next((name for name in _LOCALE if variables.get(name)), "LANG")
        return (
            f"The app needs UTF-8, but {name}={variables.get(name, '')} makes it "
            f"{encoding}. Set LC_ALL=C.UTF-8, in a terminal that shows UTF-8."
        )
    return ""
