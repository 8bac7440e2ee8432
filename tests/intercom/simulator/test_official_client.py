"""The vendor's own client for Python, unchanged, against the practice workspace: only its host and the version are set.

Version 5.0.1 has three oddities of its own: its searches bring page one for ever, its list of a contact's companies is
empty because it looks for another name, and it sends no version unless told.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import httpx
import pytest
from intercom import Intercom
from intercom.core.api_error import ApiError
from intercom.types import MultipleFilterSearchRequest, SingleFilterSearchRequest, StartingAfterPaging

from integrations.rehearsal.practice_intercom import PracticeIntercom


@pytest.fixture
def practice(small_crm: Callable[..., PracticeIntercom]) -> PracticeIntercom:
    return small_crm(7, contacts_per=2)


@pytest.fixture
def client(practice: PracticeIntercom) -> Iterator[Any]:
    token = practice.credentials.access_token
    # Its own pool of connections is closed by the garbage collector alone.
    with httpx.Client() as http:
        yield Intercom(
            token=token, base_url=practice.base_url, headers={"Intercom-Version": "2.15"}, httpx_client=http
        )  # fmt: skip


def test_who_am_i_and_my_colleagues(client: Any) -> None:
    me = client.admins.identify()

    assert (me.email, me.app.id_code, me.app.timezone) == ("ines.moreau@aldervale.example", "av3llde1", "Europe/Paris")
    assert me.id in {one.id for one in client.admins.list().admins}


def test_companies_are_scrolled_listed_and_found_by_their_id(client: Any, practice: PracticeIntercom) -> None:
    listed = list(client.companies.list(per_page=3))
    scrolled = client.companies.scroll()
    first = next(iter(scrolled))

    assert len(listed) == 7
    assert client.companies.retrieve(company_id=first.company_id).id == first.id
    assert client.companies.find(company_id=first.id).name == first.name


def test_company_is_made_and_changed_by_its_own_id(client: Any) -> None:
    made = client.companies.create_or_update(
        request={"company_id": "crm-1", "name": "Made", "website": "https://made.example"}
    )
    again = client.companies.create_or_update(request={"company_id": "crm-1", "name": "Renamed"})

    assert (made.id, again.name, again.website) == (again.id, "Renamed", "https://made.example")
    with pytest.raises(ApiError) as unknown:
        client.companies.retrieve(company_id="nobody")
    assert unknown.value.status_code == 404


def test_contacts_are_listed_by_cursor_and_searched_page_by_page_by_hand(client: Any) -> None:
    listed = list(client.contacts.list(per_page=5))
    query = MultipleFilterSearchRequest(
        operator="AND", value=[SingleFilterSearchRequest(field="role", operator="=", value="user")]
    )
    page = client.contacts.search(query=query, pagination=StartingAfterPaging(per_page=10))
    found = [one.id for one in islice(iter(page), 10)]
    following = page.response.pages.next.starting_after
    rest = client.contacts.search(
        query=query, pagination=StartingAfterPaging(per_page=10, starting_after=following)
    )  # fmt: skip
    found += [one.id for one in rest.items]

    assert len(listed) == 14
    assert sorted(found) == sorted(one.id for one in listed)


def test_contact_is_made_found_attached_and_archived(client: Any) -> None:
    made = client.contacts.create(request={"email": "new@made.example", "external_id": "p-1", "name": "New"})
    company = client.companies.create_or_update(request={"company_id": "crm-1", "name": "Made"})
    client.companies.attach_contact(contact_id=made.id, company_id=company.id)

    found = client.contacts.show_contact_by_external_id("p-1")
    people = client.companies.list_attached_contacts(company_id=company.id)

    assert (found.id, [one.id for one in people.data]) == (made.id, [made.id])
    with pytest.raises(ApiError) as twice:
        client.contacts.create(request={"email": "other@made.example", "external_id": "p-1"})
    assert (twice.value.status_code, made.id in str(twice.value.body)) == (409, True)
    assert client.contacts.archive(made.id).archived is True
    with pytest.raises(ApiError):
        client.contacts.find(made.id)


def test_conversation_is_begun_answered_and_read_with_its_replies(client: Any) -> None:
    person = next(iter(client.contacts.list()))
    begun = client.conversations.create(from_={"type": "user", "id": person.id}, body="Hello?")
    number = begun.conversation_id
    client.conversations.reply(
        number,
        request={"message_type": "comment", "type": "admin", "admin_id": client.admins.identify().id, "body": "Yes!"},
    )

    whole = client.conversations.find(number, display_as="plaintext")
    listed = client.conversations.list()

    assert whole.source.body == "Hello?"
    assert [one.body for one in whole.conversation_parts.conversation_parts] == ["Yes!"]
    assert number in {one.id for one in listed.items}


def test_attribute_is_made_once_and_written(client: Any) -> None:
    client.data_attributes.create(request={"name": "hubspot_id", "model": "company", "data_type": "string"})
    with pytest.raises(ApiError) as twice:
        client.data_attributes.create(request={"name": "hubspot_id", "model": "contact", "data_type": "string"})

    changed = client.companies.create_or_update(
        request={"company_id": "crm-1", "name": "Made", "custom_attributes": {"hubspot_id": "8841"}}
    )

    assert "You already have 'hubspot_id'" in str(twice.value.body)
    assert changed.custom_attributes == {"hubspot_id": "8841"}
    names = {one.name for one in client.data_attributes.list(model="company").data}
    assert {"company_id", "hubspot_id"} <= names


def test_wrong_token_is_refused(practice: PracticeIntercom) -> None:
    with httpx.Client() as http:
        stranger = Intercom(token="nobody", base_url=practice.base_url, httpx_client=http)

        with pytest.raises(ApiError) as refused:
            stranger.admins.identify()

    assert refused.value.status_code == 401
