"""`manage.py rehearsal`: the practice CRMs on this machine, with pages to edit their records and to break their answers."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from integrations.rehearsal.certificates import certificate_files
from integrations.rehearsal.others import Listening, open_others
from integrations.rehearsal.pages import RehearsalPages
from integrations.rehearsal.practice_org import Contents, open_org
from integrations.rehearsal.recording import NotARecording
from integrations.rehearsal.server import Mount, PortRefused, RehearsalServer
from integrations.salesforce.simulator import SalesforceSimulator


class Command(BaseCommand):
    help = "Serves the practice CRMs on this machine."
    # No console database is needed, so nothing about it is checked.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8091, help="Practice Salesforce over http")
        parser.add_argument("--https-port", type=int, default=8491, help="The same over https; 0 leaves it out")
        parser.add_argument("--index-port", type=int, default=8090, help="The pages about the practice CRMs")
        parser.add_argument(
            "--others-from", type=int, default=8092,
            help="Practice HubSpot, Pipedrive, Zoho CRM, Sellsy, Stripe, Intercom and a HubSpot to move to, a port each from this one on; 0 leaves them out",
        )  # fmt: skip
        parser.add_argument("--reset", action="store_true", help="Forget every change and fill the org anew")
        parser.add_argument("--load", type=Path, metavar="FOLDER", help="Fill the org from recorded answers")
        parser.add_argument("--accounts", type=int, help="Fill the org with so many plain accounts")
        parser.add_argument("--contacts-per", type=int, default=3, help="Contacts of each plain account")
        parser.add_argument("--state", type=Path, help="The file that keeps the org")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.VAR_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        contents = Contents(options["accounts"], options["contacts_per"], options["load"])
        app = self.org(options["state"] or folder / "practice-salesforce.sqlite3", contents, reset=options["reset"])
        others = self.others(folder, options)
        org = Listening("salesforce", "Salesforce", app, options["port"], options["https_port"] or None)
        systems = [org, *others]
        for one in systems:
            one.app.place.pages = f"http://127.0.0.1:{options['index_port']}/{one.name}"
        server = RehearsalServer(
            [
                Mount("index", RehearsalPages(systems), options["index_port"]),
                *(Mount(one.name, one.app, one.port, one.https_port) for one in systems),
            ],
            folder,
        )
        try:
            server.start()
        except PortRefused as refused:
            says = _(
                "Port %(port)s cannot be opened; it may be in use. Choose others: --port, --https-port, --index-port, --others-from."
            )
            raise CommandError(says % {"port": refused.port}) from None
        self.say(app, options, folder, others)
        self.wait()
        server.stop()
        for one in systems:
            one.app.book.close()

    def org(self, path: Path, contents: Contents, *, reset: bool) -> SalesforceSimulator:
        is_kept = path.exists() and not reset
        try:
            app = open_org(path, contents, reset=reset)
        except NotARecording as refused:
            raise CommandError(str(refused)) from None
        if is_kept and (contents.recording or contents.accounts is not None):
            self.stderr.write(
                _("The practice Salesforce keeps its records: %(file)s. --reset fills it anew.") % {"file": path}
            )
        return app

    def others(self, folder: Path, options: dict[str, Any]) -> list[Listening]:
        first, rows, per = options["others_from"], options["accounts"], options["contacts_per"]
        https = bool(options["https_port"])
        return open_others(folder, first, rows=rows, per=per, reset=options["reset"], https=https) if first else []

    def say(self, app: Any, options: dict[str, Any], folder: Path, others: list[Listening]) -> None:
        who = app.org.credentials
        lines = [
            _("Pages:                http://127.0.0.1:%(port)s/") % {"port": options["index_port"]},
            _("Practice Salesforce:  http://127.0.0.1:%(port)s") % {"port": options["port"]},
        ]
        if options["https_port"]:
            authority = certificate_files(folder)[0]
            lines.append(
                _("over https:           https://localhost:%(port)s, authority in %(file)s")
                % {"port": options["https_port"], "file": authority}
            )
        lines += [
            _("Client id, secret:    %(id)s, %(secret)s") % {"id": who.client_id, "secret": who.client_secret},
            _("User, password:       %(user)s, %(password)s, security token %(token)s")
            % {"user": who.username, "password": who.password, "token": who.security_token},
            *(f"{_('Practice')} {one.label + ':':<13} http://127.0.0.1:{one.port}" for one in others),
            _("Nothing here is real, and nothing leaves this machine. Ctrl-C ends it; the records are kept."),
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def wait(self) -> None:
        ended = threading.Event()

        def end(_number: int, _frame: FrameType | None) -> None:
            ended.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        while not ended.wait(3600):
            pass
