"""``mixtui trust``: what the collections of other people may use."""

from __future__ import annotations

import os

from mixtui.cli.parsing import Parser

TYPE_CHECKING = False  # typing costs start-up
if TYPE_CHECKING:
    from argparse import Namespace

    from mixtui.cli.console import Console


def trust_arguments() -> Parser:
    parser = Parser(
        "trust",
        "Trust a collection with everything its files need now: environment "
        "variables,\n"
        "files outside its folder, hosts, secrets, certificates and a default\n"
        "environment. Each is printed. What is added to the files later is not "
        "trusted.\n"
        "Collections created by mixtui on this machine are trusted.",
        (
            "mixtui trust shop --list     # print what it needs, without trusting it",
            "mixtui trust shop",
            "mixtui trust shop --remove",
            "mixtui trust                 # list trusted collections",
        ),
    )
    parser.add_argument(
        "folder", metavar="DIR", nargs="?", help="folder of the collection"
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument(
        "--list", action="store_true", help="print what it needs, without trusting it"
    )
    choice.add_argument("--remove", action="store_true", help="stop trusting it")
    return parser


def run_trust(arguments: Namespace, console: Console) -> int:
    """Trust, list or remove; return the exit status."""
    from pathlib import Path

    from mixtui.cli.parsing import UsageError
    from mixtui.model.errors import ExitStatus
    from mixtui.session import open_session
    from mixtui.storage.trust import TrustStore

    store = TrustStore()
    if arguments.folder is None:
        if arguments.list or arguments.remove:
            raise UsageError("--list and --remove need a collection: add DIR.")
        for folder, trust in store.folders():
            console.print_untrusted(str(folder))
            for power in sorted(trust.granted):
                console.print_untrusted(f"  {power}")
        return ExitStatus.ACCEPTED
    if arguments.remove:
        root = console.folder / os.path.expanduser(arguments.folder)
        known = store.revoke(root)
        console.report(f"{root} {'is no longer' if known else 'was not'} trusted.")
        return ExitStatus.ACCEPTED
    session = open_session(
        Path(arguments.folder),
        variables=console.variables,
        cwd=console.folder,
        lenient=True,
    )
    root, powers = session.collection.root, sorted(session.collection_powers())
    for power in powers:
        console.print_untrusted(str(power))
    if not powers:
        console.report(f"{root} needs nothing that requires trust.")
    elif not arguments.list:
        store.grant(root, powers)
        console.report(f"Trusted {root} with the above.")
    return ExitStatus.ACCEPTED
