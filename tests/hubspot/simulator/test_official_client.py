"""The vendor's own client for Python, unchanged, against the practice portal: only its host is set."""

from collections.abc import Iterator
from typing import Any

import hubspot  # type: ignore[import-untyped]
import pytest
from hubspot.crm.associations.v4 import (  # type: ignore[import-untyped]
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
)
from hubspot.crm.companies import (  # type: ignore[import-untyped]
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchReadInputSimplePublicObjectId,
    PublicMergeInput,
    PublicObjectSearchRequest,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.companies.exceptions import ApiException  # type: ignore[import-untyped]
from hubspot.crm.contacts import BatchInputSimplePublicObjectBatchInputUpsert  # type: ignore[import-untyped]
from hubspot.crm.deals.exceptions import ApiException as DealsApiException  # type: ignore[import-untyped]
from hubspot.crm.lists import ListSearchRequest  # type: ignore[import-untyped]
from hubspot.crm.objects.notes import SimplePublicObjectInputForCreate as NewNote  # type: ignore[import-untyped]
from hubspot.crm.properties import PropertyCreate  # type: ignore[import-untyped]
from hubspot.crm.properties.exceptions import ApiException as PropertiesApiException  # type: ignore[import-untyped]

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .signing_in import CALLBACK, code


@pytest.fixture
def client(crm: PracticeHubSpot) -> Iterator[Any]:
    # Its connection pools are closed only by the garbage collector.
    return hubspot.Client.create(access_token=crm.credentials.access_token, host=crm.base_url)


pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def test_all_companies_page_by_page(client: Any) -> None:
    assert len(client.crm.companies.get_all()) == 12
    assert len(client.crm.companies.get_all(limit=5)) == 5


def test_company_with_its_contacts(client: Any) -> None:
    first = client.crm.companies.basic_api.get_page(limit=1, properties=["name", "csm"]).results[0]

    one = client.crm.companies.basic_api.get_by_id(first.id, associations=["contacts"])

    assert first.properties["name"] == one.properties["name"]
    assert {each.type for each in one.associations["contacts"].results} == {
        "company_to_contact",
        "company_to_contact_unlabeled",
    }


def test_create_change_archive(client: Any) -> None:
    api = client.crm.companies.basic_api

    made = api.create(SimplePublicObjectInputForCreate(properties={"name": "X"}, associations=[]))
    changed = api.update(made.id, SimplePublicObjectInput(properties={"name": "Y"}))
    api.archive(made.id)

    assert (made.properties["name"], changed.properties["name"]) == ("X", "Y")
    with pytest.raises(ApiException) as refused:
        api.get_by_id(made.id)
    assert refused.value.status == 404


def test_search(client: Any) -> None:
    filters = [{"propertyName": "lifecyclestage", "operator": "IN", "values": ["customer", "evangelist"]}]
    request = PublicObjectSearchRequest(
        filter_groups=[{"filters": filters}], sorts=["hs_object_id"], properties=["lifecyclestage"], limit=2, after="0"
    )

    found = client.crm.companies.search_api.do_search(request)

    assert found.total > 2
    assert {one.properties["lifecyclestage"] for one in found.results} <= {"customer", "evangelist"}
    assert found.paging.next.after == "2"


def test_batches(client: Any) -> None:
    api = client.crm.companies.batch_api
    inputs = [{"properties": {"name": f"B{n}"}, "associations": [], "objectWriteTraceId": str(n)} for n in range(3)]

    made = api.create(BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs))
    changes = [{"id": one.id, "properties": {"city": "Ghent"}} for one in made.results]
    changed = api.update(BatchInputSimplePublicObjectBatchInput(inputs=changes))
    wanted = [{"id": one.id} for one in made.results]
    read = api.read(BatchReadInputSimplePublicObjectId(inputs=wanted, properties=["city"], properties_with_history=[]))
    some = api.read(
        BatchReadInputSimplePublicObjectId(inputs=[*wanted, {"id": "1"}], properties=[], properties_with_history=[])
    )

    assert {one.object_write_trace_id for one in made.results} == {"0", "1", "2"}
    assert len(changed.results) == 3
    assert {one.properties["city"] for one in read.results} == {"Ghent"}
    assert (some.num_errors, some.errors[0].category) == (1, "OBJECT_NOT_FOUND")


def test_upsert(client: Any) -> None:
    inputs = [
        {
            "idProperty": "email",
            "id": "ada@x.example",
            "properties": {"firstname": "Ada"},
            "objectWriteTraceId": "row-1",
        }
    ]
    api = client.crm.contacts.batch_api

    twice = [api.upsert(BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs)).results[0] for _ in range(2)]

    assert [one.new for one in twice] == [True, False]
    assert twice[0].id == twice[1].id


