"""Real processes: the practice CRMs, a worker and commands, each with a database of its own."""

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPECS = Path(os.environ.get("SPECS_DIR", ROOT.parent / "shared" / "specs"))


class House:
    """The commands of one installation, in processes of their own."""

    def __init__(self, folder: Path, database: str, port: int) -> None:
        self.folder, self.port = folder, port
        self.salesforce = f"http://127.0.0.1:{port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))},
            "VAR_DIR": str(folder),
            "DATABASE_URL": database,
            "SECRET_KEY": "only-for-this-test-" + "k" * 40,
            "CREDENTIAL_KEY": "only-for-this-test-" + "c" * 40,
            "CRM_EXTRA_HOSTS": f"127.0.0.1:{port}",
            "SYNC_LEASE_SECONDS": "2",
            "SYNC_SWEEP_SECONDS": "2",
            "SYNC_CANARY_SECONDS": "2",
            "LOG_LEVEL": "WARNING",
            "SF_SECRET": "practice-secret-not-a-real-one",
        }
        self.children: list[subprocess.Popen[bytes]] = []

    def run(self, *words: str, code: int = 0) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def ask(self, code: str) -> str:
        """The last line that a few lines of Python print inside this installation."""
        return self.run("shell", "-v", "0", "-c", code).splitlines()[-1]

    def start(self, *words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        self.children.append(subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True))

    def rehearse(self, *words: str) -> None:
        ports = (
            "--port",
            str(self.port),
            "--https-port",
            str(self.port + 1),
            "--index-port",
            str(self.port + 2),
            "--others-from",
            "0",
        )
        self.start("rehearsal", *ports, *words)
        until(lambda: _answers(f"{self.salesforce}/services/data/"), "The practice Salesforce does not answer.")

    def work(self) -> None:
        self.start("worker")
        alive = "from integrations.sync.workers import health; print(health().is_alive)"
        until(lambda: "True" in self.ask(alive), "The worker gives no sign of life.", pause=1)

    def stop(self) -> None:
        for child in reversed(self.children):
            child.terminate()
        for child in self.children:
            child.wait(timeout=30)


def until(holds: object, complaint: str, *, pause: float = 0.2, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        if time.monotonic() > deadline:
            pytest.fail(complaint)
        time.sleep(pause)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):
            return True
    except (URLError, OSError):
        return False


def _free_port() -> int:
    while True:
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port < 65000:
            return port


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[str]:
    """Beside the one of the tests: processes cannot see inside a test's transaction."""
    address = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not address.scheme.startswith("postgres"):
        yield f"sqlite:///{tmp_path / 'console.sqlite3'}"
        return
    import psycopg

    name = f"house_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(urlunsplit(address), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield urlunsplit(address._replace(path=f"/{name}"))
    with psycopg.connect(urlunsplit(address), autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def house(tmp_path: Path, own_database: str) -> Iterator[House]:
    made = House(tmp_path, own_database, _free_port())
    made.run("migrate", "-v", "0")
    yield made
    made.stop()


@pytest.fixture
def recorded() -> Path:
    folder = SPECS / "salesforce" / "recorded"
    if not folder.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"The recorded answers are missing: {folder}. Set SPECS_DIR.")
        pytest.skip(f"The recorded answers are not here ({folder}); set SPECS_DIR.")
    return folder
