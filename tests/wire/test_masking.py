"""What the inspector may show of an address: which records and fields, never whose values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.wire.masking import LONGEST_ADDRESS, masked_address, masked_query

from .border import ORG

pytestmark = pytest.mark.requirement("C6")
DATA = "/services/data/v66.0"


@pytest.mark.parametrize(
    ("url", "params", "shown"),
    [
        (f"{ORG}{DATA}/limits", {}, f"{DATA}/limits"),
        (f"{ORG}{DATA}/sobjects/Account/001Ab00000XyZ12QAB", {}, f"{DATA}/sobjects/Account/001Ab00000XyZ12QAB"),
        (f"{ORG}{DATA}/query/01gAb00000XyZ12QAB-2000", {}, f"{DATA}/query/01gAb00000XyZ12QAB-2000"),
        (f"{ORG}{DATA}/sobjects/Contact/Email__c/ada@aldervale.example", {}, f"{DATA}/sobjects/Contact/Email__c/•••"),
        (f"{ORG}{DATA}/sobjects/Contact/Email__c/ada%40aldervale.example", {}, f"{DATA}/sobjects/Contact/Email__c/•••"),
        (f"{ORG}{DATA}/sobjects/Account/Name__c/Aldervale%20Ltd", {}, f"{DATA}/sobjects/Account/Name__c/•••"),
        (f"{ORG}/x?token=5Aep861abc", {}, "/x?token=•••"),
        (f"{ORG}/x", {"maxRecords": 50_000, "locator": "MTAwMDAw"}, "/x?maxRecords=50000&locator=•••"),
        (f"{ORG}/x", {"start": "2026-11-25T09:00:00+00:00"}, "/x?start=2026-11-25T09:00:00+00:00"),
        (f"{ORG}/x", {"fields": "Id,Owner.Email", "name": "Ada"}, "/x?fields=Id,Owner.Email&name=•••"),
        (f"{ORG}/x?q=SELECT+Id+FROM+Account+WHERE+Name%3D%27Al%27", {}, "/x?q=SELECT Id FROM Account WHERE Name='•••'"),
    ],
)  # fmt: skip
def test_address_keeps_ids_and_fields_and_masks_values(url: str, params: dict[str, str | int], shown: str) -> None:
    assert masked_address(url, params) == shown


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("SELECT Id FROM Account WHERE Name = 'Aldervale'", "SELECT Id FROM Account WHERE Name = '•••'"),
        (r"SELECT Id FROM A WHERE Name = 'O\'Hara' AND B = 'x'", "SELECT Id FROM A WHERE Name = '•••' AND B = '•••'"),
        ("SELECT Id FROM A WHERE Name LIKE '%ada@x.example%'", "SELECT Id FROM A WHERE Name LIKE '•••'"),
        ("SELECT Id FROM A WHERE OwnerId IN ('0055g00000AbCdEAAV', 'x')", "SELECT Id FROM A WHERE OwnerId IN ('0055g00000AbCdEAAV', '•••')"),
        ("SELECT Id FROM A WHERE Revenue__c > 1250000.50 LIMIT 200", "SELECT Id FROM A WHERE Revenue__c > ••• LIMIT 200"),
        ("SELECT Id FROM A WHERE N__c IN (5, 10) OFFSET 20", "SELECT Id FROM A WHERE N__c IN (•••, •••) OFFSET 20"),
        ("SELECT Id FROM A WHERE SystemModstamp > 2026-11-25T09:00:00.000Z", "SELECT Id FROM A WHERE SystemModstamp > 2026-11-25T09:00:00.000Z"),
        ("SELECT Id FROM A WHERE CreatedDate = LAST_N_DAYS:30", "SELECT Id FROM A WHERE CreatedDate = LAST_N_DAYS:30"),
        ("SELECT Id FROM A WHERE Name = 'cut in the mid", "SELECT Id FROM A WHERE Name = '•••'"),
    ],
)  # fmt: skip
def test_query_keeps_ids_and_moments_and_masks_every_other_literal(query: str, shown: str) -> None:
    assert masked_query(query) == shown


def test_known_secrets_and_session_ids_never_stand_in_an_address() -> None:
    shown = masked_address(f"{ORG}/a/CANARYTOKEN1/b", {"sid": "00Dxx0000001gER!AQ8AQ"}, ("CANARYTOKEN1",))

    assert "CANARY" not in shown
    assert "AQ8AQ" not in shown


def test_long_address_is_cut_after_it_was_masked() -> None:
    secret = "CANARY" * 4
    names = ", ".join(f"Field_{n}__c" for n in range(200))

    shown = masked_address(f"{ORG}/q", {"q": f"SELECT {names} FROM A WHERE B = '{secret}'"})

    assert len(shown) == LONGEST_ADDRESS
    assert "CANARY" not in shown


@given(st.text(alphabet=st.characters(exclude_characters="'\\", exclude_categories=["Cs"]), min_size=1))
def test_no_quoted_value_survives_unless_it_is_an_id(value: str) -> None:
    shown = masked_query(f"SELECT Id FROM A WHERE B = '{value}'")

    assert shown in {"SELECT Id FROM A WHERE B = '•••'", f"SELECT Id FROM A WHERE B = '{value}'"}
    assert f"'{value}'" not in shown or value.isalnum() or value.count("-") == 4 or value == "•••"
