"""What the portal says of itself, and of the objects it has."""

from typing import Any
from zoneinfo import ZoneInfo

from integrations.simulation.messages import Request, Response

from .association_types import TYPES
from .errors import PageError
from .kinds import BY_NAME, Kind, kind_of
from .labels import custom
from .portal import UI_DOMAIN, ZONE, Portal
from .scopes import schema_scopes


def details(portal: Portal, _request: Request) -> Response:
    offset = portal.store.clock().astimezone(ZoneInfo(ZONE)).strftime("%z")
    minutes = int(offset[:3]) * 60 + int(offset[0] + offset[3:])
    return Response({
        "portalId": portal.portal_id, "accountType": "STANDARD", "timeZone": ZONE, "companyCurrency": portal.currency,
        "additionalCurrencies": sorted(portal.store.state("rates", {})), "utcOffset": f"{offset[:3]}:{offset[3:]}",
        "utcOffsetMilliseconds": minutes * 60_000, "uiDomain": UI_DOMAIN, "dataHostingLocation": "eu1",
    })  # fmt: skip


def usage_today(portal: Portal, _request: Request) -> Response:
    throttle = portal.throttle
    return Response({"results": [{
        "name": "private-apps-api-calls-daily", "usageLimit": throttle.daily_most, "currentUsage": throttle.used_today,
        "collectedAt": portal.now, "fetchStatus": "SUCCESS",
    }]})  # fmt: skip


def schemas(_portal: Portal, _request: Request) -> Response:
    """Custom objects only, and this portal has none."""
    return Response({"results": []})


def schema_of(portal: Portal, request: Request, object_type: str) -> Response:
    if object_type.lower() not in BY_NAME:
        raise PageError(request)
    kind = kind_of(object_type)
    portal.require(schema_scopes(kind.scope, "read"))
    properties = portal.schema.of(kind.name)
    return Response({
        "id": kind.number, "objectTypeId": kind.number, "name": kind.word, "fullyQualifiedName": kind.word,
        "labels": {"singular": kind.singular.capitalize(), "plural": kind.name.capitalize()}, "archived": False,
        "primaryDisplayProperty": (kind.defaults or ("hs_object_id",))[0], "requiredProperties": [],
        "searchableProperties": list(kind.searchable), "secondaryDisplayProperties": [], "metaType": "HUBSPOT",
        "properties": [properties[name].definition() for name in sorted(properties)],
        "associations": _associations(portal, kind),
    })  # fmt: skip


def _associations(portal: Portal, kind: Kind) -> list[dict[str, Any]]:
    return [
        {"id": str(one.number), "fromObjectTypeId": kind.number, "toObjectTypeId": BY_NAME[one.end].number,
         "name": one.name}
        for one in (*TYPES.values(), *custom(portal)) if one.start == kind.name
    ]  # fmt: skip
