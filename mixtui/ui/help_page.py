"""What the help page says: keys from the actions, and what else people look up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mixtui.core.errors import ExitStatus
from mixtui.core.templates import BUILT_IN
from mixtui.storage.paths import (
    COLLECTION_FILE,
    CREDENTIALS_FILE,
    ENVIRONMENTS_FILE,
    SETTINGS_FILE,
)
from mixtui.ui.actions import Action, groups


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with rows of two columns."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """What to look up, and what it means; an empty first one is a plain sentence."""


def sections(
    actions: Iterable[Action], config: Path, collection: Path
) -> tuple[Section, ...]:
    """The whole page.

    Args:
        actions: Every action, with the person's own keys.
        config: The user's config folder.
        collection: The folder of the saved requests.
    """
    keys = (
        Section(group, _keys(members)) for group, members in groups(actions).items()
    )
    return (
        *keys,
        _TEMPLATES,
        _CREDENTIALS,
        _files(config, collection),
        _EXIT_STATUS,
    )


def search(page: Sequence[Section], words: str) -> tuple[Section, ...]:
    """What holds every word, in a row or in its heading; without words, everything."""
    wanted = words.casefold().split()

    def holds(section: Section, row: tuple[str, str]) -> bool:
        text = " ".join((section.title, *row)).casefold()
        return all(word in text for word in wanted)

    found = (
        replace(each, rows=tuple(row for row in each.rows if holds(each, row)))
        for each in page
    )
    return tuple(section for section in found if section.rows)


def _keys(actions: Iterable[Action]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (action.keys_text, action.help)
        if action.keys
        else ("in the palette", f"{action.label}: {action.help}")
        for action in actions
    )


_MEANINGS = {
    "uuid": "a new UUID each time it is sent",
    "now": "seconds since 1970",
    "today": "the date of today, such as 2026-03-14",
    "today-7d": "days (d) or weeks (w) before today, or after it: today+2w",
    "month_start": "the first day of this month",
    "project_id": "of the environment",
    "workspace_id": "of the environment",
    "organization_id": "of the environment",
    "project_token": "of the environment",
    "env:NAME": "the variable NAME of the process; masked where it is shown",
}

_TEMPLATES = Section(
    "Templates",
    (
        ("", "In URL, query, headers and body; $ is always literal."),
        *((f"{{{{{name}}}}}", _MEANINGS[name]) for name in BUILT_IN),
        ("{{any other}}", "a variable of the environment (f9), or --var on the line"),
        ("{Project ID}", "as in Mixpanel's own pages; filled as well"),
    ),
)

_CREDENTIALS = Section(
    "Credentials",
    (
        ("service account", "queries, exports, imports, Lexicon: nearly everything"),
        ("project token", "events and profiles; an identifier, not a secret"),
        ("project secret", "for old projects; Mixpanel ends it on 3 March 2027"),
        ("OAuth token", "GDPR calls alone"),
        ("", "“auto” chooses by API and path; the Auth tab says which, and why."),
        ("", "A typed Authorization header wins."),
        (
            "",
            "They go to the host they are meant for alone, over https (http on this "
            "machine), and never along a redirect to another host.",
        ),
        (
            "",
            "A secret is never in a request file: it comes from a variable, a command, "
            "the key ring or a file, or is typed here and kept for you alone.",
        ),
    ),
)

_EXIT_STATUS = Section(
    "Exit status of mixtui send",
    (
        (str(ExitStatus.ACCEPTED), "accepted"),
        (str(ExitStatus.REFUSED), "answered, but refused"),
        (str(ExitStatus.USAGE), "bad usage, or a request that cannot be sent"),
        (str(ExitStatus.CREDENTIALS), "credentials missing or refused"),
        (str(ExitStatus.QUOTA), "quota used up"),
        (str(ExitStatus.NO_ANSWER), "no answer"),
        (str(ExitStatus.PARTLY_STORED), "partly stored"),
        (str(ExitStatus.INTERRUPTED), "interrupted"),
    ),
)


def _files(config: Path, collection: Path) -> Section:
    return Section(
        "Files",
        (
            (SETTINGS_FILE, f"{_short(config / SETTINGS_FILE)}: theme, keys, mouse"),
            (ENVIRONMENTS_FILE, f"{_short(config / ENVIRONMENTS_FILE)}"),
            (
                CREDENTIALS_FILE,
                f"{_short(config / CREDENTIALS_FILE)}: secrets that were typed; only "
                "its owner may read it, or mixtui does not",
            ),
            ("saved requests", f"{_short(collection)}: a TOML file each"),
            (
                COLLECTION_FILE,
                "marks the top of a collection; may hold environments without secrets",
            ),
        ),
    )


def _short(path: Path) -> str:
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)
