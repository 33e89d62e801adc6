"""A slow line: 64 kbit/s with a round trip of 300 ms, over ssh."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench, Figures, Measurement, is_toured
from benchmarks.drivers import Driver
from benchmarks.figures import percentile
from benchmarks.line import BLINK, OPENED, REST, SHOWN
from benchmarks.output import output
from benchmarks.relay import Relay
from benchmarks.screen import Screen
from benchmarks.ssh import CONNECTED, SshServer
from benchmarks.terminal import CLOCK, Missed, Terminal
from benchmarks.typist import Typist
from benchmarks.waiting import GUARD

_PLAIN, _COMPRESSED = "ssh", "ssh -C"
_DIALOGS = ("operations", "help")
_PATIENCE = 120.0
_TYPE_AGAIN = 3.0
_GAP, _KEYS, _PAGES = 0.25, 20, 3


@dataclass(frozen=True, slots=True)
class _Session:
    """A program at the other end of a slow line."""

    terminal: Terminal
    relay: Relay
    server: SshServer

    def rest(self, quiet: float = REST) -> None:
        """Wait until neither the program nor the line has anything to do."""
        end = CLOCK() + _PATIENCE
        while CLOCK() < end:
            self.terminal.wait_rest(quiet, _PATIENCE, self.server.pid)
            if self.relay.is_idle():
                return
        raise Missed(f"not at rest within {_PATIENCE:.0f} s")

    def press_slowly(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.terminal.press(key)
            self.rest(BLINK)
        self.rest()

    def cost(self, key: str, quiet: float = REST) -> tuple[float, int]:
        """Press a key; returns seconds until the last byte, and bytes on the wire."""
        sent = self.relay.down.sent
        caused = output(self.terminal, (key,), lambda: self.rest(quiet))
        return caused.seconds, self.relay.down.sent - sent


def _slow(bench: Bench, driver: Driver, case: str) -> Figures:
    figures: dict[str, float] = {}
    with _session(bench, driver, compress=case == _COMPRESSED) as session:
        terminal, down = session.terminal, session.relay.down
        terminal.wait_for(CONNECTED, _PATIENCE)
        session.rest()
        sent = down.sent
        figures["start"] = _start(terminal)
        session.rest()
        figures["start, wire"] = down.sent - sent
        terminal.press(*driver.clear_keys)  # or it asks whether to save that
        session.rest()
        session.press_slowly(driver.open_keys)
        terminal.wait_for(OPENED, _PATIENCE)
        session.press_slowly(driver.send_keys)
        terminal.wait_for(SHOWN, _PATIENCE)
        session.press_slowly(driver.body_keys)
        pages = [session.cost("pagedown") for _ in range(_PAGES)]
        figures["page"] = statistics.median(seconds for seconds, _ in pages)
        figures["page, wire"] = statistics.median(size for _, size in pages)
        for dialog in _DIALOGS:
            if keys := driver.dialogs.get(dialog):
                open_key, close_key = keys
                seconds, size = session.cost(open_key, BLINK)
                figures |= {dialog: seconds, f"{dialog}, wire": size}
                session.press_slowly((close_key,))
        figures |= _keys(driver, session)
    return figures


def _start(terminal: Terminal) -> float:
    def painted(screen: Screen) -> bool:
        return not screen.is_blank() and not screen.shows(CONNECTED)

    pressed = terminal.press("enter")
    terminal.wait_for(painted, _PATIENCE)
    while CLOCK() < pressed + _PATIENCE:
        terminal.press(GUARD)
        # Perhaps it was typed before the field had the focus: type again.
        with suppress(Missed):
            return terminal.wait_for(GUARD, _TYPE_AGAIN) - pressed
    raise Missed("typed text never echoed")


def _keys(driver: Driver, session: _Session) -> Figures:
    session.press_slowly((*driver.url_keys, "end", GUARD))
    typist = Typist(session.terminal)
    sent = session.relay.down.sent
    typist.type(_GAP, lambda typed: typed < _KEYS)
    waits, lost = typist.waits(_PATIENCE)
    if lost:
        raise Missed(f"{lost} keys never echoed")
    session.rest()
    return {
        "p50": percentile(waits, 0.5),
        "p95": percentile(waits, 0.95),
        "key, wire": (session.relay.down.sent - sent) / _KEYS,
    }


@contextmanager
def _session(bench: Bench, driver: Driver, *, compress: bool) -> Iterator[_Session]:
    with (
        bench.workspace(driver) as (home, argv),
        tempfile.TemporaryDirectory(prefix="ssh-", dir=bench.work) as keys,
        SshServer(Path(keys)) as server,
        Relay(server.port) as relay,
    ):
        env = {**driver.env(home), **driver.steady}
        command = server.client(relay.port, argv, env, compress=compress)
        terminal = Terminal(
            command, driver.env(home), home, bench.plan.cap, modern=True
        )
        try:
            yield _Session(terminal, relay, server)
        finally:
            terminal.close()


MEASUREMENTS = (Measurement("slow", (_PLAIN, _COMPRESSED), _slow, is_toured, most=2),)
