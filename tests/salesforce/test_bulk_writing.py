import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce import bulk_writing
from integrations.salesforce.bulk_writing import in_csv
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.salesforce.rows import Row
from integrations.salesforce.verdicts import verdict_of_job
from integrations.sync.connector import Answer, Send, Sent
from integrations.wire.errors import Misconfigured, Transient

from .conftest import signed_in
from .writes import KEY, change, count, ids, made, row, with_key

DONE, REFUSED, BUSY, EXISTS, GONE = Answer.DONE, Answer.REFUSED, Answer.BUSY, Answer.EXISTS, Answer.GONE


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_writing, "PAUSES", (0.0, 0.0))


def test_ten_thousand_updates_take_a_handful_of_calls(
    small_practice: Callable[..., PracticeSalesforce], db: None
) -> None:
    practice = small_practice(10_000, contacts_per=0)
    connector = SalesforceConnector(signed_in(practice))
    sends = [change(one, Phone=f"+33 {place}") for place, one in enumerate(all_ids(practice))]
    practice.forget_calls()

    answers = connector.bulk_answers(connector.start_bulk("customers", sends), sends)

    assert len(sends) == 10_000
    assert answers == [Sent(DONE, send.source_id) for send in sends]
    assert row(practice, sends[7].source_id, "Phone") == {"Phone": "+33 7"}
    # Opened, filled, closed; looked at; its two lists of results.
    assert practice.calls() == {"describe": 1, "bulk": 6}
    assert connector.calls["bulk"] == 6


