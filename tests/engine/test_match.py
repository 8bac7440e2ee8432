import pytest

from integrations.engine.mapping import Compare, MergeKey
from integrations.engine.match import Index, Match, contested, find
from integrations.engine.reasons import Reason
from tests.engine.made_up import code

REF = MergeKey("ref_id", "Customer ID", Compare.ID)
DOMAIN = MergeKey("domain", "Domain", Compare.DOMAIN)
BOTH = {"ref_id": "5521", "domain": "acme.example"}


def index(ref=None, domain=None, claimants=None, linked_to=None) -> Index:
    return Index({"ref_id": ref or {}, "domain": domain or {}}, claimants or {}, linked_to or {})


@pytest.mark.requirement("R22", "R23")
def test_match_takes_the_first_key_with_a_hit():
    found = find("001A", BOTH, [REF, DOMAIN], index({"5521": (7,)}, {"acme.example": (9,)}), system="Salesforce")

    assert (found.hub_id, found.key) == (7, "ref_id")
    assert str(found.reason) == "Matched on Customer ID 5521: one hit."


def test_match_asks_the_keys_in_the_given_order():
    found = find("001A", BOTH, [DOMAIN, REF], index({"5521": (7,)}, {"acme.example": (9,)}))

    assert (found.hub_id, found.key) == (9, "domain")


def test_match_goes_on_where_a_key_has_no_hit():
    found = find("001A", BOTH, [REF, DOMAIN], index(domain={"acme.example": (9,)}))

    assert (found.hub_id, found.key, found.collision) == (9, "domain", None)


def test_match_by_a_domain_of_its_own_says_nothing_beside_it():
    facts = index(claimants={"domain": {"acme.example": 1}, "ref_id": {"5521": 1}})

    found = find("001A", BOTH, [REF, DOMAIN], facts)

    assert (found.hub_id, found.collision, found.notes) == (None, None, ())


def test_match_without_a_hit_names_what_was_asked():
    found = find("001A", {**BOTH, "ref_id": ""}, [REF, DOMAIN], index(), system="Salesforce")

    assert found.hub_id is None
    assert found.collision is None
    assert str(found.reason) == "No key matched: nothing here has Domain acme.example."


@pytest.mark.requirement("F32")
def test_match_of_empty_keys_finds_nothing():
    found = find("001A", {"ref_id": "", "domain": ""}, [REF, DOMAIN], index({"": (7,)}, {"": (9,)}), system="HubSpot")

    assert (found.hub_id, found.collision) == (None, None)
    assert str(found.reason) == "No key could be asked: Customer ID, Domain is blank in HubSpot."


def test_match_without_keys_says_so():
    assert find("001A", BOTH, [], index({"5521": (7,)})).reason == Reason("no-keys")


@pytest.mark.requirement("F32", "C1")
@pytest.mark.parametrize(
    ("keys", "facts", "expected"),
    [
        ([REF], index({"5521": (7, 8)}), "several-hub-rows"),
        ([REF], index({"5521": (7,)}, linked_to={7: "001Z"}), "hub-row-taken"),
        ([REF], index({"5521": (7,)}, claimants={"ref_id": {"5521": 2}}), "claimed-by-several"),
        ([REF, DOMAIN], index(claimants={"ref_id": {"5521": 2}}), "claimed-by-several"),
        (
            [DOMAIN],
            index(domain={"acme.example": (7,)}, claimants={"domain": {"acme.example": 2}}),
            "claimed-by-several",
        ),
        ([DOMAIN], index(domain={"acme.example": (7, 8)}), "several-hub-rows"),
    ],
)
def test_match_that_is_ambiguous_collides(keys, facts, expected):
    found = find("001A", BOTH, keys, facts, system="Salesforce")

    assert found.hub_id is None
    assert code(found.collision) == expected
    assert keys[0].hub_label in str(found.collision)
    assert BOTH[keys[0].hub_field] in str(found.collision)


def test_match_with_a_row_linked_to_itself_is_no_collision():
    found = find("001A", BOTH, [REF], index({"5521": (7,)}, linked_to={7: "001A"}))

    assert found.hub_id == 7


def test_match_by_a_shared_domain_without_a_row_is_passed_over():
    facts = index({"5521": (7,)}, claimants={"domain": {"acme.example": 2}})

    found = find("001A", BOTH, [DOMAIN, REF], facts, system="Salesforce")

    assert (found.hub_id, found.key, found.collision) == (7, "ref_id", None)
    assert [str(note) for note in found.notes] == [
        "2 records of Salesforce share Domain acme.example, so it recognised none of them."
    ]


def test_contested_match_links_nobody():
    mine = find("001A", BOTH, [REF], index({"5521": (7,)}), system="Salesforce")

    rivalled = contested(mine, 1, system="Salesforce")

    assert rivalled.hub_id is None
    assert str(rivalled.collision) == (
        "Found by Customer ID 5521, but other records of Salesforce found the same row (1). Nothing is written."
    )


def test_contested_match_without_rivals_stands():
    mine = find("001A", BOTH, [REF], index({"5521": (7,)}))

    assert contested(mine, 0) is mine
    assert contested(Match(), 3) == Match()


@pytest.mark.requirement("R185")
def test_match_that_makes_no_rows_waits_with_what_would_recognise_it():
    found = find("cus_1", {**BOTH, "ref_id": ""}, [REF, DOMAIN], index(), system="Stripe", makes_rows=False)

    assert (found.hub_id, found.collision, found.names_row) == (None, None, False)
    assert found.reason == Reason(
        "waits-for-row", {"keys": "Domain acme.example", "system": "Stripe", "by:domain": "acme.example"}
    )


def test_match_that_makes_no_rows_links_by_the_same_keys():
    found = find("cus_1", BOTH, [REF, DOMAIN], index(domain={"acme.example": (9,)}), makes_rows=False)

    assert (found.hub_id, found.key, found.names_row) == (9, "domain", True)


def test_match_that_makes_no_rows_says_when_nothing_could_be_asked():
    found = find("cus_1", {}, [REF, DOMAIN], index(), system="Stripe", makes_rows=False)

    assert str(found.reason) == "Stripe holds nothing to recognise its row by, and creates none, so this record waits."


def test_match_tells_a_very_long_value_by_its_beginning_and_keeps_the_whole_one():
    name = MergeKey("name", "Name", Compare.TEXT)

    found = find("cus_1", {"name": "w" * 500}, [name], index(), system="Stripe", makes_rows=False)

    assert found.reason is not None
    assert found.reason.params["keys"] == f"Name {'w' * 59}…"
    assert found.reason.params["by:name"] == "w" * 500
