"""The mapping editor: what it offers, what it refuses, what it warns of, and that nothing typed is lost."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.engine.mapping import Kind
from integrations.hub.models import CustomKey, HealthProfile, Stage
from integrations.sync.connector import Choice, CrmField
from integrations.sync.models import Block, Connection, FieldMapping, Run
from tests.configuration.factories import link, own_field
from tests.configuration.fakes import BrookConnector
from tests.hub.factories import CustomerFactory

Brook = type[BrookConnector]


@pytest.fixture
def admin(admin_user: User, client_as: Callable[..., Client]) -> Client:
    return client_as(admin_user)


def address(object_name: str = "customers") -> str:
    return reverse("sync:mapping", args=["brook", object_name])


def typed(block: Block, **changes: Any) -> dict[str, Any]:
    """What a browser would send of the page as it stands, with some inputs changed: `stage__crm="Phase"`."""
    data: dict[str, Any] = {"line-TOTAL_FORMS": 99, "line-INITIAL_FORMS": 99, "version": block.connection.version}
    for line in block.lines.all():
        data |= {
            f"line-{line.hub_field}-crm": line.crm_field,
            f"line-{line.hub_field}-direction": line.direction,
            f"line-{line.hub_field}-blanks": line.blanks,
            f"line-{line.hub_field}-constant": line.constant or "",
            f"line-{line.hub_field}-values-from": list(line.value_map),
            f"line-{line.hub_field}-values-to": list(line.value_map.values()),
        }
    data |= {f"rank-{name}": number for number, name in enumerate(block.merge_keys, 1)}
    named = {name: f"line-{name.replace('__', '-')}" if "__" in name else name for name in changes}
    return data | {named[name]: value for name, value in changes.items()}


def row(page: Any, hub_field: str) -> Any:
    return next(row for row in page.context["rows"] if row.form.hub_field.name == hub_field)


@pytest.mark.requirement("C1", "E9")
def test_who_wins_a_conflict_about_the_name_is_asked_and_kept(admin: Client, customers: Block) -> None:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")
    customers.lines.filter(hub_field="name").update(direction="both", on_conflict="ask")

    page = admin.get(address())
    answer = admin.post(address(), typed(customers))

    assert 'name="line-name-on_conflict"' in page.content.decode()
    assert answer.status_code == 302
    assert customers.lines.get(hub_field="name").on_conflict == "ask"


def lines(block: Block) -> dict[str, str]:
    return dict(block.lines.values_list("hub_field", "crm_field"))


@pytest.mark.requirement("R15", "R29")
def test_page_lists_every_hub_field_beside_the_crm_fields(admin: Client, customers: Block) -> None:
    page = admin.get(address())

    shown = [row.form.hub_field.name for row in page.context["rows"]]
    assert shown == ["ref_id", "name", "domain", "csm", "stage", "profile", "pulse"]
    assert page.context["tally"] == {"matching": 3, "partly": 0, "unmatched": 4, "suspended": 0}
    assert (row(page, "name").label, row(page, "name").type) == ("Company name", "text")
    assert row(page, "name").samples == ("sample of Name",)


def test_page_offers_only_ids_for_the_id_and_people_for_the_owner(admin: Client, customers: Block) -> None:
    page = admin.get(address())

    offers = page.context["page"].offers
    assert [field.path for field in offers["ids"]] == ["Id", "Number"]
    assert [field.path for field in offers["people"]] == ["Owner.Email"]
    assert (row(page, "ref_id").form.offered, row(page, "csm").form.offered) == ("ids", "people")


def test_save_makes_a_version_with_note_and_trail(admin: Client, customers: Block) -> None:
    answer = admin.post(
        address(),
        typed(
            customers, csm__crm="Owner.Email", domain__crm="", stage__crm="Phase", note="Owner and phase",
            **{"line-stage-values-from": ["Live", "Trial", "Lost"], "line-stage-values-to": ["run", "", "churn"]},
        ),
    )  # fmt: skip

    assert answer.status_code == 302
    assert lines(customers) == {"ref_id": "Id", "name": "Name", "csm": "Owner.Email", "stage": "Phase"}
    line = customers.lines.get(hub_field="stage")
    assert (line.value_map, line.crm_label, line.crm_type) == ({"Live": "run", "Lost": "churn"}, "Phase", "picklist")
    version = customers.connection.versions.get()
    assert (version.number, version.note, version.author_name) == (1, "Owner and phase", "Inès Moreau")
    assert AuditEntry.objects.latest("pk").label == "Brook"


def test_save_unchanged_makes_no_version(admin: Client, customers: Block) -> None:
    admin.post(address(), typed(customers))
    customers.connection.refresh_from_db()

    admin.post(address(), typed(customers))

    assert customers.connection.versions.count() == 1


def test_save_takes_a_label_for_the_field_it_names(admin: Client, customers: Block) -> None:
    admin.post(address(), typed(customers, csm__crm=" owner "))

    assert lines(customers)["csm"] == "Owner.Email"


@pytest.mark.requirement("R22", "R25")
@pytest.mark.parametrize(
    ("changes", "hub_field", "part", "said"),
    [
        ({"ref_id__crm": "Website"}, "ref_id", "crm", "Only a field that is an ID in the CRM can be the ID here."),
        ({"csm__crm": "Name"}, "csm", "crm", "Only a field that points to a user of the CRM"),
        ({"pulse__crm": "Name"}, "pulse", "crm", "Its type cannot become this one"),
        ({"name__crm": "Nonsense"}, "name", "crm", "Brook has no field “Nonsense”. Choose one from the list"),
        ({"name__constant": "x"}, "name", "constant", "one of the two"),
        ({"pulse__constant": "9"}, "pulse", "constant", "5"),
        ({"stage__constant": "moon"}, "stage", "constant", "moon"),
        ({"domain__direction": "both"}, "domain", "direction", "does not allow that direction"),
        ({"domain__direction": "sideways"}, "domain", "direction", "not one of the available choices"),
        ({"domain__blanks": "burn"}, "domain", "blanks", "not one of the available choices"),
        ({"domain__transform": "equals"}, "domain", "transform", "not one of the available choices"),
        ({"domain__transform": "lower", "domain__crm": "Website"}, "domain", "", ""),
        ({"rank-ref_id": "2"}, "", "rank-domain", "Place 2 is taken by Customer ID"),
        ({"rank-ref_id": "9"}, "", "rank-ref_id", "not one of the available choices"),
    ],
)  # fmt: skip
def test_save_refuses_and_says_the_cure(
    admin: Client, customers: Block, changes: dict[str, str], hub_field: str, part: str, said: str
) -> None:
    before = list(customers.lines.values())

    page = admin.post(address(), typed(customers, note="my note", **changes))

    if not part:
        assert page.status_code == 302
        return
    form = row(page, hub_field).form if hub_field else page.context["page"].keys
    assert page.status_code == 200
    assert said in " ".join(form.errors[part])
    assert list(customers.lines.values()) == before
    # What was typed is still there.
    for name, value in changes.items():
        html_name = f"line-{name.replace('__', '-')}" if "__" in name else name
        assert page.context["page"].formset.data[html_name] == value
    assert 'value="my note"' in page.content.decode()


def test_save_unknown_hub_value_is_refused(admin: Client, customers: Block) -> None:
    data = typed(customers, stage__crm="Phase")
    data |= {"line-stage-values-from": ["Live"], "line-stage-values-to": ["moon"]}

    page = admin.post(address(), data)

    assert "“moon” does not exist in the hub." in row(page, "stage").form.errors["values"]


def test_save_two_way_needs_a_map_that_can_be_turned_around(admin: Client, customers: Block) -> None:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")
    data = typed(customers, stage__crm="Phase", stage__direction="both")
    data |= {"line-stage-values-from": ["Live", "Trial"], "line-stage-values-to": ["run", "run"]}

    page = admin.post(address(), data)

    assert "Two-way needs one CRM value for each hub value" in row(page, "stage").form.errors["values"][0]


@pytest.mark.requirement("R230", "C13")
@pytest.mark.parametrize(("path", "is_refused"), [("Website", True), ("Name", False)])
def test_field_that_may_only_be_read_is_not_written(
    admin: Client, customers: Block, path: str, *, is_refused: bool
) -> None:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")

    page = admin.post(address(), typed(customers, domain__crm=path, domain__direction="both"))

    assert ("only read this field" in page.content.decode()) is is_refused


def test_save_without_any_name_is_refused(admin: Client, customers: Block) -> None:
    page = admin.post(address(), typed(customers, name__crm=""))

    assert "Nothing names the records" in page.content.decode()
    assert lines(customers)["name"] == "Name"


@pytest.mark.parametrize(
    "garbage",
    [
        {},
        {"line-TOTAL_FORMS": "x"},
        {"line-TOTAL_FORMS": "9", "line-INITIAL_FORMS": "9", "version": "0"},
        {"version": "x" * 5000, "line-TOTAL_FORMS": "99"},
    ],
)
def test_save_garbage_writes_nothing(admin: Client, customers: Block, garbage: dict[str, str]) -> None:
    page = admin.post(address(), garbage)

    assert page.status_code == 200
    assert len(lines(customers)) == 3


def test_save_over_a_newer_version_is_refused_and_keeps_what_was_typed(admin: Client, customers: Block) -> None:
    stale = typed(customers, csm__crm="Owner.Email")
    admin.post(address(), typed(customers, pulse__constant="3"))

    page = admin.post(address(), stale)

    assert page.status_code == 200
    assert "Inès Moreau saved version 1 since you opened this page" in page.content.decode()
    assert "csm" not in lines(customers)
    assert row(page, "csm").form["crm"].value() == "Owner.Email"
    assert 'name="version" value="1"' in page.content.decode()


def test_save_value_map_keeps_what_the_picklist_no_longer_has(
    admin: Client, customers: Block, stage_line: FieldMapping
) -> None:
    FieldMapping.objects.filter(pk=stage_line.pk).update(value_map={"Live": "run", "Retired": "churn"})

    page = admin.get(address())

    assert [value.given for value in row(page, "stage").values] == ["Lost", "Live", "Trial", "Retired"]


@pytest.mark.requirement("C13", "R26")
def test_value_that_no_list_holds_is_offered_once_a_preview_has_met_it(
    admin: Client, customers: Block, stage_line: FieldMapping
) -> None:
    met = {"customers": {"stage": {"Paused by law": 4, "Live": 2, "cut where it was too lo…": 1, "": 9}}}
    common = {"connection": customers.connection, "state": "done"}
    Run.objects.create(**common, kind="preview", cursor={"open-values": {"customers": {"stage": {"Long gone": 1}}}})
    Run.objects.create(**common, kind="preview", cursor={"open-values": met})
    Run.objects.bulk_create(Run(**common, kind="delta", cursor={}) for _ in range(21))

    values = {value.given: value.records for value in row(admin.get(address()), "stage").values}

    assert values["Paused by law"] == 4
    assert "Long gone" not in values
    assert list(values).count("Live") == 1
    assert not any("too lo" in given for given in values)


@pytest.mark.requirement("C13", "R26")
def test_unmapped_values_are_counted_before_saving(
    admin: Client, customers: Block, stage_line: FieldMapping, brook: Brook
) -> None:
    page = admin.get(address())

    found = row(page, "stage")
    # "Trial" is a stage of the hub by name; "Lost" is nobody's.
    assert (found.unmapped, found.records_unmapped) == (1, 3)
    assert "3 records keep what they have" in page.content.decode()
    assert brook.asked["count"] == 1


def test_counting_each_value_keeps_what_was_typed(admin: Client, customers: Block, stage_line: FieldMapping) -> None:
    page = admin.post(address(), typed(customers, csm__crm="Owner.Email", count="stage"))

    counted = {value.given: value.records for value in row(page, "stage").values}
    assert counted == {"Live": 40, "Trial": 5, "Lost": 3}
    assert row(page, "csm").form["crm"].value() == "Owner.Email"
    assert "csm" not in lines(customers)


@pytest.mark.requirement("R181", "R231", "C3")
def test_save_that_would_empty_values_says_which_before(admin: Client, customers: Block) -> None:
    for name, settled in (
        ("Filled", ["here.example", None]),
        ("Both", ["a.example", "a.example"]),
        ("Blank", [None, ""]),
    ):
        row = CustomerFactory.create(name=name, domain=settled[0] or "")
        link(customers.connection, row, settled={"domain": settled})
    link(customers.connection, CustomerFactory.create(name="Never settled"))
    data = typed(customers, domain__blanks="erase")

    warned = admin.post(address(), data)

    [erasure] = warned.context["erasures"]
    assert (erasure.number, erasure.unknown) == (1, 1)
    assert erasure.examples == [("Filled", "here.example")]
    assert "Saving as it stands would empty 1 value in the hub." in warned.content.decode()
    assert customers.lines.get(hub_field="domain").blanks == "keep"

    admin.post(address(), data | {"read": warned.context["seal"]})

    assert customers.lines.get(hub_field="domain").blanks == "erase"


def test_save_warned_shows_the_path_of_a_field_typed_by_its_label(admin: Client, customers: Block) -> None:
    link(customers.connection, CustomerFactory.create(), settled={"domain": ["a.example", None]})

    warned = admin.post(address(), typed(customers, domain__blanks="erase", csm__crm="Owner"))

    assert row(warned, "csm").form["crm"].value() == "Owner.Email"
    assert row(warned, "csm").fit == "matching"


def test_save_that_erases_more_than_was_read_warns_again(admin: Client, customers: Block) -> None:
    data = typed(customers, domain__blanks="erase")
    link(customers.connection, CustomerFactory.create(), settled={"domain": ["a.example", None]})
    seal = admin.post(address(), data).context["seal"]
    link(customers.connection, CustomerFactory.create(), settled={"domain": ["b.example", None]})

    again = admin.post(address(), data | {"read": seal})

    assert again.status_code == 200
    assert again.context["emptied"] == 2
    assert customers.lines.get(hub_field="domain").blanks == "keep"


def test_save_erasing_own_field_is_estimated_too(admin: Client, customers: Block) -> None:
    key = own_field().key
    name = f"custom.{key}"
    FieldMapping.objects.create(block=customers, hub_field=name, crm_field="Revenue")
    row = CustomerFactory.create(custom={key: {"n": "12.50"}})
    link(customers.connection, row, settled={name: [{"n": "12.50"}, None]})
    customers.connection.refresh_from_db()

    warned = admin.post(address(), typed(customers, **{f"{name}__blanks": "erase"}))

    assert [(erasure.label, erasure.number) for erasure in warned.context["erasures"]] == [("Annual revenue", 1)]


def test_save_new_field_that_erases_leaves_it_to_the_preview(admin: Client, customers: Block) -> None:
    link(customers.connection, CustomerFactory.create(), settled={"domain": ["a.example", "a.example"]})

    warned = admin.post(
        address(), typed(customers, domain__blanks="erase", domain__crm="Notes", domain__transform="domain-of")
    )

    assert "the preview will tell what it loses" in warned.content.decode()


@pytest.mark.requirement("C9")
def test_lost_field_rests_alone_and_offers_its_successor(admin: Client, customers: Block, brook: Brook) -> None:
    FieldMapping.objects.create(
        block=customers, position=5, hub_field="profile", crm_field="Segment", crm_label="Customer segment",
        crm_type="picklist", suspended_at=timezone.now(), suspended_code="field-gone",
    )  # fmt: skip
    heir = CrmField("Segment_2", "Customer segment (new)", "picklist", Kind.CHOICE, (Choice("MM", "MM"),))
    brook.fields["customers"] = (*brook.fields["customers"], heir)

    page = admin.get(address())
    used = admin.post(address(), typed(customers, use="profile:Segment_2", note="New segments"))

    found = row(page, "profile")
    assert (found.fit, found.label, found.type) == ("suspended", "Customer segment", "picklist")
    assert found.successors[0] == heir
    assert page.context["tally"]["matching"] == 3
    assert used.status_code == 302
    assert lines(customers)["profile"] == "Segment_2"
    assert customers.connection.versions.get().note == "New segments"
    assert not customers.lines.exclude(suspended_at=None).exists()


def test_saving_the_successor_ends_the_rest(admin: Client, customers: Block, brook: Brook) -> None:
    customers.lines.filter(hub_field="domain").update(
        crm_field="Site", suspended_at=timezone.now(), suspended_code="field-gone"
    )

    admin.post(address(), typed(customers, domain__crm="Website"))

    line = customers.lines.get(hub_field="domain")
    assert (line.crm_field, line.suspended_at, line.suspended_code) == ("Website", None, "")


def test_saving_beside_a_lost_field_leaves_it_resting(admin: Client, customers: Block) -> None:
    customers.lines.filter(hub_field="domain").update(
        crm_field="Site", crm_label="Old site", suspended_at=timezone.now(), suspended_code="field-gone"
    )

    admin.post(address(), typed(customers, csm__crm="Owner.Email"))

    line = customers.lines.get(hub_field="domain")
    assert (line.suspended_code, line.crm_label) == ("field-gone", "Old site")
    assert lines(customers)["csm"] == "Owner.Email"


def test_silent_crm_shows_what_was_known_and_still_saves_the_rest(
    admin: Client, customers: Block, brook: Brook
) -> None:
    customers.lines.filter(hub_field="domain").update(crm_label="Website", crm_type="url")
    brook.fall_silent()

    page = admin.get(address())
    saved = admin.post(address(), typed(customers, domain__blanks="fill"))
    refused = admin.post(address(), typed(customers, csm__crm="Owner.Email"))

    assert "Brook does not answer: what was read last is shown." in page.content.decode()
    assert row(page, "domain").label == "Website"
    assert saved.status_code == 302
    assert refused.status_code == 200
    assert "csm" not in lines(customers)
    assert brook.asked == {"schema": 1}


def test_read_again_asks_the_crm_anew(admin: Client, customers: Block, brook: Brook) -> None:
    admin.get(address())
    admin.get(address())
    assert brook.asked == {"schema": 1, "samples": 1}

    admin.post(reverse("sync:read-again", args=["brook", "customers"]))

    assert brook.asked["schema"] == 2
    assert admin.get(reverse("sync:read-again", args=["brook", "customers"])).status_code == 405


@pytest.mark.requirement("R205", "R206")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.SUPPORT])
def test_page_for_others_is_read_only_and_costs_no_call(
    role: Role, customers: Block, client_as: Callable[..., Client], brook: Brook
) -> None:
    client = client_as(role)

    page = client.get(address())
    changed = client.post(address(), typed(customers, csm__crm="Owner.Email"))

    assert page.status_code == 200
    assert "<fieldset disabled>" in page.content.decode()
    assert "Save version" not in page.content.decode()
    assert ">Save<" not in page.content.decode()
    assert changed.status_code == 403
    assert brook.asked == {}


@pytest.mark.parametrize("role", [Role.RESTRICTED_CSM, Role.READ_ONLY])
def test_page_is_closed_to_who_sees_no_connections(
    role: Role, customers: Block, client_as: Callable[..., Client]
) -> None:
    assert client_as(role).get(address()).status_code == 403


@pytest.mark.parametrize("object_name", ["agreements", "nonsense"])
def test_page_of_what_the_system_does_not_offer_is_not_found(
    admin: Client, connection: Connection, object_name: str
) -> None:
    assert admin.get(address(object_name)).status_code == 404


def test_page_of_a_data_type_not_set_up_yet_writes_nothing(admin: Client, connection: Connection) -> None:
    connection.blocks.get(object="contacts").delete()

    page = admin.get(address("contacts"))

    assert page.status_code == 200
    assert page.context["page"].keys["rank-email"].value() == "2"
    assert not connection.blocks.filter(object="contacts").exists()


@pytest.mark.requirement("E7")
def test_merge_keys_are_measured_on_the_rows(admin: Client, customers: Block) -> None:
    own = own_field("Number", type="STRING", is_key=True)
    CustomKey.objects.create(field=own, row_id=1, value="a")
    for domain in ("a.example", "a.example", "", "b.example"):
        CustomerFactory.create(domain=domain)

    page = admin.get(address())

    measured = {key.field.name: key.quality for key in page.context["key_rows"]}
    domain, number = measured["domain"], measured[f"custom.{own.key}"]
    assert (domain.rows, domain.filled_percent, domain.repeated) == (4, 75.0, 1)
    assert (number.filled, number.distinct) == (1, 1)
    assert [key.field.name for key in page.context["key_rows"]][:2] == ["ref_id", "domain"]


def test_merge_keys_are_saved_in_their_order(admin: Client, customers: Block) -> None:
    data = typed(customers) | {"rank-ref_id": "2", "rank-domain": "", "rank-name": "1", "ref_is_common": "on"}

    admin.post(address(), data)

    customers.refresh_from_db()
    assert (customers.merge_keys, customers.ref_is_common) == (["name", "ref_id"], True)


@pytest.mark.parametrize("number", [1, 3])
def test_page_query_count_is_constant(
    number: int, admin: Client, customers: Block, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for position in range(number):
        field = own_field(f"Own {position}", type="STRING")
        FieldMapping.objects.create(
            block=customers, position=position, hub_field=f"custom.{field.key}", crm_field="Name"
        )
    cache.clear()

    with django_assert_num_queries(25):
        admin.get(address())


@pytest.mark.requirement("R26", "R27", "C13")
def test_missing_values_are_made_when_the_mapping_is_saved(admin: Client, customers: Block) -> None:
    values = {"line-profile-values-from": ["Live", "Trial", "Lost"], "line-profile-values-to": ["", "", ""]}

    shown = admin.post(address(), typed(customers, profile__crm="Phase", count="profile", **values))
    before = HealthProfile.objects.count()
    saved = admin.post(address(), typed(customers, profile__crm="Phase", profile__create="on", **values))

    assert "Create these 3 profiles: Live, Trial, Lost" in " ".join(shown.content.decode().split())
    assert (before, saved.status_code) == (0, 302)
    assert customers.lines.get(hub_field="profile").value_map == {"Live": "Live", "Trial": "Trial", "Lost": "Lost"}
    assert AuditEntry.objects.filter(verb="created", kind="health-score profile", actor="Inès Moreau").count() == 3


def test_a_value_that_is_mapped_already_is_not_made_again(admin: Client, customers: Block) -> None:
    values = {"line-stage-values-from": ["Live", "Trial", "Lost"], "line-stage-values-to": ["run", "", ""]}

    admin.post(address(), typed(customers, stage__crm="Phase", stage__create="on", **values))

    # The hub has a stage of the name Trial: it needs no line.
    assert customers.lines.get(hub_field="stage").value_map == {"Live": "run", "Lost": "lost"}
    assert Stage.objects.get(name="lost").label == "Lost"


# --- What moved in the CRM since somebody looked


def lose(block: Block, **columns: Any) -> FieldMapping:
    """The website's line, resting; "Website" itself may take its place."""
    block.lines.filter(hub_field="domain").update(
        crm_field="Site", crm_label="Web site", suspended_at=timezone.now(), suspended_code="field-gone",
        successors=[["Website", "Website"]], **columns,
    )  # fmt: skip
    return block.lines.get(hub_field="domain")


