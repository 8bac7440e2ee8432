import json
from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import RPC, Api, ids

CREATE: dict[str, Any] = {
    "type": "numeric", "name": "Hub Healthscore", "code": "hub-healthscore", "useOn": ["useOn_client", "useOn_prospect"],
    "preferences": {"isRequired": "N"},
}  # fmt: skip


def field_ids(api: Api) -> dict[str, int]:
    return {one["code"]: one["id"] for one in api.get("/custom-fields?limit=100")["data"]}


def value(api: Api, path: str, number: int) -> Any:
    values = {one["id"]: one["value"] for one in api.get(f"{path}/custom-fields?limit=100")["data"]}
    return values[number]


def test_fields_are_listed_searched_and_read(api: Api) -> None:
    contacts = api.search("/custom-fields", related_object="contact")["data"]

    assert [one["code"] for one in contacts] == ["role", "contact-number", "best-time"]
    assert {tuple(one["related_objects"]) for one in contacts} == {("contact",)}
    assert api.get(f"/custom-fields/{contacts[0]['id']}") == contacts[0]
    assert api.search("/custom-fields", is_required=True)["data"] == []
    api.refused("GET", "/custom-fields/999", status=404)
    api.refused("POST", "/custom-fields/search", {"filters": {"related_object": "company"}})


@pytest.mark.parametrize(
    ("code", "sent", "read"),
    [
        ("industry", "Print", "Print"),
        ("onboarding-notes", "<p>Hello</p>", "<p>Hello</p>"),
        ("seats", "18", "18"),
        ("renewal-date", "2028-02-29", "2028-02-29"),
        ("annual-spend", {"amount": "12.50", "currency": "EUR"}, {"amount": "12.50", "currency": "EUR"}),
        ("lifecycle-stage", 1, 1),
        ("modules", [15, 16], [15, 16]),
        ("strategic", False, False),
        ("csm", [2], [2]),
        ("parent-company", [2], [{"type": "company", "id": 2}]),
        ("customer-portal", "https://portal.example", "https://portal.example"),
        ("industry", None, None),
    ],
)
def test_each_type_takes_its_values(api: Api, practice: PracticeSellsy, code: str, sent: Any, read: Any) -> None:
    practice.edit("company", "1", type="client")
    number = field_ids(api)[code]
    if code == "modules":
        items = api.get(f"/custom-fields/{number}")["parameters"]["items"]
        sent = read = [items[0]["id"], items[2]["id"]]

    assert api("PUT", "/companies/1/custom-fields", [{"id": number, "value": sent}]) is None
    assert value(api, "/companies/1", number) == read
    [embedded] = api.get(f"/companies/1?embed[]=cf.{number}")["_embed"]["custom_fields"]
    assert (embedded["id"], embedded["value"]) == (number, read)
    [listed] = api.search(f"/companies?embed[]=cf.{number}", id=[1])["data"]
    assert listed["_embed"]["custom_fields"] == [embedded]


@pytest.mark.parametrize(
    ("code", "sent"),
    [
        ("industry", 5), ("industry", "x" * 251), ("seats", 18), ("seats", "many"), ("renewal-date", "29/02/2028"),
        ("renewal-date", "2027-02-29"), ("annual-spend", "12.50"), ("annual-spend", {"amount": 12.5, "currency": "EUR"}),
        ("annual-spend", {"amount": "12.5"}), ("lifecycle-stage", "Growth"), ("lifecycle-stage", 999), ("modules", 15),
        ("modules", [1]), ("strategic", "true"), ("csm", 2), ("csm", [99]), ("csm", [1, 2]), ("parent-company", [99]),
        ("parent-company", [{"type": "company", "id": 2}]), ("customer-portal", "no site"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused_and_none_is_written(
    api: Api, practice: PracticeSellsy, code: str, sent: Any
) -> None:
    practice.edit("company", "1", type="client")
    known = field_ids(api)
    before = value(api, "/companies/1", known["segment"])
    choice = api.get(f"/custom-fields/{known['segment']}")["parameters"]["items"]
    other = next(one["id"] for one in choice if one["id"] != before)

    body = [{"id": known["segment"], "value": other}, {"id": known[code], "value": sent}]
    refused = api.refused("PUT", "/companies/1/custom-fields", body)

    assert list(refused["details"]) == ["[1].value"]
    assert value(api, "/companies/1", known["segment"]) == before


@pytest.mark.parametrize(
    "sent", [{"custom_fields": []}, [{"id": 13, "value": 1}], [{"id": 1}], [{"id": 999, "value": None}]]
)
def test_a_body_of_the_wrong_shape_or_another_objects_field_is_refused(api: Api, sent: Any) -> None:
    api.refused("PUT", "/companies/1/custom-fields", sent)


def test_a_field_of_clients_is_not_there_on_prospects(api: Api, practice: PracticeSellsy) -> None:
    number = field_ids(api)["seats"]
    practice.edit("company", "1", type="prospect", cf={"seats": "5"})

    assert number not in ids(api.get("/companies/1/custom-fields?limit=100"))
    assert api.get(f"/companies/1?embed[]=cf.{number}")["_embed"]["custom_fields"] == []
    practice.edit("company", "1", type="client")
    assert value(api, "/companies/1", number) == "5"


def test_details_of_people_are_told_on_demand(api: Api, practice: PracticeSellsy) -> None:
    practice.edit("company", "1", type="client", cf={"csm": [2], "parent-company": [{"type": "company", "id": 3}]})
    found = {one["code"]: one for one in api.get("/companies/1/custom-fields?limit=100&embed[]=value_details")["data"]}

    assert found["csm"]["_embed"]["value_details"] == [{"id": 2, "first_name": "Théo", "last_name": "Garnier"}]
    assert found["parent-company"]["_embed"]["value_details"][0]["type"] == "company"


def test_a_field_is_made_only_by_the_old_rpc(api: Api) -> None:
    api.refused("POST", "/custom-fields", CREATE, 405)
    made = api.rpc("CustomFields.create", **CREATE)

    assert made == {"response": str(max(field_ids(api).values())), "error": "", "status": "success"}
    field = api.get(f"/custom-fields/{made['response']}")
    assert (field["type"], field["related_objects"], field["mandatory"]) == ("numeric", ["client", "prospect"], False)
    api("PUT", "/companies/1/custom-fields", [{"id": field["id"], "value": "87"}])
    assert value(api, "/companies/1", field["id"]) == "87"


def test_a_list_of_choices_is_made_with_its_values_also_by_multipart(api: Api) -> None:
    params = {
        **CREATE, "type": "select", "code": "colour",
        "preferenceslist": [{"value": "Red", "isDefault": "Y"}, {"value": "Blue", "isDefault": "N"}],
    }  # fmt: skip
    form = {"request": "1", "io_mode": "json", "do_in": json.dumps({"method": "CustomFields.create", "params": params})}
    made = api.session.post(RPC, files={name: (None, text) for name, text in form.items()}).json()

    items = api.get(f"/custom-fields/{made['response']}")["parameters"]["items"]
    assert [(one["label"], one["checked"], one["rank"]) for one in items] == [("Red", True, 0), ("Blue", False, 1)]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"type": "colour"}, "E_PARAM_INVALID"),
        ({"code": "industry"}, "E_PARAM_INVALID"),
        ({"useOn": ["everywhere"]}, "E_PARAM_INVALID"),
        ({"name": ""}, "E_PARAM_REQUIRED"),
        ({"type": "radio"}, "E_PARAM_REQUIRED"),
    ],
)
def test_the_old_rpc_fails_with_two_hundred(api: Api, changed: dict[str, Any], code: str) -> None:
    before = field_ids(api)
    failed = api.rpc("CustomFields.create", **{**CREATE, **changed})

    assert (failed["status"], failed["error"]["code"], failed["response"]) == ("error", code, None)
    assert field_ids(api) == before


