import pytest

from integrations.engine.mapping import Kind
from integrations.salesforce.guide import GUIDE
from integrations.setup.saving import first_block
from integrations.sync.connector import CrmField, Schema

OWNER = CrmField("Owner.Email", "Owner", "user lookup", Kind.PERSON, is_person=True)
CREATOR = CrmField("CreatedBy.Email", "Customer success creator", "user lookup", Kind.PERSON, is_person=True)


def lookup(path: str, label: str) -> CrmField:
    return CrmField(path, label, "user lookup", Kind.PERSON, is_custom=True, is_person=True)


@pytest.mark.requirement("R24", "R69")
@pytest.mark.parametrize(
    ("own", "proposed"),
    [
        (lookup("CSM__r.Email", "Looks after it"), "CSM__r.Email"),
        (lookup("Keeper__r.Email", "Customer Success contact"), "Keeper__r.Email"),
        (lookup("Success_Manager__r.Email", "Keeper"), "Success_Manager__r.Email"),
        (lookup("Sales_Rep__r.Email", "Account executive"), "Owner.Email"),
        (CrmField("CSM_Name__c", "CSM", "string", Kind.TEXT, is_custom=True), "Owner.Email"),
    ],
)
def test_the_csm_is_proposed_from_a_lookup_that_says_so_else_from_the_owner(own: CrmField, proposed: str) -> None:
    block = first_block(GUIDE, "customers", Schema("customers", (OWNER, CREATOR, own)))

    assert {line["hub"]: line["crm"] for line in block["lines"]} == {"csm": proposed}
