"""The identity workbench: what its pages count, whom they show beside whom, and that they cost the same for any number of rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Customer, CustomField
from integrations.sync import runs
from integrations.sync.identity import matches, shared
from integrations.sync.identity.other_side import other_side
from integrations.sync.identity.quality import keys_of
from integrations.sync.identity.rekey import choosing, working
from integrations.sync.models import Block, Connection, PlannedChange, ReKey, Run
from integrations.sync.own_keys import key_field
from integrations.sync.runner.drive import drive
from tests.factories import UserFactory

from .fakes import WORLDS, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R130")]


@pytest.fixture
def admin(admin_user: User) -> Client:
    client = Client()
    client.force_login(admin_user)
    client.get("/people/me/")
    return client


@pytest.fixture
def old() -> Iterator[Connection]:
    yield connect("Old", order=1)
    WORLDS.clear()


@pytest.fixture
def new(old: Connection) -> Connection:
    new = connect("New", order=2, turn_on=False)
    Block.objects.filter(connection=new, object="customers").update(merge_keys=["ref_id", "domain", "name"])
    return new


def sync(connection: Connection, kind: str = Run.Kind.DELTA) -> Run:
    connection.refresh_from_db()
    return drive(runs.request_run(connection, kind, by="test"), 20)


def made(*rows: dict[str, Any], entity: str = "customers") -> list[int]:
    return [one for one in door().create(entity, rows, by="Inès") if isinstance(one, int)]


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def exported(client: Client, address: str) -> list[str]:
    answer: Any = client.get(address)
    return b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()


# --- Keys before use


def test_keys_are_measured_with_a_verdict() -> None:
    field = key_field("customers", "ERP")
    rows = [{"name": f"Firm {n}", "domain": f"firm{n}.example"} for n in range(18)]
    made(*rows, {"name": "Twin", "domain": "gmail.com"}, {"name": "TWIN "})
    assert CustomField.objects.get(pk=field.pk).is_key

    found = {key.field.name: key for key in keys_of("customers")}

    assert set(found) == {"ref_id", "name", "domain", f"custom.{field.key}"}
    name, domain = found["name"], found["domain"]
    assert (name.coverage_percent, name.shared.values, name.shared.rows, str(name.word)) == (100.0, 1, 2, "Weak")
    assert (domain.coverage_percent, domain.shared.values, domain.unusable, str(domain.word)) == (90.0, 0, 1, "Usable")
    assert [str(one) for one in found["ref_id"].says] == ["No row has a value."]


@pytest.mark.parametrize(
    ("domain", "kind"), [("gmail.com", "generic"), ("www.aldervale.example", "own"), ("no domain", "not-one")]
)
def test_what_recognises_nobody_is_told_by_its_kind(settings: Any, domain: str, kind: str) -> None:
    settings.OWN_DOMAINS = ["aldervale.example"]
    assert shared.kind_of(domain) == kind


def test_rows_behind_a_value_that_recognises_nobody_are_a_click_away(admin: Client) -> None:
    made({"name": "One", "domain": "gmail.com"}, {"name": "Two", "domain": "two.example"})
    page = text(admin.get("/identity/keys/customers/domain/?show=unusable"))
    assert 'href="/customers/?q=gmail.com"' in page
    assert [row.name for row in admin.get("/customers/?q=gmail.com").context["page"]] == ["One"]


def test_shared_values_stand_with_their_rows_side_by_side_and_lead_to_merging(admin: Client) -> None:
    key = key_field("customers", "ERP")
    ids = made({"name": "Twin", "domain": "a.example"}, {"name": "twin", "domain": "b.example"}, {"name": "Other"})
    door().edit("customers", {pk: {f"custom.{key.key}": "7"} for pk in ids[:2]}, by="x")

    for name in ("name", f"custom.{key.key}"):
        page = text(admin.get(f"/identity/keys/customers/{name}/"))
        assert f"/merge/customers/?row={ids[0]}&amp;row={ids[1]}" in page
        assert "b.example" in page
        assert "Other" not in page
    assert "No shared value matches" in text(admin.get("/identity/keys/customers/name/?q=zzz"))
    assert admin.get("/identity/keys/customers/stage/").status_code == 404
    assert admin.get("/identity/keys/agreements/name/").status_code == 404


def test_list_of_shared_values_is_exported_without_formulas(admin: Client) -> None:
    made({"name": "=cmd"}, {"name": "=CMD"})
    lines = exported(admin, "/identity/keys/customers/name/?csv=1")

    assert len(lines) == 3
    assert all(line.startswith("'=cmd,") for line in lines[1:])


def test_title_of_a_list_is_no_formula_either(admin: Client) -> None:
    key = key_field("customers", "=cmd")
    assert exported(admin, f"/identity/keys/customers/custom.{key.key}/?csv=1")[0].startswith("'=cmd,")


def test_large_group_shows_some_rows_and_how_many_more(admin: Client) -> None:
    made(*({"name": "Same"} for _n in range(shared.SHOWN + 3)))
    page = text(admin.get("/identity/keys/customers/name/"))
    assert page.count("Merge with the first") == shared.SHOWN - 1
    assert "and 3 more rows" in page


# --- The other side


def test_other_side_is_unknown_until_something_was_read_and_then_counted(new: Connection, admin: Client) -> None:
    block = Block.objects.get(connection=new, object="customers")
    assert not other_side(block).is_known
    assert "Nothing has been read yet" in text(admin.get("/identity/there/new/customers/"))
    crm = WORLDS[new.pk]
    for n, site in (("1", "a.example"), ("2", None), ("3", "c.example")):
        crm.company(n, f"Company {n}", Website=site)

    preview = sync(new, Run.Kind.PREVIEW)
    planned = {one.crm_field: (one.records, one.filled, one.distinct) for one in other_side(block).planned}
    assert planned == {"Id": (3, 3, 3), "Name": (3, 3, 3), "Website": (3, 2, 2)}

    runs.apply_preview(preview, "x")
    drive(Run.objects.latest("pk"), 20)
    linked = {one.crm_field: (one.records, one.filled) for one in other_side(block).linked}
    assert linked == {"Id": (3, 3), "Name": (3, 3), "Website": (3, 2)}
    assert "Website" in text(admin.get("/identity/there/new/customers/"))


# --- Who meets whom


@pytest.fixture
def preview(new: Connection) -> Run:
    made(
        {"name": "Alder", "domain": "alder.example"}, {"name": "Other Alder"}, {"name": "Birch", "domain": "birch.example"},
        {"name": "Birch too", "domain": "birch.example"}, {"name": "Fir Robotics GmbH"},
    )  # fmt: skip
    crm = WORLDS[new.pk]
    crm.company("1", "Other Alder", Website="alder.example")
    crm.company("2", "Somebody", Website="birch.example")
    crm.company("3", "Fir Robotic")
    crm.company("4", "Nobody")
    return sync(new, Run.Kind.PREVIEW)


def test_records_of_a_preview_stand_beside_the_rows_that_could_be_theirs(preview: Run, admin: Client) -> None:
    page = f"/identity/who-is-who/{preview.pk}/customers/"
    rows = {row["one"].planned.source_id: row["one"] for row in admin.get(page).context["rows"]}

    assert {pk: [(c.name, str(c.how), c.is_chosen) for c in one.candidates] for pk, one in rows.items()} == {
        "1": [("Alder", "Domain", True), ("Other Alder", "Name", False)],
        "2": [("Birch", "Domain", False), ("Birch too", "Domain", False)],
        "3": [("Fir Robotics GmbH", "a name that is alike", False)],
        "4": [],
    }
    assert (rows["1"].key, rows["1"].value) == ("Domain", "alder.example")
    for tab, expected in (("several", ["1"]), ("collision", ["2"]), ("new", ["3", "4"]), ("linked", ["1"])):
        found = admin.get(f"{page}?show={tab}").context["rows"]
        assert [row["one"].planned.source_id for row in found] == expected
    assert len(admin.get(f"{page}?key=Domain").context["rows"]) == 2
    assert len(admin.get(f"{page}?q=nobod").context["rows"]) == 1
    assert f"/identity/who-is-who/{preview.pk}/customers/" in text(admin.get("/identity/who-is-who/"))


def test_who_meets_whom_is_exported(preview: Run, admin: Client) -> None:
    lines = exported(admin, f"/identity/who-is-who/{preview.pk}/customers/?csv=1&show=linked")
    assert [line.split(",")[0] for line in lines] == ["CRM ID", "1", "1"]
    assert "Other Alder" in lines[2]


# --- Re-keys


def test_admin_prepares_confirms_and_takes_back_and_others_only_read(old: Connection, admin: Client) -> None:
    ids = made({"name": "Alder", "ref_id": "1"}, {"name": "Birch", "ref_id": "2"})
    asked = {"object": "customers", "source": "file", "file": SimpleUploadedFile("ids.csv", b"1;N1\n9;N9\n")}

    answer: Any = admin.post("/identity/re-keys/", asked)
    job = ReKey.objects.get()
    working.work(job.pk)

    page = text(admin.get(answer.url))
    assert "Gives another ID to 1 customer." in page
    assert "no row here has this old ID" in text(admin.get(f"{answer.url}?show=refused"))
    assert "Say why" in admin.post(f"{answer.url}confirm/", {"why": " "}).content.decode()
    reader = Client()
    reader.force_login(UserFactory.create(role=Role.SUPPORT))
    assert "Say that you mean it" not in text(reader.get(answer.url))
    assert reader.post(f"{answer.url}confirm/", {"why": "x"}).status_code == 403
    admin.post(f"{answer.url}confirm/", {"why": "Moved"})
    working.work(job.pk)
    assert list(Customer.objects.filter(pk__in=ids).order_by("pk").values_list("ref_id", flat=True)) == ["N1", "2"]
    assert "Take it back" in text(admin.get(answer.url))
    lines = exported(admin, f"{answer.url}?csv=1")
    assert lines[1].split(",")[1:5] == ["Alder", "1", "", "N1"]
    admin.post(f"{answer.url}take-back/")
    assert 'hx-trigger="every 2s"' in text(admin.get(f"{answer.url}live/"))
    working.work(job.pk)
    assert admin.get(f"{answer.url}live/", HTTP_HX_REQUEST="true")["HX-Refresh"] == "true"
    assert list(Customer.objects.filter(pk__in=ids).order_by("pk").values_list("ref_id", flat=True)) == ["1", "2"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"source": "links"}, "Choose the connection"), ({"source": "links", "connection": "old"}, "has linked no record"),
        ({"source": "field"}, "Choose a field of your own"), ({"source": "file"}, "Choose a file"),
        ({"source": "file", "file": b"\xff"}, "UTF-8"),
    ],
)  # fmt: skip
def test_form_says_what_is_missing(old: Connection, admin: Client, asked: dict[str, Any], told: str) -> None:
    sent = {name: SimpleUploadedFile("x.csv", one) if name == "file" else one for name, one in asked.items()}
    answer = admin.post("/identity/re-keys/", {"object": "customers", **sent})
    assert (answer.status_code, told in answer.content.decode()) == (422, True)
    assert not ReKey.objects.exists()


def test_another_page_may_lead_to_the_form_with_its_answers(old: Connection, admin: Client) -> None:
    page = text(admin.get("/identity/re-keys/?object=contacts&source=links&connection=old"))
    assert '<option value="contacts" selected>' in page
    assert '<option value="old" selected>' in page


# --- What a page costs


@pytest.mark.parametrize(
    ("page", "statements"),
    [
        ("/identity/", 31), ("/identity/keys/customers/name/", 27), ("/identity/keys/customers/domain/?show=unusable", 24),
        ("/identity/there/old/customers/", 20), ("/identity/who-is-who/", 14),
        ("/identity/who-is-who/{preview}/customers/", 24), ("/identity/re-keys/", 22), ("/identity/re-keys/{job}/", 22),
        ("/identity/re-keys/{job}/live/", 3),
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_any_number_of_rows(
    old: Connection, admin: Client, admin_user: User, page: str, statements: int, number: int
) -> None:
    crm = WORLDS[old.pk]
    crm.company("0", "Linked 0")
    sync(old)
    for n in range(number):
        made({"name": f"Twin {n}"}, {"name": f"Twin {n}", "domain": ["gmail.com", "yahoo.com", "gmx.de"][n]})
        crm.company(f"n{n}", f"Twim {n}", Website=f"new{n}.example")
    preview = sync(old, Run.Kind.PREVIEW)
    for _n in range(number):
        job = choosing.prepare("customers", "links", admin_user, connection=old)
        working.work(job.pk)

    with CaptureQueriesContext(database) as queries:
        assert admin.get(page.format(preview=preview.pk, job=job.pk)).status_code == 200

    assert len(queries) == statements


def test_whom_a_record_resembles_does_not_hang_on_its_neighbours_in_the_list() -> None:
    ids = made({"name": "Aldervale Ltd"}, {"name": "Oldervale"})
    one, neighbour = PlannedChange(pk=1, name="Aldervale"), PlannedChange(pk=2, name="Oldervale Foods of the North")

    alone, together = matches._near("customers", [one]), matches._near("customers", [one, neighbour])

    assert list(alone[1]) == list(together[1]) == [ids[0]]