def succeed(client: Client, path: str = "Website", version: int = 0) -> Any:
    address = reverse("sync:succeed", args=["brook", "customers", "domain"])
    return client.post(address, {"path": path, "version": version})


@pytest.mark.requirement("C9")
def test_one_click_maps_the_successor_and_saves_a_version(admin: Client, customers: Block) -> None:
    lose(customers, blanks="fill")

    answer = succeed(admin)

    line = customers.lines.get(hub_field="domain")
    assert answer["Location"].endswith("/mapping/customers/#row-domain")
    assert (line.crm_field, line.suspended_code, line.blanks, line.successors) == ("Website", "", "fill", [])
    assert customers.connection.versions.get().note == "Website in place of Web site"
    assert AuditEntry.objects.latest("pk").note == "Website in place of Web site"


@pytest.mark.requirement("C9")
@pytest.mark.parametrize(
    ("path", "columns", "version", "said"),
    [
        ("Nowhere", {}, 0, "That field is gone as well"),
        ("Website", {"direction": "both"}, 0, "may only read “Website”"),
        ("Website", {"blanks": "erase"}, 0, "The line lets blanks erase"),
        ("Website", {}, 7, "saved version"),
    ],
)
def test_click_that_would_do_harm_saves_nothing(
    admin: Client, customers: Block, path: str, columns: dict[str, Any], version: int, said: str
) -> None:
    link(customers.connection, CustomerFactory.create(), settled={"domain": ["a.example", "a.example"]})
    lose(customers, **columns)

    answer = succeed(admin, path, version)

    assert said in admin.get(answer["Location"]).content.decode()
    assert customers.lines.get(hub_field="domain").crm_field == "Site"
    assert not customers.connection.versions.exists()


