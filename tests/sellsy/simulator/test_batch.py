import json

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import API, Api, ids


def codes(answers: list[dict[str, object]]) -> list[object]:
    return [one["code"] for one in answers]


def test_lines_are_answered_in_order_each_with_its_code(api: Api) -> None:
    answers = api.batch(
        ("PUT", "/companies/1", {"note": "x"}),
        ("PUT", "/companies/99", {"note": "x"}),
        ("PUT", "/companies/2", {"nonsense": 1}),
        ("GET", "/nowhere", {}),
        ("DELETE", "/companies/3", {}),
        ("PUT", "/companies/2/custom-fields", [{"id": 10, "value": "Print"}]),
    )

    assert codes(answers) == [200, 404, 400, 404, 204, 200]
    assert answers[0]["response"] == api.get("/companies/1")
    assert answers[2]["response"]["error"]["details"] == {"nonsense": "Ce champ n'a pas été prévu"}
    assert (answers[4]["response"], answers[5]["response"]) == (None, None)
    api.refused("GET", "/companies/3", status=404)


def test_the_whole_says_whether_any_line_failed(api: Api) -> None:
    def error(*methods: str) -> bool:
        text = "".join(f'{{"uri": "/companies/1", "method": "{one}"}}\n{{}}\n' for one in methods)
        found: bool = api.session.post(f"{API}/batch", data=text, headers={"Content-Type": "text/plain"}).json()[
            "error"
        ]
        return found

    assert (error("GET", "GET"), error("GET", "PATCH")) == (False, True)


def test_a_uuid_stands_for_what_an_earlier_line_made(api: Api) -> None:
    address = {"name": "Bureaux", "address_line_1": "1", "postal_code": "75010", "city": "Paris", "country_code": "FR"}
    lines = [
        ({"uri": "/companies", "method": "POST", "uuid": "6e9dbe21"}, {"type": "client", "name": "By batch"}),
        ({"uri": "/companies/6e9dbe21/addresses", "method": "POST", "uuid": "2ca47a9d"}, address),
        ({"uri": "/companies/6e9dbe21/addresses/2ca47a9d", "method": "PUT"}, {"name": "Renamed"}),
    ]
    answers = api.batch_text("".join(f"{json.dumps(head)}\n{json.dumps(body)}\n" for head, body in lines))

    assert codes(answers) == [201, 201, 200]
    assert answers[2]["response"]["name"] == "Renamed"
    assert len(api.get(f"/companies/{answers[0]['response']['id']}/addresses")["data"]) == 1


def test_the_query_of_a_line_is_written_out_as_php_does(api: Api) -> None:
    head = {
        "uri": "/companies",
        "method": "GET",
        "query": {"limit": 2, "field": ["id", "owner.id"], "embed": ["owner"]},
    }
    [answer] = api.batch_text(f"{json.dumps(head)}\n{{}}\n")

    assert [list(one) for one in answer["response"]["data"]] == [["id", "owner"]] * 2
    assert api.batch(("GET", "/companies/1/contacts?limit=1", {}))[0]["response"]["pagination"]["limit"] == 1


def test_links_of_many_companies_are_learned_in_one_call(api: Api, practice: PracticeSellsy) -> None:
    practice.forget_calls()
    answers = api.batch(*(("GET", f"/companies/{n}/contacts?limit=100", {}) for n in (1, 2, 3)))

    assert [ids(one["response"]) for one in answers] == [[1], [2], [3]]
    assert practice.calls() == {"batch": 1}


def test_what_is_no_batch_is_refused(api: Api) -> None:
    for text in ("", '{"uri": "/companies", "method": "GET"}\n', "not json\n{}\n"):
        assert api.batch_text(text, 400)["error"]["code"] == 400
    assert codes(api.batch_text('{"uri": "/companies"}\n{}\n')) == [400]
    assert codes(api.batch(("POST", "/batch", {}))) == [404]


def test_scopes_are_asked_line_by_line(api: Api, practice: PracticeSellsy) -> None:
    practice.control(withdraw_scopes=["contacts.read"])
    assert codes(api.batch(("GET", "/contacts/1", {}), ("GET", "/companies/1", {}))) == [403, 200]


def test_a_batch_costs_one_call_or_one_for_each_line(api: Api, practice: PracticeSellsy) -> None:
    line: tuple[str, str, object] = ("GET", "/companies/1?field[]=id", {})
    practice.control(unlimited=False, clear_quotas=True, quotas={"second": 3})
    assert codes(api.batch(*[line] * 5)) == [200] * 5

    practice.control(clear_quotas=True, batch_costs_lines=True)
    assert codes(api.batch(*[line] * 5)) == [200, 200, 429, 429, 429]


def test_a_batch_may_be_too_long(api: Api, practice: PracticeSellsy) -> None:
    practice.control(batch_most=2)
    text = '{"uri": "/companies/1", "method": "GET"}\n{}\n'
    assert api.batch_text(text * 3, 413)["error"]["code"] == 413
    assert codes(api.batch_text(text * 2)) == [200, 200]


def test_a_rule_of_the_account_refuses_some_lines_and_the_others_stay(api: Api, practice: PracticeSellsy) -> None:
    practice.control(reject_every=2)
    answers = api.batch(*(("PUT", f"/companies/{n}", {"note": "batch"}) for n in (1, 2, 3)))

    assert codes(answers) == [200, 400, 200]
    assert [api.get(f"/companies/{n}")["note"] for n in (1, 2, 3)] == ["batch", "", "batch"]
