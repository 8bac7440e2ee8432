"""The describe answers: every key that a real org sends, so that no client misses one."""

from collections.abc import Mapping
from typing import Any

from .fields import Field, SObject
from .schema import Schema

_SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "double": "xsd:double",
    "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date", "datetime": "xsd:dateTime", "address": "urn:address",
}  # fmt: skip
MASTER_RECORD_TYPE = "012000000000000AAA"


def picklist_values(field: Field) -> list[dict[str, Any]]:
    return [
        {"active": v not in field.retired, "defaultValue": v == field.default, "label": v, "validFor": None, "value": v}
        for v in (*field.values, *field.retired)
    ]


def describe_field(field: Field) -> dict[str, Any]:
    grouped = field.type not in {"double", "currency", "percent", "datetime", "address"} and not field.is_long
    return {
        "aggregatable": field.filterable and field.type != "boolean", "aiPredictionField": False, "autoNumber": field.auto_number,
        "byteLength": field.length if field.type in {"id", "reference"} else field.length * 3,
        "calculated": field.calculated, "calculatedFormula": None, "cascadeDelete": False,
        "caseSensitive": False, "compoundFieldName": field.compound, "controllerName": None, "createable": field.createable,
        "custom": field.custom, "defaultValue": False if field.type == "boolean" else None, "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted, "dependentPicklist": False, "deprecatedAndHidden": False,
        "digits": field.precision if field.type == "int" else 0, "displayLocationInDecimal": False, "encrypted": False,
        "externalId": field.external_id, "extraTypeInfo": "plaintextarea" if field.is_long else None,
        "filterable": field.filterable, "filteredLookupInfo": None, "formulaTreatNullNumberAsZero": False, "groupable": grouped,
        "highScaleNumber": False, "htmlFormatted": False, "idLookup": field.id_lookup, "inlineHelpText": None,
        "label": field.label, "length": field.length, "mask": None, "maskType": None, "name": field.name,
        "nameField": field.name_field, "namePointing": len(field.to) > 1, "nillable": not field.required,
        "permissionable": not field.required and (field.createable or field.updateable),
        "picklistValues": picklist_values(field), "polymorphicForeignKey": len(field.to) > 1,
        "precision": field.precision if field.type != "int" else 0, "queryByDistance": False, "referenceTargetField": None,
        "referenceTo": list(field.to), "relationshipName": field.relationship, "relationshipOrder": None, "restrictedDelete": False,
        "restrictedPicklist": field.restricted, "scale": field.scale, "searchPrefilterable": field.type == "reference" and not field.required,
        "soapType": _SOAP.get(field.type, "xsd:string"), "sortable": field.filterable, "type": field.type,
        "unique": field.unique, "updateable": field.updateable, "writeRequiresMasterRead": False,
    }  # fmt: skip


def brief(sobject: SObject, base: str) -> dict[str, Any]:
    """One object as the list of all objects shows it."""
    url = f"{base}/sobjects/{sobject.name}"
    urls = {"rowTemplate": url + "/{ID}", "describe": url + "/describe", "sobject": url}
    if sobject.has_views:
        urls["listviews"] = url + "/listviews"
    open_to_edits = not sobject.is_setup or sobject.name == "FieldPermissions"
    return {
        "activateable": False, "associateEntityType": None, "associateParentEntity": None, "createable": open_to_edits,
        "custom": sobject.name.endswith("__c"), "customSetting": False, "deepCloneable": False, "deletable": open_to_edits, "deprecatedAndHidden": False,
        "feedEnabled": not sobject.is_setup, "hasSubtypes": False, "isInterface": False, "isSubtype": False,
        "keyPrefix": sobject.prefix, "label": sobject.label, "labelPlural": sobject.plural, "layoutable": not sobject.is_setup,
        "mergeable": sobject.mergeable, "mruEnabled": not sobject.is_setup, "name": sobject.name, "queryable": True,
        "replicateable": not sobject.is_setup, "retrieveable": True, "searchable": not sobject.is_setup,
        "triggerable": not sobject.is_setup, "undeletable": not sobject.is_setup, "updateable": open_to_edits, "urls": urls,
    }  # fmt: skip


def describe(
    schema: Schema, sobject: SObject, base: str, origin: str, recorded: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """`recorded` holds a real org's own words for some fields; they win as long as the field kept its type."""
    short = brief(sobject, base)
    url = f"{base}/sobjects/{sobject.name}"
    urls = {
        **short["urls"], "compactLayouts": f"{url}/describe/compactLayouts", "layouts": f"{url}/describe/layouts",
        "quickActions": f"{url}/quickActions", "uiDetailTemplate": origin + "/{ID}", "uiEditTemplate": origin + "/{ID}/e",
        "uiNewRecord": f"{origin}/{sobject.prefix}/e",
    }  # fmt: skip
    return {
        "actionOverrides": [], **short, "childRelationships": _children(schema, sobject), "compactLayoutable": True,
        "defaultImplementation": None, "extendedBy": None, "extendsInterfaces": None,
        "fields": [_as_recorded(describe_field(f), recorded.get(f.name)) for f in sobject.fields], "implementedBy": None, "implementsInterfaces": None,
        "listviewable": None, "lookupLayoutable": None, "namedLayoutInfos": [], "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(url), "searchLayoutable": True, "sobjectDescribeOption": "FULL",
        "supportedScopes": _scopes(sobject), "urls": urls,
    }  # fmt: skip


def _as_recorded(ours: dict[str, Any], theirs: dict[str, Any] | None) -> dict[str, Any]:
    if theirs is None or theirs["type"] != ours["type"]:
        return ours
    return {**ours, **theirs, "createable": ours["createable"], "updateable": ours["updateable"]}


def _children(schema: Schema, sobject: SObject) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": child.field.cascades, "childSObject": child.sobject, "deprecatedAndHidden": False,
            "field": child.field.name, "junctionIdListNames": [], "junctionReferenceTo": [],
            "relationshipName": child.field.children, "restrictedDelete": False,
        }
        for child in schema.references(sobject.name)
    ]  # fmt: skip


def _record_types(url: str) -> list[dict[str, Any]]:
    layout = {"layout": f"{url}/describe/layouts/{MASTER_RECORD_TYPE}"}
    return [
        {"active": True, "available": True, "defaultRecordTypeMapping": True, "developerName": "Master", "master": True,
         "name": "Master", "recordTypeId": MASTER_RECORD_TYPE, "urls": layout}
    ]  # fmt: skip


def _scopes(sobject: SObject) -> list[dict[str, str]]:
    plural = sobject.plural.lower()
    return [{"label": f"All {plural}", "name": "everything"}, {"label": f"My {plural}", "name": "mine"}]