def test_the_old_rpc_wants_its_scope_and_a_known_method(api: Api, practice: PracticeSellsy) -> None:
    assert api.rpc("Nothing.here")["status"] == "error"
    assert api.session.post(RPC, data={"request": "1"}).json()["status"] == "error"
    practice.control(withdraw_scopes=["api-v1"])
    assert api.rpc("CustomFields.create", **CREATE)["error"]["code"] == "E_PRIV_LIMITED"


def test_the_plan_allows_so_many_fields(api: Api, practice: PracticeSellsy) -> None:
    practice.control(custom_fields_max=22)

    assert api.get("/quotas")["custom_fields"] == {"limit": 22, "used": 22}
    assert api.rpc("CustomFields.create", 402, **CREATE)["error"]["code"] == 402


def test_people_of_the_old_rpc_carry_their_company(api: Api) -> None:
    found = api.rpc("Peoples.getList", pagination={"nbperpage": 2, "pagenum": 2})["response"]

    assert found["infos"] == {"nbperpage": 2, "nbpages": 2, "pagenum": 2, "nbtotal": "3"}
    assert {key: one["thirdid"] for key, one in found["result"].items()} == {"3": "3"}


def test_hidden_and_removed_fields_are_not_there_until_they_come_back(api: Api, practice: PracticeSellsy) -> None:
    practice.edit("company", "1", type="client", cf={"industry": "Print"})
    number = field_ids(api)["industry"]
    for away, back in (("hide_fields", "show_fields"), ("remove_fields", "restore_fields")):
        practice.control(**{away: ["industry"]})
        assert "industry" not in field_ids(api)
        assert api.get(f"/companies/1?embed[]=cf.{number}")["_embed"]["custom_fields"] == []
        api.refused("PUT", "/companies/1/custom-fields", [{"id": number, "value": "x"}])
        api.refused("GET", f"/custom-fields/{number}", status=404)
        practice.control(**{back: ["industry"]})
        assert value(api, "/companies/1", number) == "Print"


def test_a_field_takes_another_type_and_its_values_follow(api: Api, practice: PracticeSellsy) -> None:
    known = field_ids(api)
    items = {one["label"]: one["id"] for one in api.get(f"/custom-fields/{known['segment']}")["parameters"]["items"]}
    practice.edit("company", "1", type="client", cf={"segment": items["Strategic"], "seats": "7", "industry": "12"})
    practice.control(retype_fields={"segment": "checkbox", "seats": "simple-text", "industry": "numeric"})

    assert value(api, "/companies/1", known["segment"]) == [items["Strategic"]]
    assert (value(api, "/companies/1", known["seats"]), value(api, "/companies/1", known["industry"])) == ("7", "12")
    practice.control(retype_fields={"segment": "simple-text", "industry": "date"})
    assert value(api, "/companies/1", known["segment"]) == "Strategic"
    assert value(api, "/companies/1", known["industry"]) is None
    assert api.get(f"/custom-fields/{known['industry']}")["type"] == "date"


def test_embeds_in_one_company_may_be_left_out(api: Api, practice: PracticeSellsy) -> None:
    practice.control(single_embeds_ignored=True)

    assert "_embed" not in api.get("/companies/1?embed[]=cf.1")
    assert "custom_fields" in api.get("/companies?embed[]=cf.1")["data"][0]["_embed"]
