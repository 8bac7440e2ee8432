"""The vendor's own client, unchanged, pointed at the practice organisation by an environment of its own."""

import importlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

pytest.importorskip("zohocrmsdk")


def module(name: str) -> Any:
    """One of the client's own modules. They carry no types."""
    return importlib.import_module(f"zohocrmsdk.src.com.zoho.{name}")


api, records = module("crm.api"), module("crm.api.record")
HeaderMap, ParameterMap = api.HeaderMap, api.ParameterMap


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeZoho]:
    with PracticeZoho(tmp_path_factory.mktemp("zoho"), accounts=5, contacts_per=2) as made:
        folder = tmp_path_factory.mktemp("sdk")
        _point_at(made, folder)
        yield made


def _point_at(practice: PracticeZoho, folder: Path) -> None:
    base = practice.base_url
    environment = module("crm.api.dc").DataCenter.Environment(base, f"{base}/oauth/v2/token", base)
    client = practice.credentials
    token = module("api.authenticator.oauth_token").OAuthToken(
        client_id=client.client_id, client_secret=client.client_secret, grant_token=practice.grant_code()
    )
    logger = module("api.logger").Logger
    api.Initializer.initialize(
        environment=environment, token=token,
        store=module("api.authenticator.store").FileStore(str(folder / "tokens.txt")), sdk_config=api.SDKConfig(),
        resource_path=str(folder), logger=logger.get_instance(logger.Levels.ERROR, str(folder / "sdk.log")),
    )  # fmt: skip


def listed(module: str, **params: Any) -> Any:
    asked = ParameterMap()
    for name, value in params.items():
        asked.add(getattr(records.GetRecordsParam, name), value)
    return records.RecordOperations(module).get_records(asked, HeaderMap())


def test_client_reads_a_page_of_accounts(practice: PracticeZoho) -> None:
    answer = listed("Accounts", fields="Account_Name,Owner,Modified_Time,Markets", per_page=2, page=1)

    assert answer.get_status_code() == 200
    page = answer.get_object()
    assert [one.get_key_value("Account_Name") for one in page.get_data()] != []
    assert page.get_info().get_more_records() is True
    assert page.get_data()[0].get_key_value("Owner").get_email().endswith("@aldervale.example")


def test_client_follows_page_tokens_to_the_end(practice: PracticeZoho) -> None:
    seen: list[int] = []
    params: dict[str, Any] = {"fields": "Account_Name", "per_page": 2}
    while True:
        page = listed("Accounts", **params).get_object()
        seen += [one.get_id() for one in page.get_data()]
        if not page.get_info().get_more_records():
            break
        params["page_token"] = page.get_info().get_next_page_token()

    with practice.store.transaction():
        held = practice.store.count("Accounts")
    assert len(seen) == len(set(seen)) == held


def test_client_creates_and_reads_a_contact(practice: PracticeZoho) -> None:
    one = records.Record()
    one.add_field_value(records.Field.Contacts.last_name(), "Lovelace")
    one.add_field_value(records.Field.Contacts.email(), "ada@lovelace.example")
    body = records.BodyWrapper()
    body.set_data([one])

    made = records.RecordOperations("Contacts").create_records(body, HeaderMap())

    [result] = made.get_object().get_data()
    assert (made.get_status_code(), result.get_code().get_value()) == (201, "SUCCESS")
    found = records.RecordOperations("Contacts").get_record(
        int(result.get_details()["id"]), ParameterMap(), HeaderMap()
    )
    [contact] = found.get_object().get_data()
    assert contact.get_key_value("Full_Name") == "Lovelace"


def test_client_is_told_what_is_wrong_with_a_record(practice: PracticeZoho) -> None:
    one = records.Record()
    one.add_field_value(records.Field.Accounts.phone(), "+33 1")
    body = records.BodyWrapper()
    body.set_data([one])

    with_trouble = records.RecordOperations("Accounts").create_records(body, HeaderMap())

    [refusal] = with_trouble.get_object().get_data()
    assert refusal.get_code().get_value() == "MANDATORY_NOT_FOUND"
    assert refusal.get_details()["api_name"] == "Account_Name"


