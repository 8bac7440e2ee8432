"""The org about itself: the one row of Organization, which every org has and nobody creates."""

from .fields import SObject, checkbox, read_only, setup_object, text
from .ids import make_id

ORG_ID = make_id("00D", 1)

ORGANIZATION: SObject = setup_object(
    "Organization", "Organizations", ORG_ID[:3],
    fields=tuple(read_only(field) for field in (
        text("Name", "Name", 80, required=True, name_field=True), text("InstanceName", "Instance Name", 5),
        text("OrganizationType", "Edition", 40), text("LanguageLocaleKey", "Language", 40), checkbox("IsSandbox", "Is Sandbox"),
    )),
)  # fmt: skip
ABOUT_ITSELF = {
    "Id": ORG_ID, "Name": "Aldervale Software", "InstanceName": "EU1", "OrganizationType": "Enterprise Edition",
    "LanguageLocaleKey": "en_US", "IsSandbox": 0,
}  # fmt: skip
