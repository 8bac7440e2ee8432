"""What lives in v1 alone: notes, leads, relationships, filters, users, calls, mail, history, recents, merges, webhooks."""

from typing import Any

import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller


def _page_sizes(caller: Caller, path: str, limit: int) -> list[int]:
    """As v1 is read: from start to start, while it says that there is more."""
    sizes, start = [], 0
    while True:
        found = caller.get(path, limit=limit, start=start)
        sizes.append(len(found["data"] or []))
        pagination = found["additional_data"]["pagination"]
        if not pagination["more_items_in_collection"]:
            assert "next_start" not in pagination
            return sizes
        start = pagination["next_start"]


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (4, [4]), (5, [4, 1])])
def test_pages_of_v1_tell_the_next_start(
    call: Caller, practice: PracticePipedrive, count: int, sizes: list[int]
) -> None:  # fmt: skip
    for number in range(count):
        practice.create("note", content=f"Note {number}", org_id=1)

    assert _page_sizes(call, "/v1/notes", 4) == sizes


def test_a_list_of_the_retired_version_without_rows_has_no_data(call: Caller) -> None:
    assert call.get("/v1/organizations", start=100)["data"] is None


def test_a_note_on_a_deal_carries_its_organization(call: Caller, practice: PracticePipedrive) -> None:
    deal = int(practice.create("deal", title="Deal", org_id=2, person_id=3))

    note = call.send(
        "POST",
        "/v1/notes",
        {"content": "<p>Hi</p><script>x()</script>", "deal_id": deal, "pinned_to_deal_flag": 1},
        201,
    )

    assert (note["org_id"], note["person_id"], note["content"], note["pinned_to_deal_flag"]) == (
        2,
        3,
        "<p>Hi</p>",
        True,
    )
    assert note["deal"] == {"title": "Deal"}
    assert note["user"]["is_you"] is True
    assert [one["id"] for one in call.data("/v1/notes", org_id=2)] == [note["id"]]
    assert [one["id"] for one in call.data("/v1/notes", pinned_to_deal_flag=1)] == [note["id"]]


def test_notes_are_changed_and_deleted_once(call: Caller, practice: PracticePipedrive) -> None:
    note = practice.create("note", content="Old", org_id=1)

    changed = call.send("PUT", f"/v1/notes/{note}", {"content": "New"})
    deleted = call.send("DELETE", f"/v1/notes/{note}", None)
    again = call("DELETE", f"/v1/notes/{note}")

    assert (changed["content"], changed["last_update_user_id"], deleted) == ("New", 25_455_001, True)
    assert (again.status_code, again.json()["success"]) == (410, True)


@pytest.mark.parametrize("body", [{"content": "x"}, {"org_id": 1}, {"content": "x" * 100_001, "org_id": 1}])
def test_a_note_needs_text_and_a_link_and_some_measure(call: Caller, body: dict[str, Any]) -> None:
    refused = call.send("POST", "/v1/notes", body, 400)

    assert set(refused) == {"success", "error", "error_info", "data", "additional_data"}


def test_notes_are_read_by_their_stamps(call: Caller, practice: PracticePipedrive) -> None:
    old, new = (practice.create("note", content=text, org_id=1) for text in ("old", "new"))
    with practice.book.transaction():
        record = practice.book.get("note", old)
        assert record
        practice.book.stamp(record, updated="2025-01-01T10:00:00.000Z")

    delta = call.data("/v1/notes", updated_since="2025-01-01T10:00:01Z", sort="update_time ASC")
    every = call.data("/v1/notes", sort="update_time DESC")

    assert [one["id"] for one in delta] == [int(new)]
    assert [one["id"] for one in every] == [int(new), int(old)]
    assert call("GET", "/v1/notes", updated_since="yesterday").status_code == 400


def test_comments_hang_on_notes(call: Caller, practice: PracticePipedrive) -> None:
    note = practice.create("note", content="x", org_id=1)
    made = call.send("POST", f"/v1/notes/{note}/comments", {"content": "Yes"})
    call.send("PUT", f"/v1/notes/{note}/comments/{made['uuid']}", {"content": "No"})

    [found] = call.data(f"/v1/notes/{note}/comments")

    assert (found["uuid"], found["content"], found["object_id"]) == (made["uuid"], "No", note)
    assert call.send("DELETE", f"/v1/notes/{note}/comments/{made['uuid']}", None) is True