def test_client_queries_with_coql(practice: PracticeZoho) -> None:
    coql = module("crm.api.coql")
    body = coql.BodyWrapper()
    body.set_select_query("select Account_Name from Accounts where id is not null limit 3")

    answer = coql.CoqlOperations().get_records(body)

    assert answer.get_object().get_info().get_count() == 3


def test_client_reads_users_and_the_organisation(practice: PracticeZoho) -> None:
    people = module("crm.api.users").UsersOperations().get_users(ParameterMap(), HeaderMap()).get_object().get_users()
    [org] = module("crm.api.org").OrgOperations().get_organization().get_object().get_org()

    assert len(people) == 13
    assert org.get_zgid() == "20087742113"


def test_client_reads_fields_and_makes_one(practice: PracticeZoho) -> None:
    fields = module("crm.api.fields")
    wanted = fields.Fields()
    wanted.set_field_label("Skalin Pulse")
    wanted.set_data_type("integer")
    wanted.set_length(9)
    body = fields.BodyWrapper()
    body.set_fields([wanted])
    asked = ParameterMap()
    asked.add(fields.CreateFieldParam.module, "Accounts")

    [made] = fields.FieldsOperations().create_field(body, asked).get_object().get_fields()

    again = ParameterMap()
    again.add(fields.GetFieldsParam.module, "Accounts")
    names = [one.get_api_name() for one in fields.FieldsOperations().get_fields(again).get_object().get_fields()]
    assert made.get_code().get_value() == "SUCCESS"
    assert "Skalin_Pulse" in names


def test_client_upserts_by_a_unique_field(practice: PracticeZoho) -> None:
    def upsert(name: str) -> Any:
        one = records.Record()
        one.add_key_value("Account_Name", name)
        one.add_key_value("External_Key", "K-1")
        body = records.BodyWrapper()
        body.set_data([one])
        body.set_duplicate_check_fields(["External_Key"])
        [result] = records.RecordOperations("Accounts").upsert_records(body, HeaderMap()).get_object().get_data()
        return result

    assert upsert("First").get_action().get_value() == "insert"
    assert upsert("Second").get_action().get_value() == "update"


def test_client_deletes_and_sees_the_deletion(practice: PracticeZoho) -> None:
    gone = practice.create("Contacts", Last_Name="Shortlived")
    asked = ParameterMap()
    asked.add(records.DeleteRecordsParam.ids, gone)

    done = records.RecordOperations("Contacts").delete_records(asked, HeaderMap())
    told = ParameterMap()
    told.add(records.GetDeletedRecordsParam.type, "recycle")
    deleted = records.RecordOperations("Contacts").get_deleted_records(told, HeaderMap()).get_object().get_data()

    assert done.get_status_code() == 200
    assert [str(one.get_id()) for one in deleted] == [gone]


def test_client_reads_custom_views_and_pipelines(practice: PracticeZoho) -> None:
    custom_views, layouts, pipeline = (module(f"crm.api.{name}") for name in ("custom_views", "layouts", "pipeline"))
    asked = ParameterMap()
    asked.add(custom_views.GetCustomViewsParam.module, "Accounts")
    views = custom_views.CustomViewsOperations().get_custom_views(asked).get_object().get_custom_views()
    of_deals = ParameterMap()
    of_deals.add(layouts.GetLayoutsParam.module, "Deals")
    [layout] = layouts.LayoutsOperations().get_layouts(of_deals).get_object().get_layouts()
    [standard] = pipeline.PipelineOperations(layout.get_id()).get_pipelines().get_object().get_pipeline()

    assert "EMEA key accounts" in [one.get_name() for one in views]
    assert standard.get_maps()[6].get_forecast_type() == "Closed Won"