@pytest.mark.requirement("F25")
def test_each_record_gets_its_own_word_in_the_order_of_the_sends(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    first, second, third = ids(practice, 3)
    practice.delete("Account", second)
    sends = [
        change(third, NumberOfEmployees=123_456_789),
        change(first, Phone=None, Description="a, “b”\n;c"),
        change(second, Phone="2"),
        Send("001Pr0000zzzzzzAAA", values={"Phone": "3"}),
        Send(first[:-1] + "9", values={"Owner.Email": "nobody@elsewhere.example"}),
    ]

    answers = write_by_bulk(connector, sends)

    assert [(one.answer, one.code, one.fields) for one in answers] == [
        (REFUSED, "NUMBER_OUTSIDE_VALID_RANGE", ("NumberOfEmployees",)),
        (DONE, "", ()),
        (GONE, "ENTITY_IS_DELETED", ()),
        (GONE, "NOT_FOUND", ()),
        (REFUSED, "UNKNOWN_USER", ("Owner.Email",)),
    ]
    assert row(practice, first, "Phone", "Description") == {"Phone": None, "Description": "a, “b”\n;c"}


def test_what_a_record_does_not_name_stays_as_it_was(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    first, second = ids(practice, 2)
    practice.edit("Account", first, Phone="kept", Website="https://kept.example")

    write_by_bulk(connector, [change(first, Website=None), change(second, Phone="2")])

    assert row(practice, first, "Phone", "Website") == {"Phone": "kept", "Website": None}


@pytest.mark.requirement("F5")
def test_creates_by_key_are_made_once_and_known_by_their_key(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "customers")
    sends = [made(f"skalin-{n}", Name=f"Bulk {n}", Is_Strategic__c=True) for n in range(3)]

    first = write_by_bulk(connector, sends, KEY)
    # The process died before the token was kept: another one sends the same again.
    again = write_by_bulk(connector, sends, KEY)

    assert [one.answer for one in first] == [DONE] * 3
    assert [one.source_id for one in again] == [one.source_id for one in first]
    assert count(practice, "Name LIKE 'Bulk %'") == 3
    assert [row(practice, one.source_id, "Name")["Name"] for one in first] == ["Bulk 0", "Bulk 1", "Bulk 2"]


@pytest.mark.requirement("F5")
def test_what_an_earlier_attempt_made_is_found_again_at_the_end(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "customers")
    [earlier] = connector.write("customers", [made("skalin-1", Name="Before")], key_field=KEY)
    handed_over = [change(earlier.source_id, Name="After"), made("skalin-2", Name="New")]

    token = connector.start_bulk("customers", handed_over, key_field=KEY)
    answers = connector.bulk_answers(token, [made("skalin-1", Name="After"), made("skalin-2", Name="New")])

    assert answers is not None
    assert [one.answer for one in answers] == [DONE, DONE]
    assert answers[0].source_id == earlier.source_id
    assert count(practice, "Name IN ('After', 'New')") == 2


def test_contacts_by_bulk_hang_on_their_customer_and_go_again(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    with_key(connector, "contacts")
    [account] = ids(practice, 1)
    sends = [Send(key=f"k{n}", values={"LastName": f"Bulk {n}", "@customer": account}) for n in range(2)]

    new = write_by_bulk(connector, sends, KEY, data_type="contacts")
    assert count(practice, f"AccountId = '{account}' AND LastName LIKE 'Bulk %'", "Contact") == 2
    gone = write_by_bulk(connector, [Send(one.source_id, delete=True) for one in new], data_type="contacts")

    assert [one.answer for one in (*new, *gone)] == [DONE] * 4
    assert count(practice, f"AccountId = '{account}' AND LastName LIKE 'Bulk %'", "Contact") == 0


@pytest.mark.requirement("F12")
def test_another_process_takes_an_unfinished_job_over_by_its_token(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    [account] = ids(practice, 1)
    sends = [change(account, Phone="5")]
    practice.control(bulk_looks=4)
    token = SalesforceConnector(connection).start_bulk("customers", sends)

    unfinished = SalesforceConnector(connection).bulk_answers(token, sends)
    finished = SalesforceConnector(connection).bulk_answers(token, sends)

    assert unfinished is None
    assert finished == [Sent(DONE, account)]


def test_what_a_stopped_job_did_not_reach_is_tried_again(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    first, second = ids(practice, 2)
    practice.control(bulk_stops_after=1)

    answers = write_by_bulk(connector, [change(first, Phone="1"), change(second, Phone="2")])

    assert [(one.answer, one.code) for one in answers] == [(DONE, ""), (BUSY, "NOT_PROCESSED")]


def test_a_job_that_somebody_removed_is_begun_again(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    [account] = ids(practice, 1)
    sends = [change(account, Phone="1")]
    token = connector.start_bulk("customers", sends)
    with practice.store.transaction():
        practice.store.execute("DELETE FROM _job")

    answers = connector.bulk_answers(token, sends)

    assert answers is not None
    assert [(one.answer, one.source_id) for one in answers] == [(BUSY, account)]


@pytest.mark.requirement("F24")
def test_a_column_that_salesforce_lost_stops_the_run_and_names_it(
    connector: SalesforceConnector, practice: PracticeSalesforce
) -> None:
    [account] = ids(practice, 1)
    connector.described("customers")
    practice.control(remove_fields=["Account.Segment__c"])

    with pytest.raises(Misconfigured) as stopped:
        write_by_bulk(connector, [change(account, Segment__c="SMB")])

    assert "Segment__c" in stopped.value.message


@pytest.mark.requirement("F5", "F6")
def test_lost_answers_on_the_way_do_no_harm(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    with_key(connector, "customers")
    connector.described("customers")
    # Every second answer about the job is lost, whatever it did.
    for place in range(6):
        practice.control(truncate=1, kinds=["bulk"])
        answers = write_by_bulk(connector, [made(f"skalin-{place}", Name=f"Lost {place}")], KEY)
        assert [one.answer for one in answers] == [DONE]

    practice.control(reset=3, kinds=["bulk"])
    answers = write_by_bulk(connector, [made("skalin-9", Name="Lost 9")], KEY)

    assert [one.answer for one in answers] == [DONE]
    assert count(practice, "Name LIKE 'Lost %'") == 7


def test_without_a_key_nothing_is_made_by_bulk(connector: SalesforceConnector, practice: PracticeSalesforce) -> None:
    with pytest.raises(Misconfigured) as stopped:
        connector.start_bulk("customers", [made(Name="Not to be told apart")])

    assert stopped.value.code == "BULK_NEEDS_KEY"
    assert count(practice, "Name LIKE 'Not to be%'") == 0


def test_large_batches_are_several_jobs_of_a_size_that_can_be_answered(
    connector: SalesforceConnector, practice: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_writing, "LARGEST_UPLOAD", 2000)
    sends = [change(one, Description="x" * 400) for one in ids(practice, 5)]
    token = connector.start_bulk("customers", sends)

    answers = connector.bulk_answers(token, sends)

    assert len(bulk_writing.Token.read(token).jobs) == 5
    assert answers == [Sent(DONE, send.source_id) for send in sends]


def test_a_list_of_results_that_was_cut_short_is_not_believed(
    connector: SalesforceConnector, practice: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    sends = [change(one, Phone="1") for one in ids(practice, 3)]
    token = connector.start_bulk("customers", sends)
    whole = connector.client.session.send

    def cut(request: Any) -> Any:
        reply = whole(request)
        if request.url.endswith("successfulResults"):
            return type(reply)(reply.status, reply.headers, reply.content[: reply.content.rindex(b"\n", 0, -1) + 1])
        return reply

    monkeypatch.setattr(connector.client.session, "send", cut)

    with pytest.raises(Transient):
        connector.bulk_answers(token, sends)


def test_every_text_stands_in_its_own_cell() -> None:
    awkward = 'quote " comma, \r\n line \r alone'

    content = in_csv(
        [Row("Account", {"Name": awkward, "Phone": None}, id="001"), Row("Account", {"Is__c": False}, id="002")]
    )

    rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    assert rows == [
        {"Id": "001", "Name": awkward, "Phone": "#N/A", "Is__c": ""},
        {"Id": "002", "Name": "", "Phone": "", "Is__c": "false"},
    ]


@pytest.mark.parametrize(
    ("told", "answer", "code", "fields"),
    [
        ("REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --", REFUSED, "REQUIRED_FIELD_MISSING", ("Name",)),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION:Not: like this:A__c,B__c --", REFUSED, "FIELD_CUSTOM_VALIDATION_EXCEPTION", ("A__c", "B__c")),
        ("DUPLICATE_VALUE:duplicate value found: X__c duplicates value on record with id: 001000000000001:--", EXISTS, "DUPLICATE_VALUE", ()),
        ("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records: 001:--", BUSY, "UNABLE_TO_LOCK_ROW", ()),
        ("SOMETHING:with: colons", REFUSED, "SOMETHING", ()),
        ("JUST_A_CODE", REFUSED, "JUST_A_CODE", ()),
    ],
)  # fmt: skip
def test_the_words_of_a_failed_row_are_taken_apart(
    told: str, answer: Answer, code: str, fields: tuple[str, ...]
) -> None:
    sent = verdict_of_job(Row("Account", {"Name": "x"}, key="k", key_field=KEY, key_finds=True), told)

    assert (sent.answer, sent.code, sent.fields) == (answer, code, fields)
    assert sent.message == told.partition(":")[2].removesuffix("--").rstrip().removesuffix(":" + ",".join(fields))


def write_by_bulk(
    connector: SalesforceConnector, sends: list[Send], key_field: str = "", *, data_type: str = "customers"
) -> list[Sent]:
    answers = connector.bulk_answers(connector.start_bulk(data_type, sends, key_field=key_field), sends)
    assert answers is not None
    return list(answers)


def all_ids(practice: PracticeSalesforce) -> list[str]:
    with practice.store.transaction():
        return [found[0] for found in practice.store.execute('SELECT "Id" FROM "Account" ORDER BY "Id"')]