def test_leads_have_flat_fields_that_are_absent_when_empty(call: Caller, practice: PracticePipedrive) -> None:
    fee, plan = practice.key("deal", "Setup fee"), practice.key("deal", "Plan")
    body = {
        "title": "Lead",
        "organization_id": 1,
        "value": {"amount": 5, "currency": "EUR"},
        fee: 500,
        f"{fee}_currency": "EUR",
    }

    made = call.send("POST", "/v1/leads", body)

    assert (made[fee], made[f"{fee}_currency"], plan in made, made["organization_id"]) == (500, "EUR", False, 1)
    assert made["add_time"].endswith("Z")
    assert "." in made["add_time"]
    assert call.data("/v1/leads", organization_id=1) == [made]
    assert call.send("PATCH", f"/v1/leads/{made['id']}", {"is_archived": True})["is_archived"] is True
    assert [call.data("/v1/leads"), len(call.data("/v1/leads/archived"))] == [[], 1]
    assert call.send("DELETE", f"/v1/leads/{made['id']}", None) == {"id": made["id"]}
    assert call("POST", "/v1/leads", {"title": "Alone"}).status_code == 400


def test_relationships_are_asked_for_one_by_one(call: Caller) -> None:
    body = {"type": "parent", "rel_owner_org_id": 1, "rel_linked_org_id": 2}
    made = call.send("POST", "/v1/organizationRelationships", body)

    above, below = (call.get("/v1/organizationRelationships", org_id=n) for n in (1, 2))

    [daughter], [parent] = above["data"], below["data"]
    assert (daughter["calculated_type"], daughter["calculated_related_org_id"]) == ("daughter", 2)
    assert (parent["calculated_type"], parent["calculated_related_org_id"]) == ("parent", 1)
    assert (
        daughter["active_flag"],
        daughter["rel_owner_org_id"]["value"],
        daughter["rel_owner_org_id"]["people_count"],
    ) == ("true", 1, 2)
    assert set(above["related_objects"]["organization"]) == {"1", "2"}
    assert call("GET", "/v1/organizationRelationships").status_code == 400
    assert (
        call.send("PUT", f"/v1/organizationRelationships/{made['id']}", {"type": "related"})["calculated_type"]
        == "related"
    )
    assert call.send("DELETE", f"/v1/organizationRelationships/{made['id']}", None) == {"id": made["id"]}


def test_a_filter_is_made_read_and_used(call: Caller, practice: PracticePipedrive) -> None:
    key = practice.key("organization", "Relation")
    field = next(f for f in call.data("/v1/organizationFields", limit=500) if f["key"] == key)
    customer = str(field["options"][0]["id"])
    condition = {
        "object": "organization",
        "field_id": field["id"],
        "operator": "=",
        "value": customer,
        "extra_value": None,
    }
    body = {"name": "Customers", "type": "org", "conditions": {"glue": "and", "conditions": [
        {"glue": "and", "conditions": [condition]}, {"glue": "or", "conditions": []}]}}  # fmt: skip
    made = call.send("POST", "/v1/filters", body, 201)

    shown = call.data(f"/v1/filters/{made['id']}", include_field_code="true")
    found = call.data("/v2/organizations", filter_id=made["id"])

    [kept] = shown["conditions"]["conditions"][0]["conditions"]
    assert (kept["field_id"], kept["field_code"]) == (str(field["id"]), key)
    assert found
    assert {str(row["custom_fields"][key]) for row in found} == {customer}
    practice.edit("organization", str(found[0]["id"]), Relation="Former customer")
    assert found[0]["id"] not in {row["id"] for row in call.data("/v2/organizations", filter_id=made["id"])}
    assert call.send("DELETE", f"/v1/filters/{made['id']}", None) == {"id": made["id"]}
    assert call("GET", "/v2/organizations", filter_id=made["id"]).status_code == 404


