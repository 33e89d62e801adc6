"""Record the real program in a pty, and render its pictures as SVG.

A scene is the keys that a person would press. The output of the program is an asciicast
(https://docs.asciinema.org/manual/asciicast/v2/), which termtosvg renders: the recording
as an animation, a screenshot as its last frame.
"""

from __future__ import annotations

import codecs
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.terminal import CLOCK, Missed, Terminal

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
TEMPLATE = Path(__file__).with_name("picture.svg")
DARK, LIGHT = "mixtui-dark", "mixtui-light"
_MARGINS = {DARK: "#12121a", LIGHT: "#e6e6ef"}
"""Of each theme, the color around the screen."""
_PATIENCE = 20.0
_TYPING_PAUSE = 0.07
_MEMORY = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Press:
    """Press a key; the recording names it below the screen."""

    key: str
    why: str = ""
    """What the caption adds to the key."""


@dataclass(frozen=True, slots=True)
class Type:
    """Type a text at a readable pace."""

    text: str


@dataclass(frozen=True, slots=True)
class See:
    """Wait until the screen shows a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Let the viewer read."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Shot:
    """Take a screenshot."""

    name: str


Step = Press | Type | See | Rest | Shot


@dataclass(frozen=True, slots=True)
class Scene:
    """A run of the program."""

    name: str
    steps: tuple[Step, ...]
    size: tuple[int, int] = (110, 32)
    """Columns and rows."""
    themes: tuple[str, ...] = (DARK, LIGHT)
    animated: bool = False
    """Whether the whole run is a recording, too."""
    arguments: tuple[str, ...] = ("--sandbox",)


_START = See("Find")
_SEND = (Press("f5", "send"), See("accepted"))


def _send(words: str, outcome: str) -> tuple[Step, ...]:
    """Return the steps that open a saved request and send it."""
    return (
        Press("ctrl+g"),
        Type(words),
        Press("enter"),
        Press("f5"),
        See(outcome),
    )


SCENES = (
    Scene(
        "tour",
        (
            _START,
            Rest(1.5),
            Press("ctrl+t", "search all operations"),
            See("105 operations"),
            Rest(0.8),
            Type("segm"),
            Rest(1.0),
            Press("enter", "use it"),
            See("/query/segmentation"),
            Rest(1.8),
            Press("f5", "send"),
            See("accepted"),
            Rest(1.5),
            Press("ctrl+o", "jump to"),
            Rest(0.8),
            Press("3", "the chart"),
            Rest(2.0),
            Press("ctrl+g", "find a saved request"),
            Type("bad rec"),
            Rest(0.8),
            Press("enter", "open it"),
            Rest(1.2),
            Press("f5", "send"),
            See("partially imported"),
            Rest(2.5),
            Press("ctrl+o", "jump to"),
            Press("1", "the response"),
            Press("b", "go to the rejected record"),
            Rest(2.5),
        ),
        animated=True,
        themes=(DARK,),
    ),
    Scene(
        "responses",
        (
            _START,
            Press("ctrl+t"),
            See("105 operations"),
            Type("segm"),
            See("/query/segmentation"),
            Shot("operations"),
            Press("enter"),
            See("→ http"),
            Press("f5"),
            See("accepted"),
            Shot("response"),
            Press("ctrl+o"),
            Press("2"),
            Shot("table"),
            Press("ctrl+o"),
            Press("3"),
            Shot("chart"),
        ),
    ),
    Scene(
        "import",
        (
            _START,
            Press("ctrl+g"),
            Type("bad rec"),
            Press("enter"),
            See("/import"),
            Press("f5"),
            See("partially imported"),
            Press("ctrl+o"),
            Press("1"),
            Press("b"),
            Shot("import"),
        ),
    ),
    Scene(
        "history",
        (
            _START,
            *_send("Events, last", "accepted"),
            *_send("Purchases by plan", "accepted"),
            *_send("bad rec", "partially imported"),
            *_send("Set profile", "accepted"),
            *_send("Purchase funnel", "accepted"),
            Press("f3"),
            See("newest first"),
            Shot("history"),
        ),
    ),
    Scene(
        "diff",
        (
            _START,
            *_send("Events, last", "accepted"),
            *_send("Import a purchase", "accepted"),
            *_send("Events, last", "58/60"),
            Press("ctrl+o"),
            Press("1"),
            Press("d"),
            Shot("diff"),
        ),
    ),
    Scene(
        "environments", (_START, Press("f9"), See("sandbox-eu"), Shot("environments"))
    ),
    Scene("help", (_START, Press("f1"), Shot("help"))),
    Scene("setup", (See("1 of 3"), Shot("setup")), arguments=()),
    Scene(
        "inputs",
        (
            _START,
            Press("ctrl+g"),
            Type("by property"),
            Press("enter"),
            Press("f5"),
            Shot("inputs"),
        ),
    ),
)


def main() -> None:
    """Make the pictures of all scenes, or of those named on the command line."""
    wanted = sys.argv[1:]
    names = {scene.name for scene in SCENES}
    if unknown := set(wanted) - names:
        sys.exit(f"No scene is named {', '.join(unknown)}: {', '.join(sorted(names))}")
    PICTURES.mkdir(exist_ok=True)
    for scene in SCENES:
        if not wanted or scene.name in wanted:
            for theme in scene.themes:
                _play(scene, theme)


def _play(scene: Scene, theme: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MIXTUI", "MIXPANEL", "MP_", "XDG_", "NO_COLOR"))
        }
        environment |= {"HOME": folder, "LANG": "C.UTF-8", "SHELL": "/bin/sh"}
        argv = ["mixtui", *scene.arguments, "--theme", theme]
        with Terminal(
            argv, environment, Path(folder), _MEMORY, scene.size, modern=True
        ) as terminal:
            captions: list[tuple[float, str]] = []
            for step in scene.steps:
                try:
                    _take(step, scene, terminal, captions, theme)
                except Missed as missed:
                    sys.exit(f"{scene.name}, {step}: {missed}\n{terminal.text()}")
            if scene.animated:
                _render_recording(scene, terminal, captions, theme)


def _take(
    step: Step,
    scene: Scene,
    terminal: Terminal,
    captions: list[tuple[float, str]],
    theme: str,
) -> None:
    match step:
        case Press(key, why):
            captions.append((CLOCK(), f"{key}  {why}".rstrip()))
            terminal.press(key)
            terminal.wait_quiet()
        case Type(text):
            for index, character in enumerate(text, 1):
                captions.append((CLOCK(), f"type  {text[:index]}"))
                terminal.press(character)
                terminal.wait_quiet(_TYPING_PAUSE, _TYPING_PAUSE)
        case See(text):
            terminal.wait_for(text, _PATIENCE)
            terminal.wait_quiet()
        case Rest(seconds):
            terminal.wait_quiet(seconds, seconds)
        case Shot(name):
            terminal.wait_rest()
            _render_shot(name, scene, terminal, theme)


def _path(name: str, theme: str) -> Path:
    return PICTURES / f"{name}-{theme.removeprefix('mixtui-')}.svg"


def _render_shot(name: str, scene: Scene, terminal: Terminal, theme: str) -> None:
    path = _path(name, theme)
    output = b"".join(data for _, data in terminal.chunks).decode("utf-8", "replace")
    with tempfile.TemporaryDirectory() as folder:
        cast = _write_cast(Path(folder), scene.size, [(0.0, output)])
        frames = Path(folder) / "frames"
        frames.mkdir()
        _termtosvg(cast, frames, "--still-frames")
        _finish(max(frames.iterdir()), path, theme)
    print(path.relative_to(ROOT))


def _render_recording(
    scene: Scene, terminal: Terminal, captions: list[tuple[float, str]], theme: str
) -> None:
    columns, rows = scene.size
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    events = [(time, decoder.decode(data)) for time, data in terminal.chunks]
    start = events[0][0]
    events += [(time, _caption(text, rows + 2)) for time, text in captions]
    events.sort(key=lambda event: event[0])
    shown = [(max(0.0, time - start), text) for time, text in events]
    path = _path(scene.name, theme)
    with tempfile.TemporaryDirectory() as folder:
        cast = _write_cast(Path(folder), (columns, rows + 2), shown)
        _termtosvg(cast, path, "--min-frame-duration", "40", "--loop-delay", "3000")
        _finish(path, path, theme)
    print(path.relative_to(ROOT), f"{shown[-1][0]:.0f} s")


def _caption(text: str, row: int) -> str:
    """Return the output that names a key below the screen, cursor kept (DECSC, DECRC)."""
    return f"\x1b7\x1b[{row};3H\x1b[0;38;2;127;209;232m{text}\x1b[0m\x1b[K\x1b8"


def _write_cast(
    folder: Path, size: tuple[int, int], events: list[tuple[float, str]]
) -> Path:
    columns, rows = size
    header = {"version": 2, "width": columns, "height": rows}
    lines = [json.dumps(header)]
    lines += [json.dumps([time, "o", text]) for time, text in events]
    path = folder / "scene.cast"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _termtosvg(cast: Path, output: Path, *options: str) -> None:
    command = ["termtosvg", "render", str(cast), str(output), *options]
    subprocess.run(
        [*command, "--template", str(TEMPLATE)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _finish(rendered: Path, path: Path, theme: str) -> None:
    """Color the margin; drop spaces at the ends of lines, which git would report."""
    svg = rendered.read_text("utf-8").replace("#margin", _MARGINS[theme])
    svg = re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)
    path.write_text(svg.rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
