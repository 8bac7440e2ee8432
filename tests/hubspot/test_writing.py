"""What goes out to a portal: batches, one bad value among them, and what HubSpot does without a word."""

from typing import Any

import pytest

from integrations.hubspot import keyfield
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.connector import Answer, Send
from integrations.wire.errors import Misconfigured

KEY = keyfield.KEY_NAME


@pytest.fixture
def connector(connection: HubSpotConnection) -> HubSpotConnector:
    return HubSpotConnector(connection)


def body(portal: PracticeHubSpot, record_id: str, kind: str = "companies") -> dict[str, Any]:
    found = portal.record(kind, record_id)
    assert found is not None
    return found


def customers(connector: HubSpotConnector, number: int) -> list[str]:
    found = connector.client.search("companies", connector.conditions("customers"), ["name"], limit=number)
    return [str(row["id"]) for row in found.results]


def test_hundred_changes_go_in_one_call(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    ids = customers(connector, 100)
    connector.fields("customers")
    portal.forget_calls()

    told = connector.write("customers", [Send(one, values={"name": f"Renamed {one}"}) for one in ids])

    assert portal.calls() == {"batch_update": 1}
    assert {(one.answer, one.source_id) for one in told} == {(Answer.DONE, one) for one in ids}
    assert body(portal, ids[7])["name"] == f"Renamed {ids[7]}"


def test_one_bad_value_refuses_its_own_record_and_the_others_go(
    connector: HubSpotConnector, portal: PracticeHubSpot
) -> None:
    ids = customers(connector, 20)
    sends = [Send(one, values={"name": f"Renamed {one}"}) for one in ids]
    sends[3] = Send(ids[3], values={"name": "Bad", "industry": "NO_SUCH_TRADE"})
    connector.fields("customers")
    portal.forget_calls()

    told = connector.write("customers", sends)

    assert [place for place, one in enumerate(told) if one.answer is not Answer.DONE] == [3]
    assert (told[3].answer, told[3].code, told[3].fields) == (Answer.REFUSED, "INVALID_OPTION", ("industry",))
    # All of them, then the suspect and the rest apart.
    assert portal.calls() == {"batch_update": 3}


def test_record_that_is_gone_is_told_apart(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    first, second = customers(connector, 2)
    portal.delete("companies", second)

    told = connector.write("customers", [Send(one, values={"name": "Renamed"}) for one in (first, second)])

    assert [one.answer for one in told] == [Answer.DONE, Answer.GONE]


def test_colleague_is_sent_by_his_owner_number_and_an_unknown_one_is_refused(
    connector: HubSpotConnector, portal: PracticeHubSpot
) -> None:
    first, second = customers(connector, 2)
    owner = connector.owners.active[0]

    told = connector.write("customers", [
        Send(first, values={"csm": str(owner["email"])}), Send(second, values={"csm": "nobody@aldervale.example"}),
    ])  # fmt: skip

    assert [one.answer for one in told] == [Answer.DONE, Answer.REFUSED]
    assert body(portal, first)["csm"] == owner["id"]
    assert told[1].code == "UNKNOWN_OWNER"


def test_stage_goes_back_although_hubspot_lets_it_only_go_forward(
    connector: HubSpotConnector, portal: PracticeHubSpot
) -> None:
    made = portal.create("companies", name="Was an evangelist", lifecyclestage="evangelist")

    [told] = connector.write("customers", [Send(made, values={"lifecyclestage": "opportunity"})])

    assert told.answer is Answer.DONE
    assert body(portal, made)["lifecyclestage"] == "opportunity"


def test_made_twice_with_one_key_stands_there_once_and_in_scope(
    connector: HubSpotConnector, portal: PracticeHubSpot
) -> None:
    path = connector.create_key_field("customers")
    send = Send(key="ours-1", values={"name": "Made here"})

    first = connector.write("customers", [send], key_field=path)
    second = connector.write("customers", [send], key_field=path)

    assert path == KEY
    assert first[0].source_id == second[0].source_id
    assert body(portal, first[0].source_id)["lifecyclestage"] == "customer"
    assert connector.find_by_key("customers", path, ["ours-1", "ours-2"]) == {"ours-1": first[0].source_id}


def test_contact_whose_address_is_taken_is_linked_to_the_one_that_has_it(
    connector: HubSpotConnector, portal: PracticeHubSpot
) -> None:
    path = connector.create_key_field("contacts")
    [company] = customers(connector, 1)
    there = portal.create("contacts", lastname="There", email="taken@there.example")

    [told] = connector.write(
        "contacts",
        [Send(key="ours-1", values={"lastname": "New", "email": "taken@there.example", "@customer": company})],
        key_field=path,
    )

    assert (told.answer, told.source_id) == (Answer.EXISTS, there)


def test_new_contact_is_tied_to_its_company(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    path = connector.create_key_field("contacts")
    [company] = customers(connector, 1)

    [told] = connector.write(
        "contacts", [Send(key="ours-1", values={"lastname": "New", "@customer": company})], key_field=path
    )

    assert body(portal, told.source_id, "contacts")["associatedcompanyid"] == company


def test_deleted_twice_is_done_twice(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    [one] = customers(connector, 1)

    told = [
        *connector.write("customers", [Send(one, delete=True)]),
        *connector.write("customers", [Send(one, delete=True)]),
    ]

    assert [answer.answer for answer in told] == [Answer.DONE, Answer.DONE]
    assert portal.record("companies", one) is None


def test_property_for_the_key_needs_a_scope_of_its_own(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    portal.control(withheld_scopes=["crm.schemas.companies.write"])

    with pytest.raises(Misconfigured) as refused:
        connector.create_key_field("customers")

    assert refused.value.code == "FIELD_NOT_ALLOWED"


def test_without_its_key_property_nothing_is_made(connector: HubSpotConnector, portal: PracticeHubSpot) -> None:
    portal.forget_calls()

    with pytest.raises(Misconfigured) as refused:
        connector.write("customers", [Send(key="ours-1", values={"name": "Made"})], key_field="gone_by_now")

    assert refused.value.code == "KEY_FIELD_GONE"
    assert "batch_upsert" not in portal.calls()