@pytest.mark.parametrize(
    ("operator", "value", "names"),
    [
        ("=", "beta", ["Beta"]), ("!=", "beta", ["Alpha", "Alphabet"]), ("LIKE '$%'", "alpha", ["Alpha", "Alphabet"]),
        ("LIKE '%$%'", "bet", ["Alphabet", "Beta"]), ("NOT LIKE '$%'", "alpha", ["Beta"]), ("IS NULL", None, []),
        ("IS NOT NULL", None, ["Alpha", "Alphabet", "Beta"]),
    ],
)  # fmt: skip
def test_filters_know_their_operators(
    call: Caller, practice: PracticePipedrive, operator: str, value: str | None, names: list[str]
) -> None:
    for number in range(1, 11):
        practice.delete("organization", str(number))
    for name in ("Alpha", "Alphabet", "Beta"):
        practice.create("organization", name=name)
    field = next(f["id"] for f in call.data("/v1/organizationFields") if f["key"] == "name")
    condition = {"object": "organization", "field_id": field, "operator": operator, "value": value}
    body = {
        "name": "F",
        "type": "org",
        "conditions": {"glue": "and", "conditions": [{"glue": "and", "conditions": [condition]}]},
    }
    made = call.send("POST", "/v1/filters", body, 201)

    assert [row["name"] for row in call.data("/v2/organizations", filter_id=made["id"])] == names


@pytest.mark.parametrize(
    "conditions",
    [
        None,
        {"glue": "or", "conditions": []},
        {"glue": "and", "conditions": [{"glue": "and", "conditions": [{"object": "organization", "field_id": 1, "operator": "="}]}]},
    ],
)  # fmt: skip
def test_a_filter_of_another_form_is_refused(call: Caller, conditions: Any) -> None:
    assert call("POST", "/v1/filters", {"name": "X", "type": "org", "conditions": conditions}).status_code == 400


def test_users_who_left_stay(call: Caller) -> None:
    users = {one["name"]: one for one in call.data("/v1/users")}

    assert len(users) == 13
    assert (users["Luc Peyrac"]["active_flag"], users["Inès Moreau"]["is_you"]) == (False, True)
    assert [one["name"] for one in call.data("/v1/users/find", term="sara.okello", search_by_email=1)] == [
        "Sara Okello"
    ]
    assert call.data("/v1/users/25455005")["name"] == "Sara Okello"
    assert call.send("GET", "/v1/users/1", None, 404) == {
        "success": False,
        "error": "User not found or not accessible.",
    }


def test_calls_are_the_callers_own_and_fifty_a_page(call: Caller, practice: PracticePipedrive) -> None:
    body = {"outcome": "connected", "to_phone_number": "+33", "start_time": "2026-11-01T10:00:00.000Z",
            "end_time": "2026-11-01T10:05:00.000Z", "org_id": 1}  # fmt: skip
    made = [call.send("POST", "/v1/callLogs", body) for _ in range(51)]
    practice.create("callLog", user_id=25_455_002, outcome="busy")

    assert _page_sizes(call, "/v1/callLogs", 500) == [50, 1]
    assert call.data(f"/v1/callLogs/{made[0]['id']}")["org_id"] == 1
    assert call("POST", "/v1/callLogs", {"outcome": "connected"}).status_code == 400
    assert call("DELETE", f"/v1/callLogs/{made[0]['id']}").json() == {"success": True}
    assert call("GET", f"/v1/callLogs/{made[0]['id']}").status_code == 404


def test_mail_is_told_for_an_account_and_for_ones_own_mailbox(ask: Caller, lifelike: PracticePipedrive) -> None:
    with lifelike.book.transaction():
        [one] = lifelike.book.find("mailMessage", "json_extract(body, '$.user_id') = 25455001", limit=1)
    org = one.body["org_id"]

    messages = ask.data(f"/v1/organizations/{org}/mailMessages")
    with_body = ask.data(f"/v1/mailbox/mailMessages/{one.id}", include_body=1)
    threads = [t for folder in ("inbox", "sent") for t in ask.data("/v1/mailbox/mailThreads", folder=folder)]

    assert int(one.id) in [message["data"]["id"] for message in messages]
    assert {message["object"] for message in messages} == {"mailMessage"}
    assert "body" not in messages[0]["data"]
    assert with_body["body"] == one.body["body"]
    assert {thread["user_id"] for thread in threads} == {25_455_001}
    assert ask("GET", "/v1/mailbox/mailThreads", folder="spam").status_code == 400


