"""What goes out to Pipedrive: one record to a call, a few calls at one time."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.pipedrive.causes import CAUSES
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.opening import Meter, Shared
from integrations.pipedrive.rows import Operation, Written
from integrations.pipedrive.writing import Line
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync.connector import Answer, Send
from integrations.wire.errors import DryRun, Misconfigured, RateLimited

from .conftest import signed_in


@pytest.fixture
def practice(small_practice: Callable[..., PracticePipedrive]) -> PracticePipedrive:
    return small_practice(12, contacts_per=1)


def body(practice: PracticePipedrive, kind: str, number: str) -> dict[str, Any]:
    with practice.book.transaction():
        record = practice.book.get(kind, number)
    assert record is not None
    return record.body


@pytest.mark.requirement("R8")
def test_standard_and_custom_fields_go_each_to_their_place(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    key = {name: practice.key("organization", name) for name in ("Lifecycle stage", "Modules", "Renewal date")}
    manager = practice.key("organization", "Customer success manager")
    values: dict[str, Any] = {
        "name": "Renamed", key["Lifecycle stage"]: "Growth", key["Modules"]: ("Portal", "Surveys"),
        manager: "ines.moreau@aldervale.example", "website": None,
    }  # fmt: skip

    [sent] = connector.write("customers", [Send("1", values=values)])

    now = body(practice, "organization", "1")
    fields = {one.key: one for one in practice.book.fields("organization")}
    assert sent.answer is Answer.DONE
    assert (now["name"], now["website"], now["custom_fields"][manager]) == ("Renamed", None, 25455001)
    assert now["custom_fields"][key["Lifecycle stage"]] == fields[key["Lifecycle stage"]].labelled("Growth")
    assert len(now["custom_fields"][key["Modules"]]) == 2


def test_list_is_cleared_and_an_unknown_option_is_refused_by_name(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    modules, stage = practice.key("organization", "Modules"), practice.key("organization", "Lifecycle stage")

    cleared, refused = connector.write(
        "customers", [Send("1", values={modules: ()}), Send("2", values={stage: "Nowhere"})]
    )  # fmt: skip

    assert cleared.answer is Answer.DONE
    assert body(practice, "organization", "1")["custom_fields"][modules] is None
    assert (refused.answer, refused.code, refused.fields) == (Answer.REFUSED, "UNKNOWN_OPTION", (stage,))
    assert "Lifecycle stage" in refused.message


def test_one_part_of_a_name_and_one_address_leave_the_others_as_they_are(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    practice.edit("person", "1", name="Ada Lovelace", emails=[
        {"value": "old@a.example", "label": "work", "primary": True}, {"value": "home@a.example", "label": "home"},
    ])  # fmt: skip

    connector.write("contacts", [Send("1", values={"last_name": "King", "emails": "new@a.example"})])

    now = body(practice, "person", "1")
    assert now["name"] == "Ada King"
    assert [(one["value"], one["label"], one["primary"]) for one in now["emails"]] == [
        ("new@a.example", "work", True),
        ("home@a.example", "home", False),
    ]


def test_each_record_has_an_answer_of_its_own_in_the_order_of_the_sends(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    practice.delete("organization", "3")
    practice.control(gone_as="404")
    sends = [Send(str(one), values={"name": f"Renamed {one}"}) for one in range(1, 11)]

    answers = connector.write("customers", sends)

    assert [sent.source_id for sent in answers] == [send.source_id for send in sends]
    assert [sent.answer for sent in answers].count(Answer.DONE) == 9
    assert answers[2].answer is Answer.GONE
    assert practice.calls()["update"] == 10


def test_deleted_twice_is_deleted(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    [first] = connector.write("contacts", [Send("1", delete=True)])
    [second] = connector.write("contacts", [Send("1", delete=True)])

    assert (first.answer, second.answer) == (Answer.DONE, Answer.DONE)


@pytest.mark.parametrize(
    "code",
    ["UNKNOWN_OPTION", "TIME_IN_A_DATE", "FRACTION_IN_A_WHOLE", "UNKNOWN_USER", "SEVERAL_USERS", "INACTIVE_USER"],
)
def test_every_value_that_is_not_sent_is_said_in_plain_words_with_its_cure(code: str) -> None:
    assert CAUSES[code].why
    assert CAUSES[code].cure


def test_nobody_and_whoever_left_are_refused_by_name(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    [sent] = connector.write("customers", [Send("1", values={"owner_id": "nobody@aldervale.example"})])

    assert (sent.answer, sent.code) == (Answer.REFUSED, "UNKNOWN_USER")


def test_access_that_ends_in_the_middle_loses_no_record(
    db: None, practice: PracticePipedrive, connector: PipedriveConnector
) -> None:
    practice.control(expire_after=5)

    answers = connector.write("customers", [Send(str(one), values={"name": f"N {one}"}) for one in range(1, 9)])

    assert {sent.answer for sent in answers} == {Answer.DONE}
    assert {body(practice, "organization", str(one))["name"] for one in range(1, 9)} == {f"N {n}" for n in range(1, 9)}


def test_waits_where_the_window_of_calls_has_no_room(connector: PipedriveConnector) -> None:
    pauses: list[float] = []
    client, auth = connector._opened
    connector.whoami()
    connector.meter.room = (1, 2.0)
    line = Line(client, auth, connector.meter, pauses.append)

    line.send_all([Written("organizations", Operation.UPDATE, {"name": f"N {one}"}, str(one)) for one in (1, 2)])

    assert pauses == [2.0]


def test_spent_day_ends_it_and_is_no_fault_of_a_record(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    connector.schema("customers")
    practice.control(quota_max=1000, quota_used=1000)

    with pytest.raises(RateLimited) as refused:
        connector.write("customers", [Send("1", values={"name": "N"})])

    assert refused.value.daily


def test_field_that_is_gone_stops_the_run(connector: PipedriveConnector) -> None:
    with pytest.raises(Misconfigured) as refused:
        connector.write("customers", [Send("1", values={"f" * 40: "x"})])

    assert (refused.value.code, refused.value.fields) == ("FIELD_GONE", ("f" * 40,))


def test_reader_writes_nothing_however_many_there_are(db: None, practice: PracticePipedrive) -> None:
    reader = PipedriveConnector(signed_in(practice), read_only=True)

    with pytest.raises(DryRun):
        reader.write("customers", [Send(str(one), values={"name": "N"}) for one in (1, 2, 3)])

    assert practice.calls()["update"] == 0


def test_key_finds_the_record_at_once_and_an_older_one_by_the_index(
    connector: PipedriveConnector, practice: PracticePipedrive, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice.control(index_lag=3600)
    key_field = connector.create_key_field("customers")
    sent = connector.write(
        "customers", [Send(key=f"k{one}", values={"name": f"M {one}"}) for one in (1, 2)], key_field=key_field
    )

    found = connector.find_by_key("customers", key_field, ["k1", "k2", "k3"])

    assert found == {"k1": sent[0].source_id, "k2": sent[1].source_id}
    assert practice.calls()["search"] == 0
    monkeypatch.setattr("integrations.pipedrive.writing.NEWEST", 1)
    practice.control(index_lag=0)
    # They are written side by side: which of them came first, only their numbers tell.
    key, older = min(found.items(), key=lambda pair: int(pair[1]))
    assert connector.find_by_key("customers", key_field, [key]) == {key: older}
    assert practice.calls()["search"] == 1


def test_field_of_another_type_is_never_taken_for_the_key(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    connector.client.create_field("organizationFields", {"field_name": "Skalin Sync ID", "field_type": "double"})

    with pytest.raises(Misconfigured) as refused:
        connector.create_key_field("customers")

    assert refused.value.code == "FIELD_TAKEN"


@pytest.mark.requirement("R96")
def test_whoever_may_not_make_fields_is_told_so(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    practice.control(may_not_customize=True)

    with pytest.raises(Misconfigured) as refused:
        connector.create_key_field("customers")

    assert refused.value.code == "FIELD_NOT_ALLOWED"


def test_sign_in_is_renewed_by_its_own_thread_only() -> None:
    class Auth:
        renewed = 0

        def headers(self) -> dict[str, str]:
            return {"x-api-token": str(self.renewed)}

        def renew(self, refused: Any) -> None:
            self.renewed += 1

        def secrets(self) -> tuple[str, ...]:
            return ()

    inner = Auth()
    shared = Shared(inner)
    shared.headers()
    with shared.away(), pytest.raises(Exception, match="UNAUTHORIZED"):
        shared.renew({})
    shared.renew({})

    assert inner.renewed == 1
    assert Meter().room is None
