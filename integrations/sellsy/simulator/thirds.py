"""Companies, individuals and contacts: what may be written to them, asked of them and embedded in them."""

from collections.abc import Callable, Sequence
from typing import Any

from integrations.simulation.documents import Record

from . import embeds, filters, shapes
from .account import Account
from .kind import BY_ID, Filter, Kind, Order, Told
from .rules import (
    DAYS,
    EMAIL,
    FLAG,
    IGNORED,
    MOMENT,
    URL,
    Fields,
    either,
    integer,
    items,
    one_of,
    shape,
    text,
)
from .shapes import CAMPAIGNS

TYPES = ("prospect", "client", "supplier")
_TYPE = one_of(*TYPES)
_WEB, _MAIL, _ID = URL.or_null, EMAIL.or_null, integer().or_null
_SOCIAL = shape(twitter=_WEB, facebook=_WEB, linkedin=_WEB, viadeo=_WEB)
_LEGAL = shape(
    siret=text(14, 14).or_null, siren=text(9, 9).or_null, vat=text(15, 2).or_null, ape_naf_code=text(6, 5).or_null,
    company_type=text(100, 2).or_null, rcs_immatriculation=text(200, 3).or_null,
)  # fmt: skip
_SYNC = shape(mailchimp=FLAG, mailjet=FLAG, simplemail=FLAG)
_CAMPAIGNS = items(one_of(*CAMPAIGNS))
_SHARED: Fields = {
    "email": _MAIL, "website": _WEB, "phone_number": text().or_null, "mobile_number": text().or_null,
    "fax_number": text().or_null, "note": text(), "social": _SOCIAL, "owner_id": integer(1).or_null,
    "is_archived": FLAG, "marketing_campaigns_subscriptions": _CAMPAIGNS,
}  # fmt: skip
_BOOKS: Fields = {
    "reference": text(100).or_null, "auxiliary_code": text().or_null, "rate_category_id": _ID,
    "accounting_code_id": _ID, "accounting_purchase_code_id": _ID,
}  # fmt: skip

# Neither id, type, stamps, owner nor the roles of contacts are in a PUT: all of them are refused as unexpected.
COMPANY_PUT: Fields = {
    "name": text(250), **_SHARED, **_BOOKS, "legal_france": _LEGAL, "capital": text().or_null, "business_segment": _ID,
    "number_of_employees": _ID,
}  # fmt: skip
COMPANY_POST: Fields = {**COMPANY_PUT, "type": _TYPE.must, "name": text(250).must, "created": MOMENT}
_NAMES: Fields = {"first_name": text(200).or_null, "civility": one_of("mr", "mrs", "ms").or_null, "sync": _SYNC}
INDIVIDUAL_PUT: Fields = {"last_name": text(200), **_NAMES, **_SHARED, **_BOOKS}
INDIVIDUAL_POST: Fields = {
    **INDIVIDUAL_PUT, "type": _TYPE.must, "last_name": text(200).must, "created": MOMENT,
}  # fmt: skip
CONTACT_PUT: Fields = {
    "last_name": text(200), **_NAMES, **_SHARED, "phone_number": text(50).or_null, "mobile_number": text(50).or_null,
    "fax_number": text(50).or_null, "position": text(200).or_null, "birth_date": text().or_null, "avatar": URL.or_null,
    # The document lists these in the body and marks them as read-only.
    "id": IGNORED, "invoicing_address_id": IGNORED, "delivery_address_id": IGNORED, "owner": IGNORED,
    "updated": IGNORED, "created": IGNORED, "_embed": IGNORED,
}  # fmt: skip
CONTACT_POST: Fields = {**CONTACT_PUT, "last_name": text(200).must, "created": MOMENT}

_ORDERS = {
    "id": BY_ID,
    "name": Order(f"{filters.texts('name')} COLLATE NOCASE"),
    "created_at": Order("created"),
    "updated_at": Order("updated"),
}
_BY_LAST_NAME = Order(f"{filters.texts('last_name')} COLLATE NOCASE")


def _tell(shape_of: Callable[[Record], Told]) -> Callable[[Account, Sequence[Record]], list[Told]]:
    return lambda _account, records: [shape_of(one) for one in records]


def _filters(kind: str, **more: Filter) -> dict[str, Filter]:
    return {
        "created": filters.CREATED,
        "email": filters.looked_up(kind, "email"),
        "id": filters.IDS,
        "country_code": filters.by_address(kind, "country_code", text()),
        "postal_code": filters.by_address(kind, "postal_code", items(text())),
        "favourite_filter": filters.FAVOURITE,
        **more,
    }


def _third_filters(kind: str, name: str) -> dict[str, Filter]:
    return _filters(
        kind,
        updated_at=filters.UPDATED,
        name=filters.looked_up(kind, name),
        type=filters.among(filters.body("type"), _TYPE, alone=True),
        is_archived=filters.flag("is_archived"),
        reference=filters.looked_up(kind, "reference", items(text(100, 1))),
    )


def _employees(value: Any) -> tuple[str, list[Any]]:
    least = filters.body("number_of_employees.id")
    return f"{least} BETWEEN ? AND ?", [value.get("min", 0), value.get("max", 1 << 40)]


COMPANY = Kind(
    "company", _tell(shapes.company), _ORDERS, "id",
    {
        **_third_filters("company", "name"),
        "siret": filters.exact("legal_france.siret"),
        "contacts": filters.linked("contact", "company"),
        "number_of_employees": Filter(shape(min=integer(0), max=integer(0)), _employees),
    },
    embeds.THIRDS, embeds.of,
)  # fmt: skip
INDIVIDUAL = Kind(
    "individual", _tell(shapes.individual), {**_ORDERS, "name": _BY_LAST_NAME}, "id", _third_filters("individual", "last_name"),
    embeds.THIRDS, embeds.of,
)  # fmt: skip
CONTACT = Kind(
    "contact", _tell(shapes.contact), {"id": BY_ID, "name": _BY_LAST_NAME, "created_at": Order("created")}, "id",
    _filters(
        "contact",
        companies=filters.linked("company", "contact"),
        individuals=filters.linked("individual", "contact"),
        # The stamp of contacts is `updated`, not `updated_at`.
        updated=filters.UPDATED,
        last_name=filters.looked_up("contact", "last_name"),
        birth_date=filters.within(filters.body("birth_date"), DAYS),
        phone_number=filters.exact("phone_number"),
        mobile_number=filters.exact("mobile_number"),
        is_linked=filters.is_linked(),
    ),
    embeds.CONTACTS, embeds.of_contacts,
)  # fmt: skip


def conversion() -> Fields:
    all_or_none = shape(mode=one_of("none", "all"))
    partial = shape(mode=one_of("partial"), ids=items(integer()))
    return {"target": one_of("client").must, "also_enable_custom_fields_on_target": either(all_or_none, partial).must}
