"""The rehearsal as a process of its own: `manage.py rehearsal`."""

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.conf import settings

from integrations.rehearsal.certificates import certificate_files

KEYS = {"SECRET_KEY": "x" * 50, "CREDENTIAL_KEY": "y" * 50}


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Rehearsal:
    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        self.index, self.http, self.https = _free_ports(3)
        command = [
            sys.executable, "manage.py", "rehearsal", "--accounts", "5", "--index-port", str(self.index), "--port", str(self.http),
            "--https-port", str(self.https), "--others-from", "0", *more,
        ]  # fmt: skip
        # No console database can be reached, and none is needed.
        environment = {
            **os.environ, "VAR_DIR": str(folder), "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", **KEYS,
        }  # fmt: skip
        self.process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )  # fmt: skip
        assert self.process.stdout
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=15)
        assert self.process.stdout
        self.process.stdout.close()
        return code


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    running = Rehearsal(tmp_path)
    yield running
    if running.process.poll() is None:
        running.stop()


def test_process_serves_http_https_and_pages_and_ends_when_told(rehearsal: Rehearsal) -> None:
    authority = str(rehearsal.folder / "rehearsal-ca.pem")

    plain = requests.get(f"http://127.0.0.1:{rehearsal.http}/services/data/", timeout=5)
    secure = requests.get(f"https://localhost:{rehearsal.https}/services/data/", verify=authority, timeout=5)
    pages = requests.get(f"http://127.0.0.1:{rehearsal.index}/salesforce/Account", timeout=5)

    record_id = re.search(r"/salesforce/Account/(\w{18})", pages.text)
    assert record_id
    opened = requests.get(f"http://127.0.0.1:{rehearsal.http}/lightning/r/Account/{record_id[1]}/view", timeout=5)

    assert opened.url == f"http://127.0.0.1:{rehearsal.index}/salesforce/Account/{record_id[1]}"
    assert opened.ok
    assert plain.json() == secure.json()
    assert "5 records in the practice Salesforce." in pages.text
    assert "practice-console" in rehearsal.said
    assert rehearsal.stop() == 0


def test_process_keeps_its_records_over_a_kill(tmp_path: Path) -> None:
    first = Rehearsal(tmp_path)
    made = {"object": "Account", "fields": {"Name": "Survivor"}}
    requests.post(f"http://127.0.0.1:{first.http}/_control/create", json=made, timeout=5)
    first.process.kill()
    first.process.wait(timeout=15)
    assert first.process.stdout
    first.process.stdout.close()

    second = Rehearsal(tmp_path)
    kept = requests.get(f"http://127.0.0.1:{second.index}/salesforce/Account?q=Survivor", timeout=5).text
    second.stop()

    assert re.search(r"1 record in the practice", kept)


def _refused(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "rehearsal", "--others-from", "0", "--https-port", "0", *words],
        cwd=settings.BASE_DIR, env={**os.environ, "VAR_DIR": str(folder), **KEYS}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    return done.stderr


def test_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = _refused(tmp_path, "--accounts", "1", "--port", str(port), "--index-port", str(_free_ports(1)[0]))

    assert said.startswith(f"CommandError: Port {port} cannot be opened")
    assert "--port" in said


def test_folder_without_a_recording_is_refused(tmp_path: Path) -> None:
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "users.json").write_text('{"records": []}')

    nothing, half = (_refused(tmp_path, "--load", str(tmp_path / name)) for name in ("nowhere", "half"))

    assert "nowhere holds no recorded answers: at least one of users.json" in nothing
    assert "users.json is no recorded answer" in half


def test_certificate_covers_the_vendors_hosts_and_is_kept(tmp_path: Path) -> None:
    authority, leaf, key = certificate_files(tmp_path)
    before = authority.read_bytes(), leaf.read_bytes()

    again = certificate_files(tmp_path)

    assert (again[0].read_bytes(), again[1].read_bytes()) == before
    assert key.stat().st_mode & 0o077 == 0
    context = ssl.create_default_context(cafile=str(authority))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(leaf, key)
    for name in ("localhost", "127.0.0.1", "login.salesforce.com", "aldervale.my.salesforce.com"):
        _shake_hands(context, server, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(context, server, "bank.example")


def _shake_hands(context: ssl.SSLContext, server: ssl.SSLContext, name: str) -> None:
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client_side = context.wrap_bio(to_client, to_server, server_hostname=name)
    server_side = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client_side, server_side):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
