"""What the organisation says about itself, new fields, and what the control plane takes away or changes."""

from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.simulation.control import UnknownControl
from integrations.zoho.simulator.errors import ZohoError

from .caller import Caller, problem


def fields(api: Caller, module: str = "Accounts") -> dict[str, dict[str, Any]]:
    return {f["api_name"]: f for f in api.get("settings/fields", module=module).json()["fields"]}


def make(api: Caller, *wanted: dict[str, Any]) -> Any:
    return api.post("settings/fields?module=Accounts", {"fields": list(wanted)})


def test_fields_made_are_there_with_a_name_of_the_servers_choice(api: Caller) -> None:
    answer = make(
        api,
        {"field_label": "Skalin Healthscore", "data_type": "integer", "length": 9},
        {"field_label": "Skalin CSM Pulse!", "data_type": "picklist",
         "pick_list_values": [{"display_value": "Good", "actual_value": "good"}, {"display_value": "Bad"}]},
        {"field_label": "Skalin-Healthscore", "data_type": "double"},
        {"field_label": "Skalin Notes", "data_type": "textarea", "textarea": {"type": "large"}},
        {"field_label": "Skalin Owner", "data_type": "userlookup"},
    )  # fmt: skip

    found = fields(api)
    [made] = api.post(
        "Accounts", {"data": [{"Account_Name": "A", "Skalin_Healthscore": 87, "Skalin_CSM_Pulse": "good"}]}
    ).json()["data"]
    [row] = api.get("Accounts", fields="Skalin_Healthscore,Skalin_CSM_Pulse", ids=made["details"]["id"]).json()["data"]

    assert answer.status_code == 201
    assert [one["details"]["id"] for one in answer.json()["fields"]] == [
        found[n]["id"]
        for n in ("Skalin_Healthscore", "Skalin_CSM_Pulse", "Skalin_Healthscore1", "Skalin_Notes", "Skalin_Owner")
    ]
    pulse = found["Skalin_CSM_Pulse"]["pick_list_values"]
    assert [(one["actual_value"], one["display_value"]) for one in pulse] == [("good", "Good"), ("Bad", "Bad")]
    assert (found["Skalin_Notes"]["length"], found["Skalin_Notes"]["textarea"]) == (32_000, {"type": "large"})
    assert (row["Skalin_Healthscore"], row["Skalin_CSM_Pulse"]) == (87, "good")


@pytest.mark.parametrize(("wanted", "code"), [
    ({"data_type": "text"}, "MANDATORY_NOT_FOUND"), ({"field_label": "X"}, "MANDATORY_NOT_FOUND"),
    ({"field_label": "X", "data_type": "nonsense"}, "INVALID_DATA"),
    ({"field_label": "X", "data_type": "text", "length": 256}, "INVALID_DATA"),
    ({"field_label": "X" * 51, "data_type": "text"}, "INVALID_DATA"),
    ({"field_label": "industry", "data_type": "text"}, "DUPLICATE_DATA"),
    ({"field_label": "X", "data_type": "picklist"}, "EXPECTED_DEPENDENT_FIELD_MISSING"),
    ({"field_label": "X", "data_type": "textarea"}, "MANDATORY_NOT_FOUND"),
    ({"field_label": "X", "data_type": "lookup"}, "MANDATORY_NOT_FOUND"),
])  # fmt: skip
def test_fields_that_are_refused(api: Caller, wanted: dict[str, Any], code: str) -> None:
    assert problem(make(api, wanted))[:2] == (400, code)


def test_limits_of_new_fields(api: Caller, zoho: PracticeZoho) -> None:
    six = problem(make(api, *({"field_label": f"X{n}", "data_type": "text"} for n in range(6))))
    unique = {"data_type": "text", "unique": {"case_sensitive": False}}
    second = make(api, {"field_label": "Key 2", **unique})
    third = problem(make(api, {"field_label": "Key 3", **unique}))
    many = [{"name": f"Own_{n}", "label": f"Own {n}"} for n in range(300)]
    zoho.control(add_fields={"Accounts": many})
    full = problem(make(api, {"field_label": "One more", "data_type": "text"}))

    assert six == (400, "LIMIT_EXCEEDED", {"maximum_length": 5, "api_name": "fields"})
    assert second.status_code == 201
    assert (third[1], third[2]["limit"]) == ("LIMIT_EXCEEDED", 2)
    assert (full[1], full[2]["limit"]) == ("LIMIT_EXCEEDED", 300)


def test_one_bad_field_does_not_stop_the_good_one(api: Caller) -> None:
    answer = make(api, {"field_label": "Good", "data_type": "text"}, {"field_label": "Bad"})

    assert answer.status_code == 207
    assert [one["code"] for one in answer.json()["fields"]] == ["SUCCESS", "MANDATORY_NOT_FOUND"]
    assert "Good" in fields(api)


