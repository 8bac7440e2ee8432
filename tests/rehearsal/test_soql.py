from datetime import date

import pytest

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.simulator.errors import ApiError
from integrations.salesforce.simulator.ids import checksum, to_18
from integrations.salesforce.simulator.soql.dates import named_range


@pytest.fixture
def org(small: PracticeSalesforce) -> PracticeSalesforce:
    rows = small.query("SELECT Id FROM Account ORDER BY Id")
    for number, row in enumerate(rows):
        small.edit(
            "Account", row["Id"], Name=f"Account {number}", Type="Prospect" if number < 3 else "Other" if number < 7 else None,
            AnnualRevenue=float(number * 100), Renewal_Date__c="2026-02-28" if number == 4 else None, Is_Strategic__c=number == 5,
            ParentId=rows[0]["Id"] if number in {1, 2} else None, Site="100%_sure" if number == 8 else "É" if number == 9 else None,
        )  # fmt: skip
    return small


CONDITIONS = [
    ("Type = 'prospect'", "0 1 2"),
    ("Type != 'Prospect'", "3 4 5 6 7 8 9"),
    ("Type = null", "7 8 9"),
    ("Type = ''", "7 8 9"),
    ("Type != null AND AnnualRevenue > 500", "6"),
    ("Type IN ('Prospect', 'OTHER')", "0 1 2 3 4 5 6"),
    ("Type NOT IN ('Prospect')", "3 4 5 6 7 8 9"),
    ("Type IN ('Prospect', null)", "0 1 2 7 8 9"),
    ("NOT (Type = 'Prospect')", "3 4 5 6 7 8 9"),
    ("NOT Type = 'Prospect' AND AnnualRevenue <= 300", "3"),
    ("(Type = 'Prospect' OR Type = null) AND AnnualRevenue >= 200", "2 7 8 9"),
    ("AnnualRevenue = 1E2", "1"),
    ("Is_Strategic__c = true", "5"),
    ("Is_Strategic__c != false", "5"),
    ("Renewal_Date__c = 2026-02-28", "4"),
    ("Renewal_Date__c < 2026-03-01", "4"),
    ("Name LIKE 'account _'", "0 1 2 3 4 5 6 7 8 9"),
    ("Name LIKE '%8'", "8"),
    (r"Site LIKE '100\%\_%'", "8"),
    (r"Site LIKE '100\_%'", ""),
    ("Site = 'é'", "9"),
    ("Site LIKE 'é%'", "9"),
    ("Parent.Name = 'Account 0'", "1 2"),
    ("Account.Name = 'Account 3'", "3"),
    ("Id IN (SELECT AccountId FROM Contact WHERE Account.Name = 'Account 6')", "6"),
    ("Id NOT IN (SELECT AccountId FROM Contact WHERE Account.Type = 'Prospect')", "3 4 5 6 7 8 9"),
    ("SystemModstamp = TODAY AND Name = 'Account 0'", "0"),
    ("SystemModstamp > TODAY", ""),
    ("SystemModstamp >= LAST_N_DAYS:1 AND SystemModstamp < NEXT_N_DAYS:1 AND AnnualRevenue = 0", "0"),
    ("SystemModstamp >= 2020-01-01T00:00:00+02:00 AND AnnualRevenue = 900", "9"),
]


@pytest.mark.parametrize(("condition", "numbers"), CONDITIONS)
def test_condition_finds_the_rows_it_means(org: PracticeSalesforce, condition: str, numbers: str) -> None:
    rows = org.query(f"SELECT Name FROM Account WHERE {condition} ORDER BY Name")

    assert " ".join(row["Name"].removeprefix("Account ") for row in rows) == numbers