def test_recents_are_strictly_newer_and_a_month_old_at_most(call: Caller, practice: PracticePipedrive) -> None:
    stamps = {"1": "2020-01-01T00:00:00.000Z", "2": "", "3": None}
    practice.delete("person", "1")
    with practice.book.transaction():
        for number, stamp in stamps.items():
            record = practice.book.get("organization", number)
            assert record
            practice.book.stamp(record, updated=practice.book.now if stamp is None else stamp)

    found = call.get("/v1/recents", since_timestamp="2000-01-01 00:00:00", items="organization,person")

    rows = {(one["item"], one["id"], one["data"] is None) for one in found["data"]}
    assert rows == {("person", 1, True), ("organization", 3, False)}
    last = found["additional_data"]["last_timestamp_on_page"]
    assert call.get("/v1/recents", since_timestamp=last)["data"] == []
    assert call("GET", "/v1/recents").status_code == 400


def test_the_change_log_and_the_flow_tell_who_changed_what(call: Caller, practice: PracticePipedrive) -> None:
    before = call.data("/v2/organizations/1")["name"]
    call.send("PATCH", "/v2/organizations/1", {"name": "First"})
    practice.edit("organization", "1", name="Second")
    practice.create("note", content="x", org_id=1)

    newest = call.get("/v1/organizations/1/changelog", limit=1)
    older = call.get("/v1/organizations/1/changelog", cursor=newest["additional_data"]["next_cursor"])
    flow = call.data("/v1/organizations/1/flow")

    changes = [(one["old_value"], one["new_value"], one["change_source"]) for one in (*newest["data"], *older["data"])]
    assert changes == [("First", "Second", "app"), (before, "First", "api")]
    assert sorted(one["object"] for one in flow) == ["note", "organizationChange", "organizationChange"]


def test_a_merge_leaves_one_changed_and_one_missing(call: Caller, practice: PracticePipedrive) -> None:
    people = {row["id"] for n in (1, 2) for row in call.data("/v2/persons", org_id=n)}
    before = call.data("/v2/organizations/2")
    number = practice.key("organization", "Customer number")
    practice.edit("organization", "2", **{"Customer number": None})
    practice.edit("organization", "1", **{"Customer number": "AV-1"})

    survivor = call.send("PUT", "/v1/organizations/1/merge", {"merge_with_id": 2})

    after = call.data("/v2/organizations/2")
    assert (survivor, after["name"], after["custom_fields"][number]) == ({"id": 2}, before["name"], "AV-1")
    assert after["update_time"] > before["update_time"]
    assert 1 not in {row["id"] for row in call.data("/v2/organizations")}
    assert {row["id"] for row in call.data("/v2/persons", org_id=2)} == people
    assert call("PUT", "/v1/organizations/1/merge", {"merge_with_id": 2}).status_code == 404


def test_persons_that_are_merged_keep_both_addresses(call: Caller) -> None:
    one, other = call.data("/v2/persons", org_id=1)
    call.send("PATCH", f"/v2/persons/{one['id']}", {"emails": [{"value": "one@example.com"}]})
    call.send("PATCH", f"/v2/persons/{other['id']}", {"emails": [{"value": "other@example.com"}]})

    merged = call.send("PUT", f"/v1/persons/{one['id']}/merge", {"merge_with_id": other["id"]})

    assert (merged["id"], merged["merge_what_id"]) == (other["id"], one["id"])
    assert [(e["value"], e["primary"]) for e in call.data(f"/v2/persons/{other['id']}")["emails"]] == [
        ("other@example.com", True), ("one@example.com", False),
    ]  # fmt: skip


def test_webhooks_are_forty_at_most(call: Caller) -> None:
    body = {
        "subscription_url": "https://hub.example/hook",
        "event_action": "*",
        "event_object": "organization",
        "name": "Hook",
    }
    made = [call.send("POST", "/v1/webhooks", body, 201)["id"] for _ in range(40)]

    over = call("POST", "/v1/webhooks", body)
    wrong = call("POST", "/v1/webhooks", {**body, "subscription_url": "nowhere"})

    assert (over.status_code, wrong.status_code, len(call.data("/v1/webhooks"))) == (422, 400, 40)
    assert wrong.json()["errors"] == {"subscription_url": ["invalid or non-reachable URL"]}
    assert call("DELETE", f"/v1/webhooks/{made[0]}").json() == {"status": "ok", "success": True}


def test_activity_types_keep_their_keys(call: Caller) -> None:
    made = call.send("POST", "/v1/activityTypes", {"name": "Business review", "icon_key": "meeting"})

    renamed = call.send("PUT", f"/v1/activityTypes/{made['id']}", {"name": "QBR"})

    assert (renamed["name"], renamed["key_string"]) == ("QBR", "business_review")
    assert [one["key_string"] for one in call.data("/v1/activityTypes")][:3] == ["call", "meeting", "task"]


