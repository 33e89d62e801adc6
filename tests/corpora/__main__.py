"""Run our readers over public corpora, and print where they disagree with them.

scripts/corpora
scripts/corpora --from ~/repositories JSONTestSuite toml-test
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.corpora import imports, json_texts, toml_files
from tests.corpora.corpus import Corpus, Count

CORPORA = (
    json_texts.CORPUS,
    toml_files.CORPUS,
    imports.CURL,
    imports.OPENAPI,
    imports.POSTMAN,
)
_CACHE = Path(".venv") / "corpora"
_HEADER = ("corpus", "reader", "files", "read", "rejected", "disagreements")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run over those that are named, or all.

    Returns:
        0 = all agree, 1 = some do not, 2 = a corpus is not there.
    """
    options = _parser().parse_args(arguments)
    chosen = [c for c in CORPORA if c.name in (options.corpora or [c.name])]
    counts: list[Count] = []
    for corpus in chosen:
        folder = (options.folder or _CACHE) / corpus.name
        if not folder.is_dir() and options.folder is None:
            clone(corpus, folder)
        if not all((folder / each).is_dir() for each in corpus.folders):
            print(
                f"{folder} is not a copy of {corpus.repository}: clone it there, or "
                "name a folder that holds one with --from.",
                file=sys.stderr,
            )
            return 2
        counts += count(corpus, folder)
    for each in counts:
        for disagreement in each.disagreements:
            print(f"{each.corpus}, {each.reader}: {disagreement}")
    print(table(counts))
    return int(any(each.disagreements for each in counts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("scripts/corpora", description=__doc__)
    names = [corpus.name for corpus in CORPORA]
    parser.add_argument("corpora", nargs="*", help=f"{', '.join(names)}; default: all")
    parser.add_argument(
        "--from",
        dest="folder",
        type=Path,
        metavar="DIR",
        help="where copies of them are; default: git clones them once",
    )
    return parser


def clone(corpus: Corpus, folder: Path) -> None:
    """Get what is needed of a repository with git, at its newest commit."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    url = f"https://github.com/{corpus.repository}"
    sparse = ("--depth", "1", "--filter=blob:none", "--sparse", "--quiet")
    try:
        subprocess.run(["git", "clone", *sparse, url, str(folder)], check=True)
        subprocess.run(
            ["git", "-C", str(folder), "sparse-checkout", "set", *corpus.folders],
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(folder, ignore_errors=True)


def count(corpus: Corpus, folder: Path) -> list[Count]:
    """Run all readers of a corpus over its files."""
    counts = []
    for reader, verdicts in corpus.readers.items():
        counted = Count(corpus.name, reader)
        for verdict in verdicts(folder.absolute()):
            counted.add(verdict)
        counts.append(counted)
    return counts


def table(counts: Sequence[Count]) -> str:
    """Return the counts as a table in Markdown."""
    rows = [_HEADER, tuple("---" for _ in _HEADER)] + [
        (
            c.corpus,
            c.reader,
            *map(str, (c.read + c.refused, c.read, c.refused, len(c.disagreements))),
        )
        for c in counts
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    raise SystemExit(main())
