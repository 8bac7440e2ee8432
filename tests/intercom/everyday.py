"""A small workspace, the hub's rows beside it, and the blocks as a connection proposes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.hub.models import Contact, Customer
from integrations.intercom.connector import IntercomConnector
from integrations.intercom.models import IntercomConnection
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.setup.saving import first_data
from integrations.sync import runs
from integrations.sync.configuration import snapshot, write
from integrations.sync.models import RecordLink, Run
from integrations.sync.runner.drive import drive

from . import hub
from .conftest import signed_in


@dataclass
class Everyday:
    """Two companies that the CRM knows, one that it does not, somebody at each."""

    crm: PracticeIntercom
    connection: IntercomConnection = field(init=False)
    passed: int = 0

    def __post_init__(self) -> None:
        self.alder = self.company("Alder", "001A")
        self.birch = self.company("Birch", "001B")
        self.cedar = self.company("Cedar", "web-7")
        self.ada = self.person("Ada Ashdown", self.alder, external_id="003A", email="ada@alder.example")
        self.bo = self.person("Bo Bright", self.birch, email="bo@birch.example")
        self.cy = self.person("Cy Cole", self.cedar, email="cy@cedar.example")
        self.here = {
            "Alder": hub.customer("001A", "Alder here"),
            "Birch": hub.customer("001B", "Birch here"),
        }
        self.people = {
            "Ada": hub.contact("003A", self.here["Alder"], "Ashdown", email="old@alder.example"),
            "Bo": hub.contact("003B", self.here["Birch"], "Bright", email="bo@birch.example"),
        }
        self.connection = signed_in(self.crm, state="on")
        data = first_data(self.connection, {name: self.connector.schema(name) for name in ("customers", "contacts")})
        write(self.connection, data)
        self.connection.refresh_from_db()

    # --- In Intercom
    def company(self, name: str, ref: str, **more: Any) -> str:
        return self.crm.create("company", name=name, company_id=ref, **more)

    def person(self, name: str, company: str | list[str], **more: Any) -> str:
        return self.crm.create("contact", name=name, company=company, **more)

    def conversation(
        self, *people: str, text: str = "<p>Hello</p>", type_: str | None = "conversation", **more: Any
    ) -> str:
        author = {"type": "user", "id": people[0], "name": "Ada", "email": "ada@alder.example"}
        return self.crm.create(
            "conversation", contacts=list(people), **{"source.type": type_, "source.body": text, "source.author": author},
            **more,
        )  # fmt: skip

    def attributes(self, kind: str, record_id: str) -> Mapping[str, Any]:
        with self.crm.workspace.book.transaction():
            record = self.crm.workspace.book.get(kind, record_id)
        assert record is not None
        found: Mapping[str, Any] = record.body.get("custom_attributes") or {}
        return found

    # --- Here
    @property
    def connector(self) -> IntercomConnector:
        return IntercomConnector(self.connection)

    def interactions(self, *names: str) -> None:
        data = snapshot(self.connection)
        made = first_data(self.connection, {name: self.connector.schema(name) for name in names})
        for name in names:
            data["blocks"][name] = {**made["blocks"][name], "settings": {"since_months": 0}}
        write(self.connection, data)

    def later(self, seconds: int = 1800) -> None:
        self.passed += seconds
        self.crm.control(clock_offset=self.passed)

    def sync(self, kind: str = Run.Kind.DELTA) -> Run:
        run = self.run(kind)
        assert run.state == Run.State.DONE, (run.state, run.reason_code, run.reason_params)
        return run

    def run(self, kind: str = Run.Kind.DELTA) -> Run:
        run = runs.request_run(self.connection, kind, by="Inès")
        for _attempt in range(6):
            drive(run, 60.0)
            run.refresh_from_db()
            if run.state not in {Run.State.WAITING, Run.State.QUEUED}:
                break
            self.later(61)
            Run.objects.filter(pk=run.pk).update(due_at=None)
            run.refresh_from_db()
        return run

    def links(self, object_name: str) -> dict[str, tuple[str, str]]:
        found = RecordLink.objects.filter(connection=self.connection, object=object_name)
        return {one.name: (one.state, one.reason_code) for one in found}

    def hub_of(self, object_name: str, source_id: str) -> int | None:
        return RecordLink.objects.get(object=object_name, source_id=source_id).hub_id

    def counts(self) -> tuple[int, int]:
        return Customer.objects.count(), Contact.objects.count()