def test_right_to_customise(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(denied=["Crm_Implied_Customize_Zoho_CRM"])

    assert problem(make(api, {"field_label": "X", "data_type": "text"}))[:2] == (403, "NO_PERMISSION")
    assert "X" not in fields(api)


def test_metadata_needs_a_module(api: Caller) -> None:
    missing = problem(api.get("settings/fields"))

    assert missing == (400, "REQUIRED_PARAM_MISSING", {"param_name": "module"})
    assert problem(api.get("settings/fields", module="Nonsense"))[:2] == (400, "INVALID_MODULE")
    assert problem(api.get("settings/pipeline"))[2] == {"param_name": "layout_id"}
    assert problem(api.get("settings/pipeline", layout_id="1"))[:2] == (400, "INVALID_DATA")


def test_one_field_alone(api: Caller) -> None:
    whole = fields(api)["Account_Type"]

    assert api.get(f"settings/fields/{whole['id']}", module="Accounts").json() == {"fields": [whole]}
    assert problem(api.get("settings/fields/1", module="Accounts"))[:2] == (400, "INVALID_DATA")


def test_fields_required_by_the_layout_alone(api: Caller) -> None:
    [layout] = api.get("settings/layouts", module="Deals").json()["layouts"]

    required = {f["api_name"]: f["system_mandatory"] for s in layout["sections"] for f in s["fields"] if f["required"]}

    assert required == {"Deal_Name": True, "Stage": True, "Pipeline": True, "Closing_Date": False}


def test_custom_module_of_the_team(lively_api: Caller) -> None:
    modules = {m["api_name"]: m for m in lively_api.get("settings/modules").json()["modules"]}
    rows = lively_api.get("Subscriptions", fields="Name,Customer,MRR,Starts,Renews_Itself").json()["data"]

    assert modules["Subscriptions"]["generated_type"] == "custom"
    assert fields(lively_api, "Subscriptions")["Customer"]["lookup"]["module"]["api_name"] == "Accounts"
    assert all(row["Customer"].keys() == {"name", "id"} and isinstance(row["Renews_Itself"], bool) for row in rows)


def test_users_by_type_and_page(api: Caller) -> None:
    def emails(**query: Any) -> list[str]:
        answer = api.get("users", **query)
        return [one["email"] for one in answer.json()["users"]] if answer.status_code == 200 else []

    assert len(emails(type="AllUsers")) == 13
    assert len(emails(type="ActiveUsers")) == 11
    assert len(emails(type="DeactiveUsers")) == 2
    assert emails(type="CurrentUser") == ["ines.moreau@aldervale.example"]
    assert emails(type="DeletedUsers") == []
    assert len(emails(per_page=5, page=3)) == 3
    assert problem(api.get("users", type="Nonsense"))[:2] == (400, "PATTERN_NOT_MATCHED")
    assert api.get("users/1").status_code == 204


def test_formulas_follow_and_cannot_be_written(api: Caller) -> None:
    [made] = api.add("Accounts", {"Account_Name": "A", "Annual_Spend": 1200, "Monthly_Spend": 7})

    [row] = api.get("Accounts", fields="Monthly_Spend", ids=made).json()["data"]
    found = api.coql("select id from Accounts where (Monthly_Spend = 100 and Account_Name = 'A')").json()["data"]

    assert row["Monthly_Spend"] == 100
    assert [one["id"] for one in found] == [made]
    assert fields(api)["Monthly_Spend"]["operation_type"]["api_update"] is False


def test_what_only_administrators_may(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(sign_in_as="helena.costa@aldervale.example")
    other = Caller.signed_in(zoho)
    [account] = other.get("Accounts", fields="id", per_page=1).json()["data"]

    assert other.get("users", type="CurrentUser").json()["users"][0]["profile"]["name"] == "Standard"
    assert problem(other.get("Notes", fields="Note_Title")) == (403, "NOT_SUPPORTED", {})
    assert problem(make(other, {"field_label": "X", "data_type": "text"}))[:2] == (403, "NO_PERMISSION")
    assert other.get(f"Accounts/{account['id']}/Notes", fields="Note_Title").status_code == 204
    assert api.get("Notes", fields="Note_Title").status_code == 204


# --- What the control plane does to the schema -----------------------------------------------------------------------
@pytest.mark.parametrize(("take", "give"), [("hide_fields", "show_fields"), ("remove_fields", "restore_fields")])
def test_fields_taken_away_and_given_back(api: Caller, zoho: PracticeZoho, take: str, give: str) -> None:
    zoho.control(**{take: ["Accounts.Industry", "Accounts.Account_Type"]})
    [row] = api.get("Accounts", fields="Industry,Account_Name", per_page=1).json()["data"]
    query = problem(api.coql("select id from Accounts where Industry is not null"))
    [made] = api.add("Accounts", {"Account_Name": "A", "Industry": "Energy"})
    without = fields(api)
    zoho.control(**{give: ["Accounts.Industry"]})

    assert row.keys() == {"Account_Name", "id"}
    assert query == (400, "INVALID_QUERY", {"column_name": "Industry"})
    assert "Industry" not in without
    # What was written to it meanwhile was passed over.
    assert api.get("Accounts", fields="Industry", ids=made).json()["data"][0]["Industry"] is None
    assert "Account_Type" not in fields(api)


def test_locked_fields_are_read_only(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(lock_fields=["Accounts.Phone"])
    [made] = api.add("Accounts", {"Account_Name": "A", "Phone": "1"})

    assert fields(api)["Phone"]["operation_type"]["api_update"] is False
    assert api.get("Accounts", fields="Phone", ids=made).json()["data"][0]["Phone"] is None
    zoho.control(unlock_fields=["Accounts.Phone"])
    assert fields(api)["Phone"]["operation_type"]["api_update"] is True


def test_retyped_fields(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(retype_fields={"Accounts.Customer_Number": "integer"})

    assert fields(api)["Customer_Number"]["json_type"] == "integer"
    refused = problem(api.post("Accounts", {"data": [{"Account_Name": "A", "Customer_Number": "AV-1"}]}))
    assert refused[2]["expected_data_type"] == "integer"


@pytest.mark.parametrize(
    "wanted", [{"hide_fields": ["Accounts.Nonsense"]}, {"nonsense": True}, {"delete_view": "Nonsense"}]
)
def test_controls_that_are_not_there(zoho: PracticeZoho, wanted: dict[str, Any]) -> None:
    with pytest.raises((UnknownControl, ZohoError), match=r"(?i)nonsense"):
        zoho.control(**wanted)


def test_text_that_became_a_list_keeps_its_value(api: Caller, zoho: PracticeZoho) -> None:
    made = zoho.create("Accounts", Account_Name="A", Segment="Enterprise")

    zoho.control(retype_fields={"Accounts.Segment": "multiselectpicklist"})

    assert api.get("Accounts", fields="Segment", ids=made).json()["data"][0]["Segment"] == ["Enterprise"]


def test_deals_without_a_pipeline_field(api: Caller, zoho: PracticeZoho) -> None:
    zoho.control(remove_fields=["Deals.Pipeline"])

    assert api.add("Deals", {"Deal_Name": "D", "Stage": "Anything"})


def test_colleagues_may_write_what_the_api_refuses(api: Caller, zoho: PracticeZoho) -> None:
    when, parent = "2026-01-05T09:00:00+01:00", {"id": "4821730000001000001"}
    made = zoho.create("Calls", Subject="C", Call_Start_Time=when, What_Id=parent, **{"$se_module": "Accounts"})
    odd = zoho.create("Contacts", Email="no address", Phone="é" * 99)

    [call] = api.get("Calls", fields="Call_Start_Time,What_Id,Call_Duration", ids=made).json()["data"]
    [contact] = api.get("Contacts", fields="Email,Phone,Last_Name", ids=odd).json()["data"]

    assert (call["Call_Start_Time"], call["What_Id"]["id"], call["Call_Duration"]) == (when, parent["id"], None)
    assert (contact["Email"], contact["Phone"], contact["Last_Name"]) == ("no address", "é" * 99, None)
    with pytest.raises(ZohoError, match="moment"):
        zoho.edit("Calls", made, Call_Start_Time="yesterday")


def test_views_changed_and_deleted(api: Caller, zoho: PracticeZoho) -> None:
    zoho.create("Accounts", Account_Name="Vendor", Account_Type="Vendor")
    views = {v["name"]: v["id"] for v in api.get("settings/custom_views", module="Accounts").json()["custom_views"]}
    empty = views["Nothing here"]
    before = api.get("Accounts", fields="id", cvid=empty).status_code

    zoho.control(set_view_criteria={"Nothing here": {
        "comparator": "equal", "field": {"api_name": "Account_Type"}, "value": "Vendor",
    }})  # fmt: skip
    after = api.get("Accounts", fields="id", cvid=empty).json()["info"]["count"]
    zoho.control(delete_view=empty)

    assert (before, after) == (204, 1)
    assert problem(api.get("Accounts", fields="id", cvid=empty))[:2] == (400, "INVALID_DATA")
    assert api.get(f"settings/custom_views/{empty}", module="Accounts").status_code == 204


def test_control_plane_over_http(zoho: PracticeZoho) -> None:
    session = zoho.session()
    shown = session.get("https://localhost/_control").json()
    made = session.post(
        "https://localhost/_control/create", json={"object": "Leads", "fields": {"Last_Name": "By hand"}}
    )
    elsewhere = session.get("https://www.zohoapis.eu/_control")

    assert "index_lag" in shown["known"]
    assert {"hide_fields", "unlimited", "quota_used", "expire_sessions", "revoke_grants"} <= set(shown["known"])
    assert made.json()["id"].startswith("4821730")
    assert elsewhere.status_code == 404


def test_world_can_be_filled_anew(api: Caller, zoho: PracticeZoho) -> None:
    zoho.create("Accounts", Account_Name="Extra")
    zoho.control(hide_fields=["Accounts.Industry"])

    zoho.control(reset_world=True)

    again = Caller.signed_in(zoho)
    assert again.get("Accounts", fields="id").json()["info"]["count"] == 5
    assert "Industry" in fields(again)
