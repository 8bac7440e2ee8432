from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from simple_salesforce import SalesforceMalformedRequest

from integrations.rehearsal.practice import PracticeSalesforce

from .conftest import signed_in


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (1, 1), (2000, 1), (2001, 2)])
def test_pages_hold_two_thousand_rows_at_most(tmp_path: Path, count: int, calls: int) -> None:
    with PracticeSalesforce(tmp_path, accounts=count, contacts_per=0) as org:
        rows = list(signed_in(org).query_all_iter("SELECT Id FROM Account ORDER BY SystemModstamp, Id"))

        assert len({row["Id"] for row in rows}) == len(rows) == count
        assert org.calls()["query"] + org.calls()["query_more"] == calls


def test_selected_long_text_halves_the_page(tmp_path: Path) -> None:
    with PracticeSalesforce(tmp_path, accounts=1001, contacts_per=0) as org:
        answer = signed_in(org).query("SELECT Id, Description FROM Account")

    assert (len(answer["records"]), answer["totalSize"], answer["done"]) == (1000, 1001, False)


def test_batch_size_is_honoured_within_its_bounds(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)

    answers = [
        sf.query("SELECT Id FROM Contact", headers={"Sforce-Query-Options": f"batchSize={n}"}) for n in (250, 10)
    ]

    assert [len(a["records"]) for a in answers] == [250, 200]


def test_row_deleted_between_pages_disappears_and_the_total_stays(practice: PracticeSalesforce) -> None:
    sf = signed_in(practice)
    first = sf.query("SELECT Id FROM Contact ORDER BY Id", headers={"Sforce-Query-Options": "batchSize=200"})
    victim = practice.query("SELECT Id FROM Contact ORDER BY Id LIMIT 1 OFFSET 300")[0]["Id"]

    practice.delete("Contact", victim)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)

    assert len(second["records"]) == 199
    assert second["totalSize"] == first["totalSize"]


def test_locator_lives_two_days_and_a_restart(tmp_path: Path) -> None:
    moment = [datetime(2026, 5, 1, tzinfo=UTC)]
    with PracticeSalesforce(tmp_path, accounts=2001, contacts_per=0, clock=lambda: moment[0]) as org:
        following = signed_in(org).query("SELECT Id FROM Account")["nextRecordsUrl"]

    with PracticeSalesforce(tmp_path, accounts=2001, contacts_per=0, clock=lambda: moment[0]) as org:
        moment[0] += timedelta(days=1, hours=23)
        assert len(signed_in(org).query_more(following, identifier_is_url=True)["records"]) == 1

        moment[0] += timedelta(hours=2)
        with pytest.raises(SalesforceMalformedRequest, match="INVALID_QUERY_LOCATOR"):
            signed_in(org).query_more(following, identifier_is_url=True)
