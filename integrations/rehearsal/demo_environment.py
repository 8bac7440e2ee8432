"""The environment of `manage.py demo`: keys of its own, a folder of its own, and the practice CRMs as allowed hosts.

Nothing here is read by a real deployment.
"""

import os
import secrets
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DEFAULT_PORT = 8000
KEYS = ("SECRET_KEY", "CREDENTIAL_KEY")
CLIENTS = {"zoho": "1000.PRACTICECONSOLE"}
"""Where the vendor's client ids have a form of their own."""
KEYED = {"stripe": "rk_test_practice_only_not_a_real_key_0001"}
"""Who is let in by a key of the account, and not through an app."""
SECOND = ("hubspot_move",)
"""Another account of a system that is there already: people sign in to it through the same app."""
OTHERS = ("hubspot", "pipedrive", "zoho", "sellsy", "stripe", "intercom", *SECOND)
"""In the order of `rehearsal.others`, which cannot be asked before the settings are read."""
OWN_DOMAIN = "aldervale.example"
"""Of the practice world's own company: it recognises no customer, and a contact with it is a colleague."""
COMMANDS = "demo.env"
"""What a shell needs to run further commands on the demo: `set -a; . var/demo/demo.env; set +a`."""


def console_port(argv: list[str]) -> int:
    for word, following in zip(argv, [*argv[1:], ""], strict=True):
        said = following if word == "--port" else word.partition("=")[2] if word.startswith("--port=") else ""
        if said.isdigit():
            return int(said)
    # What is no number is refused in words as soon as the command reads its options.
    return DEFAULT_PORT


def practice_ports(console: int) -> dict[str, int]:
    """Salesforce first; the others count from the port behind it."""
    first = console + 91
    others = {name: first + place for place, name in enumerate(OTHERS, 1)}
    secure = {f"{name}_https": port + 400 for name, port in {"salesforce": first, **others}.items()}
    return {"index": console + 90, "salesforce": first, **others, **secure}


def prepare(argv: list[str]) -> None:
    folder = Path(os.environ.setdefault("VAR_DIR", str(ROOT / "var" / "demo"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    for name in KEYS:
        os.environ.pop(name, None)
        _keep_key(folder / f"{name.lower()}.txt")
    os.environ.pop("Q_REDIS_URL", None)
    told = settings_of(console_port(argv), folder)
    os.environ.update(told)
    os.environ.setdefault("ORGANISATION", "Aldervale Software")
    os.environ.setdefault("LOG_LEVEL", "WARNING")


def keep_commands(port: int, folder: Path) -> None:
    """Only once the ports are known to be free: a start that fails must not mislead the shells of the demo that runs."""
    lines = [f"{name}={shlex.quote(value)}" for name, value in settings_of(port, folder).items()]
    (folder / COMMANDS).write_text("\n".join(lines) + "\n")


def settings_of(port: int, folder: Path) -> dict[str, str]:
    practice = practice_ports(port)
    where = {name: f"http://127.0.0.1:{practice[name]}" for name in ("salesforce", *OTHERS)}
    hosts = (f"127.0.0.1:{number}" for name, number in practice.items() if name != "index")
    apps = [name for name in where if name not in {*KEYED, *SECOND}]
    return {
        "VAR_DIR": str(folder),
        **{f"{name}_FILE": str(folder / f"{name.lower()}.txt") for name in KEYS},
        "DATABASE_URL": f"sqlite:///{folder / 'console.sqlite3'}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CRM_EXTRA_HOSTS": ",".join(hosts),
        "CRM_SIGN_IN_ORIGINS": ",".join(where.values()),
        "REHEARSAL_URL": f"http://127.0.0.1:{practice['index']}",
        **{f"REHEARSAL_{name.upper()}_URL": address for name, address in where.items()},
        **{f"{name.upper()}_CLIENT_ID": CLIENTS.get(name, "practice-console") for name in apps},
        **{f"{name.upper()}_CLIENT_SECRET": "practice-secret-not-a-real-one" for name in apps},
        **{f"REHEARSAL_{name.upper()}_KEY": key for name, key in KEYED.items()},
        "OWN_DOMAINS": OWN_DOMAIN,
        "DEBUG": "0",
    }


def _keep_key(path: Path) -> None:
    """Made once, so that a second start still reads what the first one encrypted."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
