"""What a data type asks for itself, and what a block keeps beside its lines: in files, versions and words."""

from typing import Any

import pytest

from accounts.models import User
from integrations.salesforce.models import SYSTEM, SalesforceConnection
from integrations.sync.blocks import AgreementSource, changed, deciding
from integrations.sync.configuration import (
    FileRefused,
    apply_yaml,
    differences,
    draft_differences,
    in_words,
    read_yaml,
    save_version,
    snapshot,
    to_yaml,
    write,
)
from integrations.sync.models import Block, Connection, FieldMapping
from integrations.sync.rules import rules_hash

FILE = """
skalin-sync: 1
connection: river
system: salesforce
blocks:
  agreements:
    settings: {source: Subscription__c, customer_field: Customer__c}
    lines:
      - {hub: ref_id, crm: Id}
      - {hub: amount_format, constant: MRR}
      - {hub: amount, crm: MRR__c}
      - {hub: start_date, crm: Starts__c}
      - {hub: auto_renew, constant: "yes"}
"""


@pytest.fixture
def river(db: None) -> Connection:
    return apply_yaml(read_yaml(FILE), None)


def agreements_of(connection: Connection) -> Block:
    return Block.objects.get(connection=connection, object="agreements")


@pytest.mark.requirement("C18", "R73")
def test_where_agreements_stand_comes_in_by_a_file_and_out_again(river: Connection) -> None:
    block = agreements_of(river)

    assert AgreementSource.read(block.settings) == AgreementSource("Subscription__c", "Customer__c")
    assert draft_differences(read_yaml(to_yaml(river))) == []
    assert "source: Subscription__c" in to_yaml(river)


@pytest.mark.parametrize(
    ("setting", "path"),
    [
        ("source: Account WHERE Id != null", "blocks.agreements.settings.source"),
        ("source: [Opportunity]", "blocks.agreements.settings.source"),
        ("customer_field: 'Id) OR (Id'", "blocks.agreements.settings.customer_field"),
        ("since_months: 12", "blocks.agreements.settings.since_months"),
        ("view_label: Mine", "blocks.agreements.settings.view_label"),
    ],
)
def test_a_setting_that_is_no_name_or_unknown_is_refused_with_its_path(db: None, setting: str, path: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_yaml(FILE.replace("source: Subscription__c, customer_field: Customer__c", setting))

    assert [found for found, _text in refused.value.problems] == [path]


@pytest.mark.parametrize("months", ["-1", "a year", "true"])
def test_history_is_a_number_of_months(db: None, months: str) -> None:
    text = f"skalin-sync: 1\nconnection: river\nsystem: salesforce\nblocks: {{calls: {{settings: {{since_months: {months}}}}}}}\n"

    with pytest.raises(FileRefused):
        read_yaml(text)


@pytest.mark.requirement("R37")
def test_a_file_without_what_agreements_need_is_refused_by_name(db: None) -> None:
    without = FILE.replace("      - {hub: amount, crm: MRR__c}\n", "").replace(
        '      - {hub: auto_renew, constant: "yes"}\n', ""
    )

    with pytest.raises(FileRefused) as refused:
        read_yaml(without)

    assert refused.value.problems == [
        ("blocks.agreements.lines", "is missing: Revenue field"),
        ("blocks.agreements.lines", "is missing: Tacit renewal"),
    ]
    assert read_yaml(without.replace("  agreements:\n", "  agreements:\n    mode: disabled\n"))


def test_versions_say_what_became_of_a_block_in_words(river: Connection, admin_user: User) -> None:
    before = snapshot(river)
    block = agreements_of(river)
    block.settings |= {"view": "00B1", "view_label": "Signed ones"}
    block.on_hub_delete = "delete"
    block.save()
    FieldMapping.objects.filter(block=block, hub_field="amount").update(default_out="0")

    said = differences(before, snapshot(river))

    assert said == [
        "Agreements, view: empty → Signed ones",
        "Agreements, when deleted here: Keep it on the other side → Delete it on the other side too",
        "Agreements, Revenue field: sent where the hub has nothing: empty → 0",
    ]
    version = save_version(river, admin_user)
    assert version is not None
    write(river, before)
    assert snapshot(river) == before


def test_an_older_version_that_knows_less_of_a_block_still_compares(river: Connection) -> None:
    old = snapshot(river)
    for block in old["blocks"].values():
        for name in ("settings", "on_crm_delete", "on_hub_delete"):
            del block[name]
        for line in block["lines"]:
            del line["default_out"]

    assert differences(old, snapshot(river)) == [
        "Agreements, object that holds the agreements: empty → Subscription__c",
        "Agreements, field that names the customer: empty → Customer__c",
    ]
    write(river, old)
    assert agreements_of(river).settings == {}


def test_a_rest_that_the_mapping_page_does_not_show_survives_its_saving(river: Connection) -> None:
    FieldMapping.objects.filter(block__connection=river, hub_field="amount").update(default_out="0")
    data = snapshot(river)
    for line in data["blocks"]["agreements"]["lines"]:
        del line["default_out"]

    write(river, data)

    assert FieldMapping.objects.get(hub_field="amount").default_out == "0"


def test_only_what_decides_reads_everything_anew(river: Connection) -> None:
    block = agreements_of(river)
    before = rules_hash(block)

    block.settings = {**block.settings, "view_label": "Renamed"}
    renamed = rules_hash(block)
    block.settings = {**block.settings, "source": "Contract"}

    assert renamed == before
    assert rules_hash(block) != before


def test_another_view_forgets_the_former_ones_name() -> None:
    old = {"source": "Opportunity", "view": "00B1", "view_label": "Signed ones"}

    assert changed("agreements", old, {"view": "00B2"}) == {"source": "Opportunity", "view": "00B2"}
    assert changed("agreements", old, {"view": "00B1"}) == old
    assert changed("agreements", old, {}) == old
    assert deciding("agreements", old) == {"source": "Opportunity", "view": "00B1"}


def test_unfit_settings_of_a_later_release_are_left_out() -> None:
    found: dict[str, Any] = {"source": "Bad name", "customer_field": "AccountId", "since": 3}

    assert AgreementSource.read(found) == AgreementSource("", "AccountId")


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("input", "River decides Name."),
        ("two-way", "Either side may change Name."),
        ("output", "The hub decides Name."),
    ],
)
def test_plain_words_go_by_what_the_mode_leaves_of_a_line(river: Connection, mode: str, said: str) -> None:
    block, _made = Block.objects.update_or_create(connection=river, object="contacts", defaults={"mode": mode})
    block.lines.all().delete()
    FieldMapping.objects.create(block=block, hub_field="last_name", crm_field="LastName", direction="both")

    assert said.replace("Name", "Last name") in in_words(block, "River")


def test_plain_words_say_where_agreements_stand(river: Connection) -> None:
    words = in_words(agreements_of(river), "River")

    assert words[0] == "Object that holds the agreements: Subscription__c; field that names the customer: Customer__c."
    assert SalesforceConnection.objects.get().system == SYSTEM
