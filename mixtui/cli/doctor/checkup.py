"""All of the report: section by section, masked as a whole."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from mixtui.cli.console import Console
from mixtui.cli.doctor.finding import Finding, Section, guarded

if TYPE_CHECKING:
    from mixtui.cli.doctor.environments import Credentials
    from mixtui.cli.doctor.places import Places
    from mixtui.model.environment import Environment


class Checkup:
    """Makes the report. Each section imports what it needs: a package may be missing.

    Args:
        arguments: Of the command line: ``read_secrets``, ``reach`` and those of a session.
        console: Its streams and variables.
    """

    def __init__(self, arguments: Namespace, console: Console) -> None:
        self._arguments = arguments
        self._console = console
        self._places: Places | None = None
        """None = they are not known, which one section reports."""
        self._credentials: Credentials | None = None
        """As above."""

    def run(self) -> tuple[Section, ...]:
        """Return the report. Blocking; sends something only with ``reach``."""
        subjects: list[tuple[str, Callable[[], Iterable[Finding]]]] = [
            ("Versions", self._versions),
            ("Terminal", self._terminal),
            ("Folders", self._folders),
            ("Files", self._files),
            ("Environments", self._environments),
            ("Trust", self._trust),
            ("Network", self._network),
            ("Records", self._records),
        ]
        if self._arguments.reach:
            subjects.append(("Reach", self._reach))
        found = [(title, tuple(guarded(title, find))) for title, find in subjects]
        mask = self._mask()
        return tuple(
            Section(title, tuple(each.masked(mask) for each in findings))
            for title, findings in found
            if findings
        )

    def _mask(self) -> Callable[[str], str]:
        from mixtui.cli.doctor.mask import Mask

        credentials = self._credentials
        known = credentials.known_secrets() if credentials is not None else ()
        return Mask(known, self._console.variables)

    def _versions(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.versions import find_versions

        return find_versions()

    def _terminal(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.terminal import find_terminal

        return find_terminal(self._console)

    def _folders(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.places import find_folders, find_places

        places = find_places(self._arguments, self._console)
        if places.are_known:
            self._places = places
        return find_folders(places)

    def _files(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.files import find_files

        return () if self._places is None else find_files(self._places)

    def _environments(self) -> Iterator[Finding]:
        from mixtui.cli.doctor.environments import find_environments, load_credentials

        if self._places is not None:
            arguments, variables = self._arguments, self._console.variables
            requested = arguments.env or ""
            self._credentials = load_credentials(self._places, requested, variables)
            yield from find_environments(
                self._credentials, read_secrets=arguments.read_secrets
            )

    def _trust(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.environments import find_trust

        if self._places is None or self._credentials is None:
            return ()
        return find_trust(self._places, self._credentials)

    def _network(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.network import find_network

        return find_network(self._selected, self._console.variables)

    def _records(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.records import find_records

        if self._places is None:
            return ()
        return find_records(self._places, self._console.variables)

    def _reach(self) -> Iterable[Finding]:
        from mixtui.cli.doctor.network import find_reachable

        return find_reachable(self._selected)

    @property
    def _selected(self) -> tuple[Environment, ...]:
        return () if self._credentials is None else self._credentials.selected
