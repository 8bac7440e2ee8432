"""Which of Salesforce's fields are worth offering in the set-up, and what it proposes for agreements."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.setup.guide import Offers
from integrations.sync.connector import CrmField

from .agreements import ACCOUNT, CONTRACT, FIRST_CHOICE, OPPORTUNITY

ITS_OWN = frozenset(
    {
        "CleanStatus", "CreatedBy.Email", "CreatedById", "CreatedDate", "DandbCompanyId", "EmailBouncedDate",
        "EmailBouncedReason", "IsDeleted", "IsEmailBounced", "IsPriorityRecord", "Jigsaw", "JigsawCompanyId",
        "JigsawContactId", "LastActivityDate", "LastCURequestDate", "LastCUUpdateDate", "LastModifiedBy.Email",
        "LastModifiedById", "LastModifiedDate", "LastReferencedDate", "LastViewedDate", "MasterRecordId", "PhotoUrl",
        "SystemModstamp",
    }
)  # fmt: skip


def is_its_own(field: CrmField) -> bool:
    return not field.is_custom and (field.path in ITS_OWN or field.path.endswith(("Latitude", "Longitude", "Accuracy")))


def without_view(source: str) -> str | Promise:
    if source == OPPORTUNITY:
        return _("No view: won opportunities of these accounts")
    if source == ACCOUNT:
        return _("No view: one agreement for each of these accounts")
    return _("No view: everything that hangs on these accounts")


OFFERS = Offers(
    is_its_own=is_its_own,
    roles=("Title", "Department", "DepartmentGroup", "TitleType", "BuyerAttributes", "LeadSource", "ContactSource"),
    # In organisations with several currencies.
    currency="CurrencyIsoCode",
    agreements={
        OPPORTUNITY: {"amount": "Amount"},
        CONTRACT: {
            "start_date": "StartDate", "end_way": "duration", "end_field": "ContractTerm", "end_period": "MONTH",
            "notice_way": "duration", "notice_field": "OwnerExpirationNotice", "notice_period": "DAY",
        },
    },
    first_source=FIRST_CHOICE.source,
    without_view=without_view,
)  # fmt: skip
