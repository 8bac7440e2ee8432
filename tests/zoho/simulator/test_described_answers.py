"""Our answers held against the vendor's newest description of its v8 API."""

from typing import Any

import pytest

from .caller import Caller
from .recorded import needs_recordings
from .schemas import Description

pytestmark = needs_recordings
AN_ACCOUNT, ANOTHER, A_CONTACT = "4821730000001000001", "4821730000001000002", "4821730000003000001"
RECORD, RECORDS = "/{module}/{recordID}", "/{module}"
NOTES = "/{parentRecordModule}/{parentRecordId}/Notes"
RELATED = "/{parentRecordModule}/{parentRecord}/{relatedList}"
MERGE = "/{module}/{masterRecordId}/actions/merge"
# Where the description contradicts recorded answers or itself, the recorded answer is followed.
DEPARTURES = {
    "$.info.previous_page_token is a NoneType, not string", "$.data[].Created_By has email as well",
    "$.data[].Modified_By has email as well", "$.data[] has action as well", "$.data[] has duplicate_field as well",
    "$.fields[].pick_list_values[].colour_code is a NoneType, not string",
    *(f"$.custom_views[].{name} is a NoneType, not string" for name in ("created_time", "modified_time",
    "last_accessed_time")),
    *(f"$.custom_views[].{name} is a NoneType, not object" for name in ("created_by", "modified_by")),
}  # fmt: skip

CASES: tuple[tuple[str, str, str, str, Any, int], ...] = (
    ("record.json", RECORDS, "GET", "Accounts?fields=Account_Name,Owner&per_page=2", None, 200),
    ("record.json", RECORD, "GET", f"Accounts/{AN_ACCOUNT}", None, 200),
    ("record.json", RECORDS, "POST", "Accounts", {"data": [{"Account_Name": "A"}]}, 201),
    ("record.json", RECORDS, "POST", "Accounts", {"data": [{"Phone": "1"}]}, 400),
    ("record.json", RECORDS, "PUT", "Accounts", {"data": [{"id": AN_ACCOUNT, "Phone": "1"}]}, 200),
    ("record.json", "/{module}/upsert", "POST", "Accounts/upsert", {"data": [{"Account_Name": "A"}]}, 200),
    ("record.json", RECORDS, "DELETE", f"Accounts?ids={AN_ACCOUNT},{ANOTHER}", None, 200),
    ("notes.json", "/Notes", "POST", "Notes",
     {"data": [{"Note_Content": "n", "Parent_Id": {"id": AN_ACCOUNT, "module": {"api_name": "Accounts"}}}]}, 201),
    ("related-records.json", RELATED, "GET", f"Accounts/{AN_ACCOUNT}/Contacts?fields=Last_Name", None, 200),
    ("module-search.json", "/{module}/search", "GET", "Contacts/search?word=ex&fields=Last_Name", None, 200),
    ("module-search.json", "/{module}/search", "GET", "Accounts/search", None, 400),
    ("coql.json", "/coql", "POST", "coql", {"select_query": "select Owner from Accounts where id is not null"}, 200),
    ("coql.json", "/coql", "POST", "coql", {"select_query": "select Owner from Accounts"}, 400),
    ("record-count.json", "/{moduleApiName}/actions/count", "GET", "Accounts/actions/count", None, 200),
    ("fields.json", "/settings/fields", "GET", "settings/fields?module=Accounts", None, 200),
    ("fields.json", "/settings/fields", "POST", "settings/fields?module=Accounts",
     {"fields": [{"field_label": "A", "data_type": "text"}]}, 201),
    ("fields.json", "/settings/fields", "POST", "settings/fields?module=Accounts",
     {"fields": [{"field_label": "Industry", "data_type": "text"}]}, 400),
    ("modules.json", "/settings/modules", "GET", "settings/modules", None, 200),
    ("layouts.json", "/settings/layouts", "GET", "settings/layouts?module=Deals", None, 200),
    ("custom-views.json", "/settings/custom_views", "GET", "settings/custom_views?module=Accounts", None, 200),
    ("related-lists.json", "/settings/related_lists", "GET", "settings/related_lists?module=Accounts", None, 200),
    ("users.json", "/users", "GET", "users", None, 200),
    ("org.json", "/org", "GET", "org", None, 200),
    ("find-and-merge.json", MERGE, "POST", f"Accounts/{AN_ACCOUNT}/actions/merge",
    {"merge": [{"data": [{"id": ANOTHER}]}]}, 200),
    ("find-and-merge.json", MERGE, "POST", f"Accounts/{AN_ACCOUNT}/actions/merge", {"merge": [{"data": [{"id": "1"}]}]},
    400),
    ("notifications.json", "/actions/watch", "POST", "actions/watch",
     {"watch": [{"channel_id": "1", "events": ["Accounts.all"], "notify_url": "https://x.example"}]}, 201),
    ("bulk-read.json", "/read", "POST", "bulk/read", {"query": {"module": {"api_name": "Contacts"}}}, 201),
)  # fmt: skip


@pytest.mark.parametrize(("name", "described", "method", "path", "body", "status"), CASES)
def test_answer_is_as_described(
    api: Caller, name: str, described: str, method: str, path: str, body: Any, status: int
) -> None:
    answer = api.call(method, path, json=body)

    assert answer.status_code == status, answer.text
    complaints = Description(name).complaints(described, method.lower(), status, answer.json())
    assert [one for one in complaints if one not in DEPARTURES] == []


def test_description_tells_versions_apart(api: Caller) -> None:
    api.version = "v7"
    made = api.post("Accounts", {"data": [{"Account_Name": "A"}]}).json()
    made["data"][0]["message"] = 5

    complaints = Description("record.json").complaints(RECORDS, "post", 201, made)

    assert complaints == ["$.data[].details lacks $approval_state", "$.data[].message is a int, not string"]


def test_pipelines_and_deleted_records_are_as_described(api: Caller) -> None:
    layout = api.get("settings/layouts", module="Deals").json()["layouts"][0]["id"]
    api.delete("Accounts", ids=AN_ACCOUNT)
    api.post(f"Accounts/{ANOTHER}/Notes", {"data": [{"Note_Content": "n"}]})

    pipelines = api.get("settings/pipeline", layout_id=layout).json()
    gone = api.get("Accounts/deleted").json()
    notes = api.get(f"Accounts/{ANOTHER}/Notes", fields="Note_Content,Parent_Id").json()

    assert Description("pipeline.json").complaints("/settings/pipeline", "get", 200, pipelines) == []
    assert Description("record.json").complaints("/{module}/deleted", "get", 200, gone) == []
    assert Description("related-notes.json").complaints(NOTES, "get", 200, notes) == []