@pytest.mark.parametrize(
    ("path", "params", "count"),
    [
        ("/v2/organizations/search", {"term": "ARDENNE"}, 2),
        ("/v2/organizations/search", {"term": "ardenne coffee", "exact_match": "true"}, 1),
        ("/v2/organizations/search", {"term": "av-20001", "fields": "custom_fields"}, 2),
        ("/v2/organizations/search", {"term": "av-20001", "fields": "name"}, 0),
        ("/v2/persons/search", {"term": "NOOR@ardenne", "fields": "email"}, 2),
        ("/v2/persons/search", {"term": "noor", "organization_id": 371}, 1),
        ("/v2/deals/search", {"term": "Dornfield Health", "status": "won"}, 1),
        ("/v2/deals/search", {"term": "Dornfield Health", "status": "lost"}, 0),
        ("/v2/itemSearch", {"term": "ardenne", "item_types": "person,organization"}, 4),
        ("/v1/leads/search", {"term": "eldermere software"}, 1),
    ],
)
def test_searches_find_what_the_index_holds(ask: Caller, path: str, params: dict[str, Any], count: int) -> None:
    assert len(ask.data(path, **params)["items"]) == count


def test_the_search_of_one_field_minds_the_case(ask: Caller, lifelike: PracticePipedrive) -> None:
    key = lifelike.key("organization", "Customer number")
    counts = [
        len(ask.data("/v2/itemSearch/field", term=term, entity_type="organization", field=key, match=match))
        for term, match in (("AV-20001", "exact"), ("av-20001", "exact"), ("AV-2000", "beginning"), ("2000", "middle"))
    ]

    assert counts == [2, 0, 10, 11]


@pytest.mark.parametrize(
    "params", [{"term": "a"}, {}, {"term": "ab", "fields": "shoe_size"}, {"term": "ab", "limit": 501}]
)
def test_a_search_without_a_real_term_is_refused(ask: Caller, params: dict[str, Any]) -> None:
    assert ask("GET", "/v2/organizations/search", **params).status_code == 400


def test_people_take_part_in_deals(call: Caller, practice: PracticePipedrive) -> None:
    deal = practice.create("deal", title="Deal", org_id=1)

    added = call.send("POST", f"/v1/deals/{deal}/participants", {"person_id": 2})

    assert (added["person_id"]["value"], added["related_item_data"]) == (2, {"deal_id": int(deal), "title": "Deal"})
    assert [one["person"]["id"] for one in call.data(f"/v1/deals/{deal}/participants")] == [2]


def test_a_user_is_invited_and_leaves(call: Caller) -> None:
    made = call.send("POST", "/v1/users", {"email": "new.colleague@aldervale.example"})

    left = call.send("PUT", f"/v1/users/{made['id']}", {"active_flag": False})

    assert (made["active_flag"], left["active_flag"], made["is_admin"]) == (True, False, 0)


def test_a_merged_person_goes_on_taking_part(call: Caller) -> None:
    made = call.send("POST", "/v2/activities", {"participants": [{"person_id": 1, "primary": True}, {"person_id": 3}]})

    call.send("PUT", "/v1/persons/1/merge", {"merge_with_id": 2})

    found = call.data(f"/v2/activities/{made['id']}")
    assert (found["person_id"], [one["person_id"] for one in found["participants"]]) == (2, [2, 3])


def test_leads_are_filtered_by_fields_of_deals(call: Caller, practice: PracticePipedrive) -> None:
    fee = practice.key("deal", "Setup fee")
    wanted = call.send("POST", "/v1/leads", {"title": "Dear", "organization_id": 1, fee: 500})
    call.send("POST", "/v1/leads", {"title": "Cheap", "organization_id": 1, fee: 5})
    field = next(f["id"] for f in call.data("/v1/leadFields", limit=500) if f["key"] == fee)
    condition = {"object": "lead", "field_id": field, "operator": ">", "value": "100"}
    groups = [{"glue": "and", "conditions": [condition]}]
    body = {"name": "F", "type": "leads", "conditions": {"glue": "and", "conditions": groups}}
    made = call.send("POST", "/v1/filters", body, 201)

    assert [one["id"] for one in call.data("/v1/leads", filter_id=made["id"])] == [wanted["id"]]
    assert call("GET", "/v1/leads", filter_id=1).status_code == 404
