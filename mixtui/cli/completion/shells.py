"""Write candidates as the script in each shell reads them, and read its words.

The first line of the result is ``values``, ``files`` or ``folders``; for the last two, what
stands before the path in the word follows. Each further line is a candidate.
"""

from __future__ import annotations

from mixtui.cli.completion.bash import BashWord, quote, split_line
from mixtui.patterns import compile_late

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from collections.abc import Sequence

    from mixtui.cli.completion.values import Candidate

SHELLS = ("bash", "zsh", "fish")
_UNWRITABLE = compile_late(r"[\n\t\0]")
"""What would end a line or a column of the result."""


def read_words(shell: str, text: str) -> tuple[list[str], BashWord | None]:
    """Return the words of a command line after the program, the last one up to the cursor.

    Args:
        shell: The shell.
        text: What its script has passed, in parts that end with a NUL: bash the characters
            at which it breaks words and the line, the others the words.

    Returns:
        The words, and the last one as bash edits it, if the shell is bash.
    """
    parts = text.removesuffix("\0").split("\0")
    if shell == "bash":
        words, last = split_line(parts[-1], parts[0])
        return [*words[1:], last.text], last
    if shell == "fish":  # It passes the last word as it was typed.
        _, last = split_line(parts[-1], "")
        return [*parts[:-1], last.text], None
    return parts, None


def write_files(kind: str, prefix: str) -> str:
    """Return the result that lets the shell complete the names of files or folders."""
    return f"{kind}\t{prefix}\n"


def write_values(
    shell: str, prefix: str, candidates: Sequence[Candidate], word: BashWord | None
) -> str:
    """Return the result for candidates.

    Args:
        shell: The shell.
        prefix: What stands in front of a candidate in the word.
        candidates: All of them.
        word: The word as bash edits it.
    """
    lines = ["values"]
    for value, label, continues in candidates:
        text = prefix + value
        if _UNWRITABLE.search(text):
            continue
        label = " ".join(label.split())
        if word is not None:
            if (rest := word.remainder(text)) is not None:
                mark = "+" if continues else "="
                lines.append(f"{mark}{quote(rest, word.quotes)}")
        elif shell == "zsh":
            lines.append(f"{'+' if continues else '='}{text}\t{label}")
        else:
            lines.append(f"{text}\t{label}")
    return "\n".join(lines) + "\n"
