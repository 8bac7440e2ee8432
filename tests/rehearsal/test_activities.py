import base64

import pytest
from simple_salesforce.exceptions import SalesforceError

from integrations.rehearsal.activities import activities
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.rehearsal.world import world

from .conftest import signed_in


def test_customers_have_a_history_and_nobody_else() -> None:
    companies = {company.number: company for company in world().companies()}
    found = list(activities(world()))

    assert len(found) > 300
    assert {one.kind for one in found} >= {"call", "meeting", "email", "old email", "note", "paper note", "task note"}
    assert all("customer" in companies[one.company].relation for one in found)
    assert list(activities(world(50))) == []


def test_old_activities_are_in_the_archive(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    shown = sf.query("SELECT COUNT() FROM Task")["totalSize"]

    archived = sf.query("SELECT COUNT() FROM Task WHERE IsArchived = true", include_deleted=True)["totalSize"]
    everything = sf.query("SELECT COUNT() FROM Task WHERE IsDeleted = false", include_deleted=True)["totalSize"]

    assert 0 < archived < everything
    assert shown == everything - archived


def test_logged_email_gets_a_closed_task_and_is_not_changed_again(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    account = sf.query("SELECT Id FROM Account LIMIT 1")["records"][0]["Id"]
    made = sf.EmailMessage.create({"Subject": "Hello", "TextBody": "Words", "RelatedToId": account, "Status": "3"})

    message = sf.EmailMessage.get(made["id"])
    task = sf.Task.get(message["ActivityId"])

    assert (task["Subject"], task["TaskSubtype"], task["IsClosed"]) == ("Email: Hello", "Email", True)
    assert (task["AccountId"], task["Description"]) == (account, "Words")
    with pytest.raises(SalesforceError, match="INSUFFICIENT_ACCESS_OR_READONLY"):
        sf.EmailMessage.update(made["id"], {"Subject": "Other"})


def test_note_is_a_document_with_links(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    account = sf.query("SELECT Id FROM Account LIMIT 1")["records"][0]["Id"]
    content = base64.b64encode("<p>Grüße &amp; more</p>".encode()).decode()
    note = sf.ContentNote.create({"Title": "A note", "Content": content})["id"]
    sf.ContentDocumentLink.create({"ContentDocumentId": note, "LinkedEntityId": account, "ShareType": "V"})

    links = sf.query(
        f"SELECT ContentDocument.Title, ContentDocument.FileType FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'"
        f" AND ContentDocumentId = '{note}'"
    )["records"]

    assert [link["ContentDocument"]["Title"] for link in links] == ["A note"]
    assert sf.ContentNote.get(note)["TextPreview"] == "Grüße & more"
    answer = sf._call_salesforce("GET", f"{sf.base_url}sobjects/ContentNote/{note}/Content")
    assert answer.content.decode() == "<p>Grüße &amp; more</p>"
    sf.ContentNote.delete(note)
    assert sf.query(f"SELECT COUNT() FROM ContentDocument WHERE Id = '{note}'")["totalSize"] == 0


def test_links_are_listed_for_named_records_only(practice: PracticeSalesforce) -> None:
    with pytest.raises(SalesforceError, match="requires a filter by a single Id"):
        signed_in(practice).query("SELECT Id FROM ContentDocumentLink")


def test_event_says_its_end_by_its_length(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    made = sf.Event.create({"Subject": "Review", "StartDateTime": "2026-05-06T09:00:00Z", "DurationInMinutes": 45})[
        "id"
    ]

    assert sf.Event.get(made)["EndDateTime"] == "2026-05-06T09:45:00.000+0000"
    with pytest.raises(SalesforceError, match="DurationInMinutes"):
        sf.Event.create({"Subject": "Endless", "StartDateTime": "2026-05-06T09:00:00Z"})


def test_feature_that_is_off_is_no_object(practice: PracticeSalesforce) -> None:
    practice.control(remove_objects=["EmailMessage"])
    sf = signed_in(practice)

    assert "EmailMessage" not in {one["name"] for one in sf.describe()["sobjects"]}
    with pytest.raises(SalesforceError, match="INVALID_TYPE"):
        sf.query("SELECT Id FROM EmailMessage")
