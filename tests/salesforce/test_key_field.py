import pytest

from integrations.engine.mapping import Kind
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.causes import CAUSES
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.keyfield import KEY_LABEL, NewField, create_field, name_of, number_field, text_field
from integrations.salesforce.models import SalesforceConnection
from integrations.salesforce.simulator.fields import Field
from integrations.sync.connector import Answer
from integrations.wire.errors import DryRun, Misconfigured

from .writes import KEY, change, ids, made, row


@pytest.mark.requirement("R60")
@pytest.mark.parametrize("data_type", ["customers", "contacts"])
def test_the_key_field_is_made_shown_and_unique(connector: SalesforceConnector, data_type: str) -> None:
    assert connector.schema(data_type).get(KEY) is None

    path = connector.create_key_field(data_type)

    found = connector.schema(data_type).get(path)
    assert found is not None
    assert (found.path, found.label, found.length, found.is_id) == (KEY, KEY_LABEL, 64, True)
    assert (found.is_createable, found.is_updateable, found.is_required) == (True, True, False)
    assert connector.described(data_type).raw[path]["unique"]
    assert connector.described(data_type).finds_by(path)


@pytest.mark.requirement("R60")
def test_made_twice_it_is_found_and_costs_one_look(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    connector.create_key_field("customers")
    practice.forget_calls()

    again = connector.create_key_field("customers")

    assert again == KEY
    assert practice.calls() == {"describe": 1}


@pytest.mark.requirement("R60")
def test_a_field_that_exists_and_is_hidden_is_shown(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    connector.create_key_field("customers")
    practice.control(hide_fields=[f"Account.{KEY}"])
    with practice.store.transaction():
        practice.store.execute('DELETE FROM "FieldPermissions"')

    assert connector.create_key_field("customers") == KEY

    assert connector.schema("customers").get(KEY) is not None


@pytest.mark.requirement("R60")
def test_a_field_that_may_be_read_only_is_opened_for_writing(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    connector.create_key_field("customers")
    practice.control(lock_fields=[f"Account.{KEY}"])
    with practice.store.transaction():
        practice.store.execute('UPDATE "FieldPermissions" SET "PermissionsEdit" = 0')

    assert connector.create_key_field("customers") == KEY

    found = connector.schema("customers").get(KEY)
    assert found is not None
    assert found.is_updateable
    assert len(practice.query("SELECT Id FROM FieldPermissions")) == 1


def test_a_second_record_with_the_same_key_is_refused_by_salesforce_itself(connector: SalesforceConnector) -> None:
    connector.create_key_field("customers")

    [first, second] = connector.write(
        "customers", [made(Name="A", Skalin_Sync_Id__c="k"), made(Name="B", Skalin_Sync_Id__c="k")]
    )

    assert (first.answer, second.answer, second.source_id) == (Answer.DONE, Answer.EXISTS, first.source_id)


@pytest.mark.requirement("R60")
@pytest.mark.parametrize("data_type", ["calls", "meetings"])
def test_activities_share_one_field_that_is_not_unique(connector: SalesforceConnector, data_type: str) -> None:
    first = connector.create_key_field(data_type)
    other = connector.create_key_field("meetings" if data_type == "calls" else "calls")

    assert first == other == KEY
    for obj in ("Task", "Event"):
        [field] = [one for one in connector.client.describe(obj)["fields"] if one["name"] == KEY]
        assert (field["unique"], field["externalId"], field["createable"]) == (False, True, True)


@pytest.mark.requirement("R59", "R60")
def test_scores_get_a_field_of_their_kind_once(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    wanted = (number_field("Skalin Healthscore"), text_field("Skalin CSM Pulse"))

    made_first = [create_field(connector.client, "Account", one) for one in wanted]
    made_again = [create_field(connector.client, "Account", one) for one in wanted]

    assert made_first == made_again == ["Skalin_Healthscore__c", "Skalin_CSM_Pulse__c"]
    schema = connector.schema("customers")
    kinds = {path: found.kind for path in made_first if (found := schema.get(path))}
    assert kinds == {"Skalin_Healthscore__c": Kind.NUMBER, "Skalin_CSM_Pulse__c": Kind.TEXT}
    [account] = ids(practice, 1)
    connector.write("customers", [change(account, Skalin_Healthscore__c=87, Skalin_CSM_Pulse__c="good")])
    assert row(practice, account, *made_first) == {"Skalin_Healthscore__c": 87.0, "Skalin_CSM_Pulse__c": "good"}


def test_another_field_of_that_name_is_not_taken_over(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with practice.store.transaction():
        changes = practice.store.schema.changes
        changes.added.setdefault("Account", []).append(Field("Skalin_Healthscore__c", "Mine", "date"))
        practice.store.save_schema()

    with pytest.raises(Misconfigured) as stopped:
        create_field(connector.client, "Account", number_field("Skalin Healthscore"))

    assert stopped.value.code == "FIELD_TAKEN"
    assert stopped.value.code in CAUSES


@pytest.mark.requirement("R60")
def test_without_the_right_to_make_fields_it_says_who_has_to_do_what(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    practice.control(may_not_customize=True)

    with pytest.raises(Misconfigured) as stopped:
        connector.create_key_field("customers")

    assert (stopped.value.code, stopped.value.fields) == ("FIELD_NOT_ALLOWED", (KEY,))
    assert "does not let the connecting user add the field “Skalin Sync ID” to Account" in stopped.value.message
    assert "INSUFFICIENT_ACCESS" in stopped.value.message
    assert connector.schema("customers").get(KEY) is None


def test_a_field_that_stays_hidden_is_not_called_made(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with practice.store.transaction():
        practice.store.execute('DELETE FROM "PermissionSet"')

    with pytest.raises(Misconfigured) as stopped:
        connector.create_key_field("customers")

    assert stopped.value.code == "FIELD_NOT_ALLOWED"


@pytest.mark.requirement("R60")
def test_an_answer_that_got_lost_makes_no_second_field(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    practice.control(truncate=1, kinds=["tooling"])

    assert connector.create_key_field("customers") == KEY

    assert len([one for one in connector.client.describe("Account")["fields"] if one["name"] == KEY]) == 1


def test_a_preview_makes_no_field(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    connector = SalesforceConnector(connection, read_only=True)

    with pytest.raises(DryRun):
        connector.create_key_field("customers")

    assert "tooling" not in practice.calls()


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Skalin CSM Pulse", "Skalin_CSM_Pulse"),
        ("  Größe & Maß ", "Gr_e_Ma"),
        ("24 hours", "X24_hours"),
        ("x" * 60, "x" * 40),
        ("Ünder__scores_", "nder_scores"),
    ],
)
def test_a_label_becomes_a_developer_name(label: str, name: str) -> None:
    assert name_of(label) == name
    assert NewField(name, label).path == f"{name}__c"