@pytest.mark.requirement("C9")
def test_silent_crm_lets_nothing_be_clicked_into_place(admin: Client, customers: Block, brook: Brook) -> None:
    lose(customers)
    brook.fall_silent()

    succeed(admin)

    assert customers.lines.get(hub_field="domain").crm_field == "Site"
    assert row(admin.get(address()), "domain").successors[0].path == "Website"


@pytest.mark.requirement("C9")
def test_line_that_does_not_rest_has_no_successor(admin: Client, customers: Block) -> None:
    assert succeed(admin).status_code == 404


@pytest.mark.requirement("C9", "R205")
@pytest.mark.parametrize("role", [Role.MANAGER, Role.CSM, Role.RESTRICTED_CSM, Role.SUPPORT, Role.READ_ONLY])
def test_only_admins_click(role: Role, customers: Block, client_as: Callable[..., Client], brook: Brook) -> None:
    lose(customers)

    assert succeed(client_as(role)).status_code == 403
    assert customers.lines.get(hub_field="domain").crm_field == "Site"
    assert brook.asked == {}


@pytest.mark.requirement("C9", "C13")
def test_saving_the_mapping_says_that_what_is_new_is_known(
    admin: Client, customers: Block, stage_line: FieldMapping
) -> None:
    customers.lines.filter(pk=stage_line.pk).update(
        crm_choices=["Live"], noticed_at=timezone.now(), noticed_code="value-new", drift_detail="Trial, Lost",
        crm_label="Phase",
    )  # fmt: skip
    Block.objects.filter(pk=customers.pk).update(required_new={"Notes": "Notes"}, required_at=timezone.now())

    page = admin.get(address())
    admin.post(address(), typed(customers))
    after = admin.get(address())

    assert "“Phase” of Customers has new values: Trial, Lost" in page.content.decode()
    assert "Brook creates no record without Notes any more" in page.content.decode()
    stage_line.refresh_from_db()
    assert (stage_line.noticed_code, stage_line.crm_choices) == ("", ["Live", "Lost", "Trial"])
    assert "has new values" not in after.content.decode()
    assert "any more" not in after.content.decode()