def test_client_reads_a_picklist_by_its_metadata(practice: PracticeZoho) -> None:
    practice.create("Accounts", Account_Name="Typed", Account_Type="Customer")

    [account] = listed("Accounts", fields="Account_Type", per_page=1).get_object().get_data()

    assert isinstance(account.get_key_value("Account_Type"), module("crm.api.util").Choice)


def test_client_searches(practice: PracticeZoho) -> None:
    practice.control(index_lag=0)
    practice.create("Contacts", Last_Name="Searchable", Email="found@x.example")
    asked = ParameterMap()
    asked.add(records.SearchRecordsParam.email, "found@x.example")

    page = records.RecordOperations("Contacts").search_records(asked, HeaderMap()).get_object()

    assert [one.get_key_value("Last_Name") for one in page.get_data()] == ["Searchable"]


def test_client_reads_related_records(practice: PracticeZoho) -> None:
    related = module("crm.api.related_records")
    asked = ParameterMap()
    asked.add(related.GetRelatedRecordsParam.fields, "Last_Name,Account_Name")

    operations = related.RelatedRecordsOperations("Contacts", "Accounts")
    page = operations.get_related_records(4821730000001000001, asked, HeaderMap()).get_object()

    assert {str(one.get_key_value("Account_Name").get_id()) for one in page.get_data()} == {"4821730000001000001"}


def test_client_writes_a_note(practice: PracticeZoho) -> None:
    notes, modules = module("crm.api.notes"), module("crm.api.modules")
    note, parent, of_module = notes.Note(), notes.ParentId(), modules.MinifiedModule()
    of_module.set_api_name("Accounts")
    parent.set_id(4821730000001000001)
    parent.set_module(of_module)
    note.set_note_content("By the client")
    note.set_parent_id(parent)
    body = notes.BodyWrapper()
    body.set_data([note])

    [made] = notes.NotesOperations().create_notes(body).get_object().get_data()

    assert made.get_code().get_value() == "SUCCESS"


def test_client_reads_emails(practice: PracticeZoho) -> None:
    emails = module("crm.api.email_related_records")
    practice.app.account_of.store.insert("_email", {
        "module": "Contacts", "record": "4821730000003000001", "from": {"user_name": "A", "email": "a@x.example"},
        "to": [{"user_name": "B", "email": "b@x.example"}], "cc": None, "subject": "Hello", "content": "c", "sent": True,
        "time": "2026-01-05T08:00:00.000Z", "by": practice.app.account_of.user_id(),
    }, "message-1")  # fmt: skip

    operations = emails.EmailRelatedRecordsOperations(4821730000003000001, "Contacts")
    page = operations.get_emails_related_records(ParameterMap()).get_object()

    assert [one.get_subject() for one in page.get_emails()] == ["Hello"]


def test_client_exports_in_bulk(practice: PracticeZoho, tmp_path: Path) -> None:
    bulk, modules = module("crm.api.bulk_read"), module("crm.api.modules")
    of_module, query, body = modules.MinifiedModule(), bulk.Query(), bulk.BodyWrapper()
    of_module.set_api_name("Accounts")
    query.set_module(of_module)
    query.set_fields(["Account_Name"])
    body.set_query(query)

    [added] = bulk.BulkReadOperations().create_bulk_read_job(body).get_object().get_data()
    job = int(added.get_details()["id"])
    states: list[str] = []
    while states[-1:] != ["COMPLETED"]:
        [told] = bulk.BulkReadOperations().get_bulk_read_job_details(job).get_object().get_data()
        states.append(told.get_state().get_value())
    file = bulk.BulkReadOperations().download_result(job).get_object().get_file()

    assert file.get_name() == f"{job}.zip"
    assert zipfile.is_zipfile(io.BytesIO(file.get_stream().content))
