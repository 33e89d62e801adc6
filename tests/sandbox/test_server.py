from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Thread

import httpx
import pytest
import uvicorn

from mixtui.model.errors import SandboxError
from mixtui.sandbox.data import identity
from mixtui.sandbox.failures import SimulatedFailure, Slow
from mixtui.sandbox.server import RunningSandbox
from tests.fixtures_sandbox import NewSandbox
from tests.processes import PATIENCE, restore_interrupts
from tests.sandbox.conftest import NOW, Connect
from tests.sandbox.helpers import count_events, event, export_events, ok


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        (
            "/nothing",
            404,
            {"code": 404, "error": "Not found: /nothing", "status": "Not Found"},
        ),
        (
            "/lookup-tables/x",
            405,
            {
                "code": 405,
                "error": "Method GET is not allowed here",
                "status": "Method Not Allowed",
            },
        ),
        (
            "/api/jql?project_id=1",
            404,
            {"request": "/api/jql?project_id=1", "error": "Not found: /api/jql"},
        ),
        (
            "/api/app/nothing",
            404,
            {"status": "error", "error": "Not found: /api/app/nothing"},
        ),
        ("/eu", 404, {"code": 404, "error": "Not found: /eu", "status": "Not Found"}),
    ],
)
def test_an_unknown_path_is_refused_in_the_shape_of_its_family(
    sandbox: RunningSandbox, path: str, status: int, body: object
) -> None:
    response = httpx.get(sandbox.origin + path)
    assert (response.status_code, response.json()) == (status, body)


def test_a_response_has_server_and_date(client: httpx.Client) -> None:
    headers = client.get("/api/app/me").headers
    assert headers["server"] == "mixtui-sandbox"
    assert headers["date"].endswith("GMT")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("http://shop.localhost", True),
        ("https://127.0.0.1:8080", True),
        ("http://[::1]:3000", True),
        ("https://example.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("null", False),
    ],
)
def test_a_page_of_this_machine_may_read_responses_and_no_other(
    client: httpx.Client, origin: str, allowed: bool
) -> None:
    headers = {"Origin": origin}
    shown = origin if allowed else None
    for response in (
        client.get("/track", headers=headers),
        client.get("/nothing", headers=headers),
        client.options(
            "/flags/",
            headers={
                **headers,
                "Access-Control-Request-Method": "GET",
                "Access-Control-Request-Headers": "authorization,traceparent",
            },
        ),
    ):
        assert response.headers.get("access-control-allow-origin") == shown
    assert (response.status_code == 200) is allowed
    if allowed:
        assert response.headers["vary"].startswith("Origin")
        assert response.headers["access-control-allow-credentials"] == "true"
        wanted = response.headers["access-control-allow-headers"]
        assert "traceparent" in wanted


def test_the_sandbox_listens_on_the_loopback_only(sandbox: RunningSandbox) -> None:
    assert sandbox.origin == f"http://127.0.0.1:{sandbox.port}"
    listening = sandbox._listening
    assert listening is not None
    assert listening.socket.getsockname() == ("127.0.0.1", sandbox.port)


def test_the_sandbox_responds_at_once_and_can_be_stopped() -> None:
    running = RunningSandbox(with_sample=False)
    with running:
        origin = running.origin
        assert httpx.get(f"{origin}/nothing").status_code == 404
    with pytest.raises(httpx.ConnectError):
        httpx.get(origin)
    running.stop()


