"""``mixtui keys``: list and check the keys of the app."""

from __future__ import annotations

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from mixtui.actions import Action
    from mixtui.cli.console import Console


def keys_arguments() -> Parser:
    parser = Parser(
        "keys",
        "List the actions of the app: keys, id for [keys] in config.toml, "
        "description.\n"
        "Keys set in config.toml are included.",
        (
            "mixtui keys | less",
            "mixtui keys --json | jq -r '.[] | select(.id == \"send\") | .keys[]'",
            "mixtui keys --check      # check [keys] in config.toml",
        ),
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--check",
        action="store_true",
        help="only report problems in [keys]; exit status 2 if there are any",
    )
    return parser


def run_keys(arguments: Namespace, console: Console) -> int:
    """List or check; return the exit status."""
    from mixtui.actions import keys_rows, keys_table
    from mixtui.model.errors import ExitStatus
    from mixtui.storage.paths import SETTINGS_FILE, config_dir
    from mixtui.storage.settings import load_settings

    path = config_dir() / SETTINGS_FILE
    own_keys = load_settings(path).keys
    actions, problems = _with_own_keys(own_keys)
    for problem in problems:
        console.report(f"{path}: {problem}")
    if arguments.check:
        if not problems:
            console.report(
                "No problems found in [keys]."
                if own_keys
                else "config.toml does not set any keys."
            )
        return ExitStatus.USAGE if problems else ExitStatus.ACCEPTED
    if arguments.json:
        console.print_json(keys_rows(actions))
    else:
        console.print(keys_table(actions).rstrip("\n"))
    return ExitStatus.ACCEPTED


def load_actions() -> Sequence[Action]:
    """Return all actions with the user's keys; with the usual ones if config.toml is invalid.

    That is another error than the one that names a key, and is reported on its own.
    """
    from mixtui.actions import ACTIONS
    from mixtui.model.errors import MixtuiError
    from mixtui.storage.paths import SETTINGS_FILE, config_dir
    from mixtui.storage.settings import load_settings

    try:
        return _with_own_keys(load_settings(config_dir() / SETTINGS_FILE).keys)[0]
    except MixtuiError:
        return ACTIONS


def _with_own_keys(
    own_keys: Mapping[str, Sequence[str]],
) -> tuple[Sequence[Action], tuple[str, ...]]:
    """Return all actions, and a sentence for each problem of the keys."""
    if not own_keys:
        from mixtui.actions import ACTIONS

        return ACTIONS, ()
    from mixtui.keymap import check_keys

    return check_keys(own_keys)
