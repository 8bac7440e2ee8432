"""The configuration file: out here, in elsewhere, out again, the same; and everything that is refused on the way."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.hub.models import CustomField, HealthProfile, Tag
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import credentials
from integrations.sync.configuration import FileRefused, apply_yaml, draft_differences, read_yaml, snapshot, to_yaml
from integrations.sync.models import Block, Connection, FieldMapping
from tests.configuration.factories import own_field

SMALL = """
skalin-sync: 1
connection: river
system: brook
blocks:
  customers:
    lines:
      - {hub: name, crm: Name}
"""


def richly(customers: Block) -> None:
    field = own_field("Renewal code", type=CustomField.Type.STRING, is_key=True)
    tag = Tag.objects.create(name="VIP", entity="customers")
    HealthProfile.objects.create(name="Mid-market")
    customers.merge_keys = [f"custom.{field.key}", "ref_id"]
    customers.ref_is_common = True
    customers.save()
    for line in (
        {
            "hub_field": "stage",
            "crm_field": "Phase",
            "value_map": {"Live": "run", "Größe: “x”": "trial"},
            "blanks": "fill",
        },
        {"hub_field": "profile", "crm_field": "Segment", "value_map": {"MM": "Mid-market"}},
        {"hub_field": "pulse", "constant": "3"},
        {"hub_field": f"custom.tag-{tag.pk}", "crm_field": "Class", "value_map": {"A": "true"}},
        {"hub_field": f"custom.{field.key}", "crm_field": "Code", "transform": "equals", "argument": "a;b"},
    ):
        FieldMapping.objects.create(block=customers, position=9, **line)


@pytest.mark.requirement("C18")
def test_file_exported_imported_elsewhere_and_exported_again_is_the_same(
    connection: Connection, customers: Block
) -> None:
    richly(customers)
    SalesforceConnection.objects.filter(pk=connection.pk).update(
        every_minutes=45, environment="sandbox", keep_hierarchy=True
    )
    text = to_yaml(connection)
    # Elsewhere the team's own field has another key, or is not there at all.
    Connection.objects.all().delete()
    CustomField.objects.all().delete()
    Tag.objects.all().delete()

    made = apply_yaml(read_yaml(text), None)

    assert to_yaml(made) == text
    assert (yaml.safe_load(text)["tags"], Tag.objects.get().name) == ({"customers": ["VIP"]}, "VIP")
    assert made.blocks.get(object="customers").lines.filter(hub_field=f"custom.tag-{Tag.objects.get().pk}").exists()
    assert made.pk != connection.pk
    assert CustomField.objects.get().name == "Renewal code"
    assert CustomField.objects.get().is_key


def test_file_imported_twice_changes_nothing_the_second_time(connection: Connection, customers: Block) -> None:
    richly(customers)
    text = to_yaml(connection)
    apply_yaml(read_yaml(text), None)
    before = snapshot(connection)

    assert draft_differences(read_yaml(text)) == []
    apply_yaml(read_yaml(text), None)

    assert snapshot(connection) == before
    assert connection.versions.count() == 1


def test_file_holds_no_secret_and_no_label_last_seen(connection: Connection) -> None:
    credentials.save(connection, {"client_secret": "s3cr3t-value"})

    text = to_yaml(connection)

    assert "s3cr3t-value" not in text
    assert set(yaml.safe_load(text)) == {"skalin-sync", "connection", "system", "name", "options", "settings", "blocks"}
    assert "account_view_label" not in text


def test_file_says_only_some_things_and_the_rest_stays(connection: Connection) -> None:
    text = "skalin-sync: 1\nconnection: brook\nsystem: brook\noptions: {every_minutes: 5}\n"

    assert draft_differences(read_yaml(text)) == ["Minutes between syncs: 15 → 5"]
    apply_yaml(read_yaml(text), None)

    connection.refresh_from_db()
    assert (connection.every_minutes, connection.full_every_hours, connection.name) == (5, 24, "Brook")
    assert connection.blocks.get(object="customers").lines.count() == 3


def test_file_lines_are_the_whole_list(connection: Connection, customers: Block) -> None:
    draft = read_yaml(SMALL.replace("river", "brook"))

    assert draft_differences(draft) == [
        "Customers, Customer ID: no longer mapped",
        "Customers, Domain: no longer mapped",
    ]
    apply_yaml(draft, None)

    assert list(customers.lines.values_list("hub_field", flat=True)) == ["name"]


def test_file_of_a_new_connection_creates_a_draft_of_it(db: None, admin_user: User) -> None:
    made = apply_yaml(read_yaml(SMALL), admin_user)

    assert (made.slug, made.name, made.state, made.version, made.system) == ("river", "river", "draft", 1, "brook")
    assert SalesforceConnection.objects.get(pk=made.pk).environment == "live"
    assert AuditEntry.objects.latest("pk").label == "river"


def test_file_other_view_forgets_the_former_views_name(connection: Connection) -> None:
    apply_yaml(read_yaml("skalin-sync: 1\nconnection: brook\nsystem: brook\nsettings: {account_view: 00B9}\n"), None)

    child = SalesforceConnection.objects.get(pk=connection.pk)
    assert (child.account_view, child.account_view_label) == ("00B9", "")


def test_file_credentials_come_from_the_environment(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SF_SECRET", "from-the-environment")
    credentials.save(connection, {"refresh_token": "kept"})
    text = "skalin-sync: 1\nconnection: brook\nsystem: brook\ncredentials: {client_secret: {env: SF_SECRET}}\n"

    said = draft_differences(read_yaml(text))
    apply_yaml(read_yaml(text), None)

    assert said == ["Credential “client_secret” is taken from the environment variable SF_SECRET"]
    assert credentials.load(connection) == {"refresh_token": "kept", "client_secret": "from-the-environment"}
    assert "from-the-environment" not in to_yaml(connection)
    assert "from-the-environment" not in str(AuditEntry.objects.latest("pk").after)


def test_file_credential_without_its_variable_writes_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SF_SECRET", raising=False)
    draft = read_yaml(f"{SMALL}credentials: {{client_secret: {{env: SF_SECRET}}}}\n")

    with pytest.raises(
        FileRefused, match=r"credentials.client_secret: the environment variable SF_SECRET is not set; set it"
    ):
        apply_yaml(draft, None)

    assert not Connection.objects.exists()


def file(**parts: Any) -> str:
    return yaml.safe_dump({"skalin-sync": 1, "connection": "river", "system": "brook", **parts})


def lines(*said: dict[str, Any], **block: Any) -> str:
    return file(blocks={"customers": {"lines": list(said), **block}})


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "system: must be one of: brook"),
        ("- a\n- b", "system: must be one of: brook"),
        ("a: [1", "This is not YAML as we read it"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("system: brook\nsystem: brook", "stands there twice"),
        ("system: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("[" * 5000, "nested too deeply"),
        ("x: " + "y" * 300_000, "larger than 256 KB"),
        ("a: \x00", "This is not YAML as we read it"),
        (file(system="nosuchcrm"), "system: must be one of: brook"),
        (file(surprise=1), "surprise: is not known here"),
        (file(name="x" * 81), "name: Ensure this value has at most 80 characters"),
        (file(connection="Not a slug"), "connection: Enter a valid “slug”"),
        (file(options={"every_minutes": "often"}), "options.every_minutes: “often” value must be an integer"),
        (file(options={"every_minutes": -1}), "options.every_minutes: Ensure this value is greater than or equal to 0"),
        (file(options={"every_minutes": True}), "options.every_minutes: must be a single value, and not true or false"),
        (file(options={"state": "on"}), "options.state: is not known here"),
        (file(options={"churn_missing": "perhaps"}), "options.churn_missing: must be true or false"),
        (file(options={"base_url": "javascript:alert(1)"}), "options.base_url: Enter a valid URL"),
        (file(settings={"environment": "moon"}), "settings.environment: must be one of: live, sandbox, domain"),
        (file(settings={"password": "x"}), "settings.password: is not known here"),
        (
            file(credentials={"client_secret": "in clear"}),
            "credentials.client_secret: must name an environment variable of the server, as in {env: SF_SECRET}",
        ),
        (file(blocks={"agreements": {}}), "blocks.agreements: is not known here"),
        (
            file(blocks={"customers": {"mode": "output"}}),
            "blocks.customers.mode: must be one of: input, two-way, disabled",
        ),
        (file(blocks={"customers": {"merge_keys": ["csm"]}}), r"merge_keys\[1\]: “csm” cannot recognise records"),
        (lines({"crm": "Name"}), r"lines\[1\].hub: is missing"),
        (lines({"hub": "name"}), r"lines\[1\]: needs either crm"),
        (lines({"hub": "name", "crm": "Name", "constant": "x"}), r"lines\[1\]: needs either crm"),
        (lines({"hub": "shoe_size", "crm": "Name"}), r"“shoe_size” is no field of the hub; known are: .*domain, csm"),
        (lines({"hub": "domian", "crm": "Name"}), r"“domian” is no field of the hub; did you mean “domain”\?"),
        (file(optoins={}), r"optoins: is not known here; did you mean “options”\?"),
        (lines({"hub": "custom: Nowhere", "crm": "Name"}), r"lines\[1\].hub: “custom: Nowhere” is no field of the hub"),
        (lines({"hub": "name", "crm": "A"}, {"hub": "name", "crm": "B"}), r"lines\[2\].hub: “name” has a line already"),
        (lines({"hub": "name", "crm": "Name", "transform": "eval"}), r"lines\[1\].transform: must be one of"),
        (lines({"hub": "name", "crm": "Name", "transform": "equals"}), r"lines\[1\]: this transform needs an argument"),
        (
            lines({"hub": "name", "crm": "Name", "blanks": "burn"}),
            r"lines\[1\].blanks: must be one of: keep, erase, fill",
        ),
        (
            lines({"hub": "stage", "crm": "Phase", "values": {"Live": "moon"}}),
            r"values.Live: “moon” does not exist here",
        ),
        (lines({"hub": "name", "constant": ["a"]}), r"lines\[1\].constant: must be a single value"),
    ],
)
def test_file_wrong_is_refused_naming_the_path(db: None, text: str, problem: str) -> None:
    with pytest.raises(FileRefused, match=problem):
        read_yaml(text)


def test_file_names_every_problem_at_once(db: None) -> None:
    with pytest.raises(FileRefused) as refusal:
        read_yaml(file(surprise=1, options={"order": "x"}, blocks={"customers": {"lines": [{}]}}))

    paths = [path for path, _text in refusal.value.problems]
    assert paths == ["surprise", "options.order", "blocks.customers.lines[1].hub", "blocks.customers.lines[1]"]


def test_file_names_wrong_values_and_unknown_names_at_once(db: None) -> None:
    """The reader learns of both kinds in one go, and a line that is no line at all stops neither."""
    block = {"mode": "inputt", "merge_keys": ["csm", 7], "lines": [{"hub": "domian", "crm": "Website"}, 3]}
    with pytest.raises(FileRefused) as refusal:
        read_yaml(file(blocks={"customers": block}, custom_fields={"customers": [3, {"type": "STRING"}]}))

    assert [path for path, _text in refusal.value.problems] == [
        "custom_fields.customers[1]",
        "custom_fields.customers[2].name",
        "blocks.customers.mode",
        "blocks.customers.lines[2]",
        "blocks.customers.lines[1].hub",
        "blocks.customers.merge_keys[1]",
        "blocks.customers.merge_keys[2]",
    ]


def test_file_that_would_be_refused_for_its_variable_says_so_beforehand(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SF_SECRET", raising=False)
    draft = read_yaml(f"{SMALL}credentials: {{client_secret: {{env: SF_SECRET}}}}\n")

    said = draft_differences(draft)[-1]

    assert said.endswith("the environment variable SF_SECRET is not set, so the file would be refused")


def test_file_of_another_systems_connection_is_refused(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(system="elsewhere")

    with pytest.raises(FileRefused, match="belongs to another system here"):
        read_yaml(file(connection="brook"))


@pytest.mark.parametrize(
    "spec", [{"name": "Annual revenue", "type": "STRING"}, {"name": "annual REVENUE", "type": "CURRENCY"}]
)
def test_file_field_that_is_another_here_is_refused(db: None, spec: dict[str, str]) -> None:
    own_field("Annual revenue")

    with pytest.raises(FileRefused, match=r"custom_fields.customers\[1\]: is “Annual revenue” of type CURRENCY here"):
        read_yaml(file(custom_fields={"customers": [spec]}))


def test_file_tag_in_another_spelling_is_refused(db: None) -> None:
    Tag.objects.create(name="VIP", entity="customers")

    with pytest.raises(FileRefused, match=r"tags.customers\[1\]: is spelled “VIP” here"):
        read_yaml(file(tags={"customers": ["vip"]}))


@pytest.mark.parametrize(
    ("brings", "problem"),
    [
        ({"tags": {"customers": ["VIP", "vip"]}}, r"tags.customers\[2\]: is spelled “VIP” here"),
        (
            {"custom_fields": {"customers": [{"name": "Fee", "type": "NUMBER"}, {"name": "FEE", "type": "NUMBER"}]}},
            r"custom_fields.customers\[2\]: is “Fee” of type NUMBER here",
        ),
    ],
)
def test_two_spellings_of_one_name_in_a_file_are_refused(db: None, brings: dict[str, Any], problem: str) -> None:
    with pytest.raises(FileRefused, match=problem):
        read_yaml(file(**brings))


def test_name_that_stands_twice_in_a_file_is_made_once(db: None) -> None:
    fee = {"name": "Fee", "type": "NUMBER"}

    apply_yaml(read_yaml(file(tags={"customers": ["VIP", "VIP"]}, custom_fields={"customers": [fee, dict(fee)]})), None)

    assert (Tag.objects.count(), CustomField.objects.count()) == (1, 1)


def test_file_name_of_another_connection_is_refused(connection: Connection) -> None:
    with pytest.raises(FileRefused, match="name: another connection is called “Brook” already"):
        read_yaml(file(name="Brook"))


@pytest.mark.parametrize("value", ["text", 7, True, 1.5])
def test_file_constants_of_every_kind_survive(db: None, value: Any) -> None:
    made = apply_yaml(read_yaml(lines({"hub": "name", "constant": value})), None)

    again = read_yaml(to_yaml(made))

    assert draft_differences(again) == []


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("connection", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_command_export_writes_the_file(connection: Connection, tmp_path: Path) -> None:
    target = tmp_path / "brook.yaml"

    printed = run("export", "brook")
    run("export", "brook", "--file", str(target))

    assert printed == target.read_text() == to_yaml(connection)


def test_command_export_that_cannot_write_says_where(connection: Connection, tmp_path: Path) -> None:
    target = tmp_path / "nowhere" / "brook.yaml"

    with pytest.raises(CommandError, match=r"nowhere/brook.yaml could not be written: No such file"):
        run("export", "brook", "--file", str(target))


def test_command_export_takes_the_name_that_people_read(connection: Connection) -> None:
    assert run("export", "Brook") == to_yaml(connection)


def test_command_import_dry_run_prints_the_difference_and_writes_nothing(db: None, tmp_path: Path) -> None:
    source = tmp_path / "river.yaml"
    source.write_text(SMALL)

    said = run("import", str(source), "--dry-run")

    assert said.splitlines() == ["New connection “river”", "Customers: Input only, 1 line", "Nothing has been written."]
    assert not Connection.objects.exists()


def test_command_import_creates_the_connection(db: None, tmp_path: Path) -> None:
    source = tmp_path / "river.yaml"
    source.write_text(SMALL)

    assert "river is at version 1." in run("import", str(source))
    assert Connection.objects.get().slug == "river"


def test_command_import_turn_on_asks_for_the_first_sync(db: None, tmp_path: Path) -> None:
    source = tmp_path / "river.yaml"
    source.write_text(SMALL)

    run("import", str(source), "--turn-on")

    made = Connection.objects.get()
    assert (made.state, made.runs.get().kind) == ("on", "first")


def test_command_import_refused_file_says_all(db: None, tmp_path: Path) -> None:
    source = tmp_path / "bad.yaml"
    source.write_text(file(surprise=1))

    with pytest.raises(CommandError, match=r"nothing has been written.\nsurprise: is not known here"):
        run("import", str(source))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_command_import_unreadable_file_is_said(db: None, tmp_path: Path, content: bytes | None) -> None:
    source = tmp_path / "x.yaml"
    if content:
        source.write_bytes(content)

    with pytest.raises(CommandError, match=r"could not be read|not written in UTF-8"):
        run("import", str(source))


def test_command_unknown_connection_names_the_known(connection: Connection) -> None:
    with pytest.raises(CommandError, match=r"There is no connection “lake”\. There are: brook\."):
        run("export", "lake")


def test_command_list_says_state_and_lag(connection: Connection) -> None:
    said = run("list")

    assert said.splitlines()[0].startswith("brook  On  ")
    assert "  Customers: Input only, Not read yet" in said


def test_export_page_is_an_admins_file(connection: Connection, client_as: Callable[..., Client]) -> None:
    address = reverse("sync:export", args=["brook"])

    answer = client_as(Role.ADMIN).get(address)

    assert answer.content.decode() == to_yaml(connection)
    assert answer["Content-Disposition"] == 'attachment; filename="brook.yaml"'
    assert client_as(Role.SUPPORT).get(address).status_code == 403