REFUSALS = [
    ("SELECT Idd FROM Account", "INVALID_FIELD", "SELECT Idd FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Idd' on"),
    ("SELECT Id FROM Nothing", "INVALID_TYPE", "^\nERROR at Row:1:Column:16\nsObject type 'Nothing' is not supported."),
    ("SELECT Id FROM", "MALFORMED_QUERY", "unexpected token: <EOF>"),
    ("SELECT Id FROM Account WHERE Name = 'a' AND Type = 'b' OR Type = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
    ("SELECT Id FROM Account WHERE Name = 'a", "MALFORMED_QUERY", "mismatched character '<EOF>' expecting '''"),
    ("SELECT Id FROM Account WHERE Description = 'a'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
    ("SELECT Id FROM Account ORDER BY Description", "MALFORMED_QUERY", "field 'Description' can not be sorted"),
    ("SELECT Id FROM Account WHERE CreatedDate > '2026'", "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"),
    ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
    ("SELECT Id FROM Account WHERE Is_Strategic__c = 'true'", "INVALID_FIELD", "must be of type boolean"),
    ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
    ("SELECT Id FROM Account WHERE Id = '001'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 001"),
    ("SELECT Id FROM Account WHERE OwnerId LIKE '005%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
    ("SELECT Id FROM Account WHERE Type INCLUDES ('a')", "INVALID_FIELD", "only valid on multipicklist"),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000"),
    ("SELECT FIELDS(ALL) FROM Account LIMIT 201", "MALFORMED_QUERY", "must have a LIMIT of at most 200"),
    ("SELECT Id, Id FROM Account", "INVALID_FIELD", "duplicate field selected: Id"),
    ("SELECT Type, Name, COUNT(Id) FROM Account GROUP BY Type", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
    ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss' in field path"),
    ("SELECT (SELECT Id FROM Nieces) FROM Account", "INVALID_TYPE", "Didn't understand relationship 'Nieces'"),
    ("SELECT Id FROM Account; DROP TABLE Account", "MALFORMED_QUERY", "no viable alternative at character ';'"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "code", "words"), REFUSALS)
def test_query_is_refused_in_the_vendors_words(small: PracticeSalesforce, query: str, code: str, words: str) -> None:
    with pytest.raises(ApiError) as refusal:
        small.query(query)

    assert refusal.value.code == code
    assert words in refusal.value.message


def test_caret_of_a_long_query_points_at_the_place(small: PracticeSalesforce) -> None:
    query = "SELECT Id, Phone, Website, Type, Industry, BillingCity, Nope FROM Account"
    padded = query + " WHERE Name != '" + "x" * 100 + "'"

    with pytest.raises(ApiError) as refusal:
        small.query(padded)

    _, excerpt, caret, place, _ = refusal.value.message.split("\n")
    assert excerpt[caret.index("^") :].startswith("Nope")
    assert place == f"ERROR at Row:1:Column:{padded.index('Nope') + 1}"


def test_parents_children_and_addresses_come_nested(org: PracticeSalesforce) -> None:
    query = "SELECT Id, Parent.Name, Parent.Owner.Email, BillingAddress, (SELECT LastName FROM Contacts LIMIT 1) FROM Account"

    with_parent, without = (org.query(f"{query} WHERE Name = 'Account {n}'")[0] for n in (1, 0))

    assert with_parent["Parent"]["Name"] == "Account 0"
    assert with_parent["Parent"]["attributes"]["type"] == "Account"
    assert "@aldervale.example" in with_parent["Parent"]["Owner"]["Email"]
    assert without["Parent"] is None
    assert set(without["BillingAddress"]) >= {"city", "country", "street", "postalCode", "state"}
    assert [set(r) for r in without["Contacts"]["records"]] == [{"attributes", "LastName"}]


def test_aggregates_are_named_as_the_vendor_names_them(org: PracticeSalesforce) -> None:
    rows = org.query(
        "SELECT Type, COUNT(Id), MAX(AnnualRevenue) most FROM Account GROUP BY Type HAVING COUNT(Id) > 3 ORDER BY Type"
    )

    assert rows == [{"attributes": {"type": "AggregateResult"}, "Type": "Other", "expr0": 4, "most": 600.0}]


def test_order_puts_nulls_first_unless_told_otherwise(org: PracticeSalesforce) -> None:
    first = org.query("SELECT Type FROM Account ORDER BY Type DESC LIMIT 1")
    last = org.query("SELECT Type FROM Account ORDER BY Type ASC NULLS LAST LIMIT 1")

    assert (first[0]["Type"], last[0]["Type"]) == (None, "Other")


def test_scope_mine_is_relative_to_the_integration_user(practice: PracticeSalesforce) -> None:
    mine = practice.query("SELECT OwnerId, Owner.Username FROM Account USING SCOPE mine")

    assert {row["Owner"]["Username"] for row in mine} == {practice.credentials.username}


def test_to_label_and_alias_keep_the_fields_name(org: PracticeSalesforce) -> None:
    [row] = org.query("SELECT toLabel(Type), a.Name FROM Account a WHERE a.Name = 'Account 0'")

    assert (row["Type"], row["Name"]) == ("Prospect", "Account 0")


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("TODAY", date(2026, 3, 31), date(2026, 4, 1)),
        ("LAST_WEEK", date(2026, 3, 22), date(2026, 3, 29)),
        ("THIS_MONTH", date(2026, 3, 1), date(2026, 4, 1)),
        ("NEXT_QUARTER", date(2026, 4, 1), date(2026, 7, 1)),
        ("LAST_YEAR", date(2025, 1, 1), date(2026, 1, 1)),
        ("LAST_N_DAYS:7", date(2026, 3, 24), date(2026, 4, 1)),
        ("NEXT_N_DAYS:2", date(2026, 4, 1), date(2026, 4, 3)),
        ("N_DAYS_AGO:3", date(2026, 3, 28), date(2026, 3, 29)),
        ("LAST_N_MONTHS:2", date(2026, 1, 1), date(2026, 3, 1)),
    ],
)
def test_named_date_is_a_range_of_days(name: str, start: date, end: date) -> None:
    assert named_range(name, date(2026, 3, 31)) == (start, end)


def test_short_id_gets_the_checksum_of_a_real_one() -> None:
    assert to_18("001dM00003jU9Gy") == "001dM00003jU9GyQAK"
    assert to_18("001dM00003jU9GyQAK") == "001dM00003jU9GyQAK"
    assert to_18("001dM00003jU9G") is None
    assert checksum("003dM00001vWOXJ") == "QA4"


def test_long_and_deep_conditions_are_taken_or_refused(org: PracticeSalesforce) -> None:
    long = " OR ".join(["Name = 'Account 1'", *(f"Site = 'x{n}'" for n in range(4000))])
    deep = "(" * 5000 + "Name = 'x'" + ")" * 5000

    assert [row["Name"] for row in org.query(f"SELECT Name FROM Account WHERE {long}")] == ["Account 1"]
    with pytest.raises(ApiError, match="nested too deeply"):
        org.query(f"SELECT Name FROM Account WHERE {deep}")