def test_an_idle_sandbox_does_not_wait_before_it_stops(
    new_sandbox: NewSandbox, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[object] = []
    monkeypatch.setattr(
        uvicorn.Server, "shutdown", lambda self, _: waiting.append(self)
    )
    running = new_sandbox(with_sample=False)
    client = connect(running)
    assert client.get("/nothing").status_code == 404  # The connection stays open.
    running.stop()
    assert not waiting


def test_a_stopping_sandbox_finishes_its_responses(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    slow = SimulatedFailure(Slow(wait=0, pause=0.05))
    running = new_sandbox(with_sample=False, failures=[slow])
    with connect(running).stream("GET", "/api/app/me") as response:
        stopping = Thread(target=running.stop)
        stopping.start()
        assert json.loads(response.read())["status"] == "ok"
    stopping.join()


def test_the_sandbox_logs_nothing_by_default(capfd: pytest.CaptureFixture[str]) -> None:
    with RunningSandbox(with_sample=False) as running:
        httpx.get(f"{running.origin}/nothing")
    assert capfd.readouterr() == ("", "")


def test_the_access_log_has_a_line_per_request_without_its_query(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with RunningSandbox(with_sample=False, access_log=True) as running:
        httpx.get(f"{running.origin}/eu/flags%1b?token=private")
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"GET /eu/flags%1[bB] 404 \d+ ms\n", err)


def test_a_client_that_hangs_up_is_not_an_error(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    credentials = f"{identity.SERVICE_ACCOUNT}:{identity.SECRET}"
    export = (
        f"GET /api/2.0/export?project_id={identity.PROJECT_ID}"
        "&from_date=2026-02-05&to_date=2026-03-18 HTTP/1.1\r\n"
        f"Host: sandbox\r\nAuthorization: Basic {credentials}\r\n\r\n"
    )
    incomplete = "POST /import HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 9\r\n\r\n["
    with RunningSandbox(clock=lambda: NOW) as running:
        for request, expected in ((export, b"HTTP/1.1 200"), (incomplete, b"")):
            with socket.create_connection(("127.0.0.1", running.port)) as caller:
                caller.sendall(request.encode())
                assert caller.recv(len(expected)) == expected
        # The server handles callers in order, so those above are done.
        assert httpx.get(f"{running.origin}/nothing").status_code == 404
    assert caplog.messages == []
    assert capfd.readouterr() == ("", "")


def test_missing_packages_are_named() -> None:
    code = (
        "import sys\n"
        "sys.modules['uvicorn'] = None\n"
        "from mixtui.model.errors import SandboxError\n"
        "from mixtui.sandbox.server import RunningSandbox\n"
        "try: RunningSandbox().start()\n"
        "except SandboxError as error: print(error)\n"
    )
    completed = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.stderr, completed.stdout) == (
        "",
        "The sandbox needs the package uvicorn: install mixtui[sandbox].\n",
    )


def test_a_port_in_use_is_reported(sandbox: RunningSandbox) -> None:
    with pytest.raises(SandboxError) as caught:
        RunningSandbox(port=sandbox.port).start()
    assert str(caught.value) == (
        f"The sandbox cannot listen on port {sandbox.port} (Address already in use): "
        "choose another with --port, or 0 for any free one."
    )


@pytest.mark.parametrize("port", [-1, 70_000])
def test_an_impossible_port_is_reported(port: int) -> None:
    with pytest.raises(SandboxError, match=f"port {port} \\(port out of range\\)"):
        RunningSandbox(port=port).start()


def test_a_chosen_port_is_used() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with RunningSandbox(port=port, with_sample=False) as running:
        assert running.port == port


def test_data_in_a_folder_survives_a_restart(
    new_sandbox: NewSandbox, connect: Connect, tmp_path: Path
) -> None:
    options = {"data_dir": tmp_path / "made" / "here", "clock": lambda: NOW}
    first = new_sandbox(**options)
    connect(first).post("/import", json=[event()])
    first.stop()
    restarted = connect(new_sandbox(**options))
    assert count_events(restarted) == 1


def test_without_a_folder_nothing_is_stored(
    new_sandbox: NewSandbox, connect: Connect
) -> None:
    first = new_sandbox(clock=lambda: NOW, with_sample=False)
    connect(first).post("/import", json=[event()])
    first.stop()
    restarted = connect(new_sandbox(clock=lambda: NOW, with_sample=False))
    assert export_events(restarted) == []


def test_a_restart_does_not_change_the_sample(
    new_sandbox: NewSandbox, connect: Connect, tmp_path: Path
) -> None:
    later = NOW + timedelta(days=3)
    first = new_sandbox(data_dir=tmp_path, clock=lambda: NOW)
    first.stop()
    resumed = connect(new_sandbox(data_dir=tmp_path, clock=lambda: later))
    fresh = connect(new_sandbox(clock=lambda: later))
    parameters = {"from_date": "2026-03-16", "to_date": "2026-03-21"}
    exports = [
        sorted(client.get("/api/2.0/export", params=parameters).text.split("\n"))
        for client in (resumed, fresh)
    ]
    assert len(exports[0]) > 500
    assert exports[0] == exports[1]


def test_managed_resources_and_deletions_survive_a_restart(
    new_sandbox: NewSandbox, connect: Connect, tmp_path: Path
) -> None:
    options = {"data_dir": tmp_path, "clock": lambda: NOW}
    first = new_sandbox(**options)
    client = connect(first)
    experiments = f"/api/app/workspaces/{identity.WORKSPACE_ID}/experiments"
    ok(client.put(f"{experiments}/{identity.DRAFT_ID}/launch"))
    ok(client.delete(f"{experiments}/{identity.ACTIVE_ID}"))
    first.stop()
    rows = ok(connect(new_sandbox(**options)).get(experiments))["results"]
    assert {row["id"]: row["status"] for row in rows} == {
        identity.DRAFT_ID: "active",
        identity.CONCLUDED_ID: "concluded",
    }


def test_the_folder_of_an_older_version_gets_the_experiments(
    new_sandbox: NewSandbox, connect: Connect, tmp_path: Path
) -> None:
    options = {"data_dir": tmp_path, "clock": lambda: NOW}
    new_sandbox(**options).stop()
    connection = sqlite3.connect(tmp_path / "sandbox.db")
    connection.execute("delete from facts where name = 'sample_management'")
    connection.execute("delete from documents where kind = 'experiment'")
    connection.execute(
        """update documents set body = '{"key": "old"}' where kind = 'flag'"""
    )
    connection.commit()
    connection.close()
    client = connect(new_sandbox(**options))
    (flag,) = ok(client.get("/flags/definitions"))["flags"]
    assert flag["experiment_id"] == identity.ACTIVE_ID


@pytest.mark.parametrize("kind", ["text", "newer", "hollow", "file"])
def test_a_folder_that_cannot_be_used_is_reported(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "data"
    if kind == "file":
        folder.write_text("not a folder")
    else:
        folder.mkdir()
        database = folder / "sandbox.db"
        if kind == "text":
            database.write_text("not a database, but long enough to look at" * 10)
        else:
            connection = sqlite3.connect(database)
            version = 99 if kind == "newer" else 1
            connection.execute(f"pragma user_version = {version}")
            connection.close()
    with pytest.raises(SandboxError) as caught:
        RunningSandbox(folder).start()
    assert str(caught.value).startswith(
        f"The sandbox cannot store its data in {folder}"
    )
    assert "choose another folder" in str(caught.value)


@pytest.mark.parametrize(
    "signal_number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl+c", "term"]
)
def test_serving_in_the_foreground_ends_with_a_signal(
    signal_number: signal.Signals,
) -> None:
    code = (
        "from mixtui.sandbox.server import serve\n"
        "serve(0, on_start=lambda origin: print(origin, flush=True))\n"
        "print('ended')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        preexec_fn=restore_interrupts,
    ) as process:
        assert process.stdout is not None
        origin = process.stdout.readline().strip()
        assert httpx.get(f"{origin}/nothing").status_code == 404
        process.send_signal(signal_number)
        out, err = process.communicate(timeout=PATIENCE)
    assert re.fullmatch(r"GET /nothing 404 \d+ ms\n", err)
    if signal_number is signal.SIGINT:
        assert (process.returncode, out) == (0, "ended\n")
    else:
        assert process.returncode == -signal.SIGTERM
