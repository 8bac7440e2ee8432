"""The whole product on practice CRMs: console, worker and rehearsal under one roof, ended together by Ctrl-C."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Role
from integrations.rehearsal.demo_environment import COMMANDS, DEFAULT_PORT, keep_commands, practice_ports

PEOPLE = (
    ("ines.moreau@aldervale.example", "Inès Moreau", Role.ADMIN),
    ("lena.brandt@aldervale.example", "Lena Brandt", Role.CSM),
    ("yuki.sato@aldervale.example", "Yuki Sato", Role.SUPPORT),
)
START_SECONDS = 60
LAST_PORT = 65535


class Command(BaseCommand):
    help = "Runs the console, a worker and the practice CRMs; prints the address and three sign-ins. Ctrl-C ends all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--port", type=int, default=DEFAULT_PORT, help="the console's; the practice CRMs count from it"
        )
        parser.add_argument("--reset", action="store_true", help="start with an empty console and the world as it was")
        parser.add_argument("--json", action="store_true", help="print addresses and sign-ins as one line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        ports = {"console": options["port"], **practice_ports(options["port"])}
        _require_free(ports)
        keep_commands(options["port"], Path(settings.VAR_DIR).resolve())
        if options["reset"]:
            _forget()
        call_command("migrate", verbosity=0)
        sign_ins = [_person(*person) for person in PEOPLE]
        children = _start(ports, reset=options["reset"])
        try:
            _wait_for(ports, children)
            self._welcome(ports, sign_ins, as_json=options["json"])
            _until_one_ends(children)
        finally:
            _end(children)

    def _welcome(self, ports: dict[str, int], sign_ins: list[dict[str, str]], *, as_json: bool) -> None:
        address, practice = f"http://127.0.0.1:{ports['console']}", f"http://127.0.0.1:{ports['index']}"
        if as_json:
            self.stdout.write(json.dumps({"console": address, "practice": practice, "people": sign_ins}))
            self.stdout.flush()
            return
        rows = [f"  {row['role']:<8} {row['email']:<32} {row['password']}" for row in sign_ins]
        lines = [
            "",
            _("Skalin Sync is running on practice CRMs."),
            "",
            f"  {_('Console'):<16} {address}",
            f"  {_('Practice CRMs'):<16} {practice}",
            "",
            _("Sign in as:"),
            *rows,
            "",
            _("Commands, in another shell:"),
            f"  set -a; . {Path(settings.VAR_DIR) / COMMANDS}; set +a; {sys.executable} manage.py connection list",
            "",
            _(
                "First steps: sign in as Admin, add a connection, choose the practice Salesforce. Ctrl-C ends everything."
            ),
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def _person(email: str, name: str, role: Role) -> dict[str, str]:
    """A password of its own for every demo folder, kept beside the database so that the next start can print it."""
    kept = Path(settings.VAR_DIR) / f"{email.partition('@')[0]}.txt"
    user, _created = User.objects.get_or_create(email=email, defaults={"name": name, "role": role})
    if not kept.exists() or not user.has_usable_password():
        kept.touch(mode=0o600)
        kept.write_text(f"{secrets.token_hex(3)}-{secrets.token_hex(3)}")
    password = kept.read_text().strip()
    if not user.check_password(password):
        user.set_password(password)
        user.save()
    return {"role": str(role.label), "email": email, "password": password}


def _forget() -> None:
    for found in Path(settings.VAR_DIR).glob("console.sqlite3*"):
        found.unlink()


def _require_free(ports: dict[str, int]) -> None:
    last = LAST_PORT - (max(ports.values()) - ports["console"])
    if not 0 < ports["console"] <= last:
        raise CommandError(
            _("--port must be between 1 and %(last)s: the practice CRMs count from it.") % {"last": last}
        )
    for port in ports.values():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise CommandError(
                    _("Port %(port)s is in use. Choose another with --port, e.g. --port 8300.") % {"port": port}
                ) from error


def _start(ports: dict[str, int], *, reset: bool) -> dict[str, subprocess.Popen[bytes]]:
    manage = [sys.executable, "manage.py"]
    practice = [
        "--port",
        ports["salesforce"],
        "--https-port",
        ports["salesforce_https"],
        "--index-port",
        ports["index"],
        "--others-from",
        ports["salesforce"] + 1,
    ]
    commands: dict[str, list[str]] = {
        "rehearsal": [*manage, "rehearsal", *map(str, practice), *(["--reset"] if reset else [])],
        "worker": [*manage, "worker"],
        "console": [
            sys.executable,
            "-m",
            "cheroot",
            "--bind",
            f"127.0.0.1:{ports['console']}",
            "skalin_sync.wsgi:application",
        ],
    }
    # Sessions of their own: Ctrl-C reaches this process alone, which then ends them in order.
    return {
        name: subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)
        for name, command in commands.items()
    }


def _wait_for(ports: dict[str, int], children: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    for port in (ports["index"], ports["console"]):
        while not _answers(port):
            _complain_of_the_dead(children)
            if time.monotonic() > deadline:
                raise CommandError(_("Nothing answers on port %(port)s after a minute.") % {"port": port})
            time.sleep(0.2)


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except URLError as error:
        return hasattr(error, "code")
    except OSError:
        return False


def _complain_of_the_dead(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for name, child in children.items():
        if child.poll() is not None:
            raise CommandError(
                _("The %(name)s ended by itself (code %(code)s).") % {"name": name, "code": child.returncode}
            )


def _until_one_ends(children: dict[str, subprocess.Popen[bytes]]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            _complain_of_the_dead(children)
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass


def _end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGTERM)
    for child in children.values():
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