@pytest.mark.requirement("C13")
def test_saving_wakes_a_line_that_rests_for_new_values(
    admin: Client, customers: Block, stage_line: FieldMapping
) -> None:
    customers.lines.filter(pk=stage_line.pk).update(suspended_at=timezone.now(), suspended_code="value-new")

    page = admin.get(address())
    admin.post(address(), typed(customers))

    assert "map the new values" in page.content.decode()
    assert not row(page, "stage").successors
    assert not customers.lines.exclude(suspended_at=None).exists()


@pytest.mark.requirement("C13")
def test_each_open_value_shows_its_records_where_one_call_counts_all(
    admin: Client, customers: Block, stage_line: FieldMapping, monkeypatch: pytest.MonkeyPatch, brook: Brook
) -> None:
    monkeypatch.setattr(BrookConnector, "value_counts", lambda self, name, path: {"Live": 40, "Lost": 3})

    found = row(admin.get(address()), "stage")

    assert {value.given: value.records for value in found.values} == {"Live": 40, "Trial": 0, "Lost": 3}
    assert (found.unmapped, found.records_unmapped, found.is_counted, found.is_asked) == (1, 3, True, False)
    assert brook.asked["count"] == 0


@pytest.mark.requirement("C9")
def test_field_that_may_only_be_read_is_offered_no_way_out_and_says_why(admin: Client, customers: Block) -> None:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")

    page = admin.get(address())

    ways = {way["value"]: way["disabled"] for way in row(page, "domain").form.directions}
    assert ways == {"in": False, "both": True, "out": True}
    assert {way["disabled"] for way in row(page, "name").form.directions} == {False}
    assert "Brook lets the signed-in user only read this field." in page.content.decode()


@pytest.mark.requirement("C9")
def test_way_out_that_was_chosen_before_stays_to_be_seen(admin: Client, customers: Block) -> None:
    Block.objects.filter(pk=customers.pk).update(mode="two-way")
    customers.lines.filter(hub_field="domain").update(direction="both")

    ways = {
        way["value"]: (way["checked"], way["disabled"]) for way in row(admin.get(address()), "domain").form.directions
    }

    assert ways["both"] == (True, False)