def test_merge(client: Any) -> None:
    one, other = (each.id for each in client.crm.companies.basic_api.get_page(limit=2).results)

    merged = client.crm.companies.basic_api.merge(PublicMergeInput(object_id_to_merge=other, primary_object_id=one))

    assert client.crm.companies.basic_api.get_by_id(one).id == merged.id


def test_associations(client: Any) -> None:
    company = client.crm.companies.basic_api.get_page(limit=1).results[0].id
    contact = client.crm.contacts.basic_api.get_page(limit=1).results[0].id
    api = client.crm.associations.v4.batch_api
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]

    made = api.create(
        "contacts", "companies",
        BatchInputPublicAssociationMultiPost(inputs=[{"from": {"id": contact}, "to": {"id": company}, "types": types}]),
    )  # fmt: skip
    read = api.get_page(
        "companies", "contacts",
        batch_input_public_fetch_associations_batch_request=BatchInputPublicFetchAssociationsBatchRequest(
            inputs=[{"id": company}]),
    )  # fmt: skip

    assert made.results[0].to_object_id == int(company) or str(made.results[0].to_object_id) == company
    assert contact in {str(each.to_object_id) for each in read.results[0].to}


def test_note_on_a_company(client: Any) -> None:
    company = client.crm.companies.basic_api.get_page(limit=1).results[0].id
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 190}]
    values = {"hs_timestamp": "2026-11-01T10:00:00Z", "hs_note_body": "<p>Hello</p>"}

    made = client.crm.objects.notes.basic_api.create(
        NewNote(properties=values, associations=[{"to": {"id": company}, "types": types}])
    )

    linked = client.crm.objects.notes.basic_api.get_by_id(made.id, associations=["companies"])
    assert linked.associations["companies"].results[0].id == company


def test_owners_pipelines_and_lists(client: Any) -> None:
    owners = client.crm.owners.owners_api.get_page(limit=100)
    pipelines = client.crm.pipelines.pipelines_api.get_all("deals")
    lists = client.crm.lists.lists_api.do_search(
        ListSearchRequest(
            query="", offset=0, count=100, processing_types=[], list_ids=[], additional_properties=[], sort=""
        )
    )
    one = client.crm.lists.lists_api.get_by_id("11")
    members = client.crm.lists.memberships_api.get_page("11", limit=250)

    assert len(owners.results) == 12
    assert [each.label for each in pipelines.results] == ["Sales Pipeline", "Renewals"]
    assert lists.total == 5
    assert one.list.name == "Active customers (CS)"
    assert len(members.results) > 2


def test_properties(client: Any) -> None:
    given = PropertyCreate(
        name="healthscore", label="Health", type="number", field_type="number", group_name="companyinformation"
    )

    made = client.crm.properties.core_api.create("companies", given)

    assert made.name in {one.name for one in client.crm.properties.core_api.get_all("companies").results}
    with pytest.raises(PropertiesApiException) as refused:
        client.crm.properties.core_api.create("companies", given)
    assert refused.value.status == 409


def test_sign_in(crm: PracticeHubSpot) -> None:
    api = hubspot.Client.create(host=crm.base_url).oauth.tokens_api
    client = {"client_id": crm.credentials.client_id, "client_secret": crm.credentials.client_secret}

    first = api.create(grant_type="authorization_code", code=code(crm), redirect_uri=CALLBACK, **client)
    second = api.create(grant_type="refresh_token", refresh_token=first.refresh_token, **client)
    about = hubspot.Client.create(host=crm.base_url).oauth.access_tokens_api.get(second.access_token)

    mine = hubspot.Client.create(access_token=second.access_token, host=crm.base_url)
    assert first.refresh_token == second.refresh_token
    assert (about.hub_id, about.token_type) == (147_000_321, "access")
    assert len(mine.crm.companies.basic_api.get_page(limit=3).results) == 3
    with pytest.raises(DealsApiException) as refused:
        mine.crm.deals.basic_api.get_page()
    assert refused.value.status == 403


def test_limit_is_waited_for_by_the_client(crm: PracticeHubSpot) -> None:
    from urllib3.util.retry import Retry

    crm.control(burst=2)
    retry = Retry(total=3, status_forcelist=(429,), backoff_factor=0.01)
    client = hubspot.Client.create(access_token=crm.credentials.access_token, host=crm.base_url, retry=retry)

    assert len(client.crm.companies.basic_api.get_page().results) == 10
