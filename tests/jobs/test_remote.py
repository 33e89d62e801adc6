"""Sources elsewhere: addresses, globs, folders; what cannot be read is said."""

from __future__ import annotations

import functools
import gzip
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest

from mixtui.jobs import remote
from mixtui.jobs.model import JobError
from mixtui.jobs.sources import (
    Format,
    SourceStream,
    find_sources,
    has_changed,
    sniff_file,
)
from mixtui.jobs.sql import write_rows

LINE = b'{"event": "x", "properties": {"time": 1, "distinct_id": "u"}}\n'


@pytest.fixture
def storage() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def test_a_folder_and_a_glob_name_the_data_in_them(
    storage: Any, tmp_path: Path
) -> None:
    for name in ("b.ndjson", "a.csv.gz", "notes.md", "deep/c.json"):
        storage.pipe(f"/lake/{name}", LINE)
    found = [source.path for source in find_sources(["memory://lake"], tmp_path)]
    assert found == [
        f"memory:///lake/{name}" for name in ("a.csv.gz", "b.ndjson", "deep/c.json")
    ]
    (only,) = find_sources(["memory:///lake/*.ndjson"], tmp_path)
    assert (only.name, only.size) == ("b.ndjson", len(LINE))
    (named,) = find_sources(["memory:///lake/notes.md"], tmp_path)
    assert named.name == "notes.md"


def test_it_is_read_decompressed_and_from_any_position(
    storage: Any, tmp_path: Path
) -> None:
    storage.pipe("/a.ndjson", LINE * 3)
    storage.pipe("/a.ndjson.gz", gzip.compress(LINE * 3))
    for name in ("a.ndjson", "a.ndjson.gz"):
        (source,) = find_sources([f"memory:///{name}"], tmp_path)
        stream = SourceStream(source)
        stream.skip_to(len(LINE))
        assert stream.read() == LINE * 2
        assert stream.raw_position > 0
        stream.close()
        assert sniff_file(source) is Format.LINES


def test_a_change_is_noticed(storage: Any, tmp_path: Path) -> None:
    storage.pipe("/a.ndjson", LINE)
    (before,) = find_sources(["memory:///a.ndjson"], tmp_path)
    storage.pipe("/a.ndjson", LINE.replace(b"x", b"y"))
    (after,) = find_sources(["memory:///a.ndjson"], tmp_path)
    assert has_changed(before, after)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("memory:///none/*.csv", "No file is at memory:///none/*.csv."),
        ("memory:///none.csv", "No file is at memory:///none.csv."),
        ("https://u:p@host.test/a.csv", "has credentials in it"),
        (
            "nonsense://x/a.csv",
            "nonsense:// is not a kind of storage that fsspec knows.",
        ),
    ],
)
def test_what_cannot_be_read_is_said(
    storage: Any, tmp_path: Path, address: str, sentence: str
) -> None:
    with pytest.raises(JobError) as caught:
        find_sources([address], tmp_path)
    assert sentence in str(caught.value)
    assert "u:p" not in str(caught.value)


def test_what_could_not_be_opened_can_be_closed(storage: Any) -> None:
    """Python does so, and complains since 3.14."""
    file = remote.RemoteFile.__new__(remote.RemoteFile)
    with pytest.raises(JobError):
        file.__init__("memory://none.csv")  # type: ignore[misc]
    file.close()
    assert file.closed


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(protocol: str) -> None:
        raise ImportError("Install s3fs to access S3", name="s3fs")

    monkeypatch.setattr(fsspec, "filesystem", missing)
    with pytest.raises(JobError, match=r"install mixtui\[data\] s3fs\."):
        remote.file_system("s3")


def test_an_error_of_the_storage_is_one_sentence(
    storage: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("Forbidden:\n  token \x1b[1m expired.")

    storage.pipe("/a.ndjson", LINE)
    monkeypatch.setattr(type(storage), "open", refuse)
    with pytest.raises(JobError) as caught:
        find_sources(["memory:///a.ndjson"], tmp_path)
    assert str(caught.value).startswith("a.ndjson cannot be read: Forbidden: token ")
    assert "\x1b" not in str(caught.value)


def test_rows_of_remote_files_are_read_by_duckdb(storage: Any, tmp_path: Path) -> None:
    storage.pipe("/orders.csv", b"user,total\nu1,3\nu2,4\n")
    sources = find_sources(["memory:///orders.csv"], tmp_path)
    path = tmp_path / "private" / "rows.ndjson"
    write_rows(sources, "SELECT user FROM source WHERE total > 3", path)
    assert path.read_bytes() == b'{"user":"u2"}\n'


class WholeFiles(SimpleHTTPRequestHandler):
    """Knows no ranges, as many servers."""

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    handler = functools.partial(WholeFiles, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_of_a_web_server_is_read(origin: str, tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(LINE)
    (source,) = find_sources([f"{origin}/a.ndjson?token=x"], tmp_path)
    assert source.name == "a.ndjson"
    stream = SourceStream(source)
    assert stream.read() == LINE
    stream.close()
    with pytest.raises(JobError, match=r"none\.csv cannot be read: it does not"):
        find_sources([f"{origin}/none.csv"], tmp_path)


def test_a_large_file_of_a_server_without_ranges_is_refused(
    origin: str, tmp_path: Path
) -> None:
    (tmp_path / "a.ndjson").write_bytes(LINE * 200_000)
    with pytest.raises(JobError, match=r"a\.ndjson cannot be read: .*range"):
        find_sources([f"{origin}/a.ndjson"], tmp_path)
