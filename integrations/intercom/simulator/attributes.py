"""Data attributes: what stands on a company or a contact by itself, and what the team added."""

import re
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .errors import absent, error, invalid, missing
from .shapes import attribute
from .workspace import Workspace

TYPES = frozenset({"string", "integer", "float", "boolean", "date", "datetime", "options"})
MODELS = ("contact", "company", "conversation")
_NAME = re.compile(r"[\w\s$€£-]{1,190}")
STANDARD: dict[str, tuple[tuple[str, str, str, bool], ...]] = {
    "company": (
        ("company_id", "Company ID", "string", False), ("name", "Company name", "string", True),
        ("website", "Company website", "string", True), ("industry", "Company industry", "string", True),
        ("size", "Company size", "integer", True), ("plan", "Plan", "string", True),
        ("monthly_spend", "Monthly spend", "float", True), ("user_count", "People", "integer", False),
        ("created_at", "Company created at", "date", False), ("updated_at", "Company updated at", "date", False),
        ("last_request_at", "Company last seen", "date", False),
        ("remote_created_at", "Company signed up", "date", True),
    ),
    "contact": (
        ("id", "ID", "string", False), ("external_id", "User ID", "string", True), ("role", "Role", "string", True),
        ("name", "Name", "string", True), ("email", "Email", "string", True), ("phone", "Phone", "string", True),
        ("created_at", "Created at", "date", False), ("updated_at", "Updated at", "date", False),
        ("signed_up_at", "Signed up", "date", True), ("last_seen_at", "Last seen", "date", True),
        ("unsubscribed_from_emails", "Unsubscribed from Emails", "boolean", True),
    ),
    "conversation": (),
}  # fmt: skip


def customs(space: Workspace, model: str = "") -> list[Record]:
    return [one for one in space.book.find("attribute") if not model or one.body["model"] == model]


def list_all(space: Workspace, request: Request) -> Response:
    model = request.query.get("model", "")
    if model and model not in MODELS:
        raise invalid("Model is invalid", "model")
    with_archived = request.query.get("include_archived") == "true"
    models = [model] if model else ["contact", "company"]
    data = [
        attribute(_standard(one, *each)) for one in models for each in STANDARD[one]
    ] + [attribute(one) for one in customs(space) if one.body["model"] in models and (with_archived or not one.body.get("archived"))]  # fmt: skip
    return Response({"type": "list", "data": data})


def _standard(model: str, name: str, label: str, type_: str, writable: bool) -> Record:
    record = Record(0, "attribute", "0", "{}", "", "", None)
    record.body = {
        "model": model, "name": name, "label": label, "data_type": type_, "api_writable": writable, "ui_writable": writable,
    }  # fmt: skip
    return record


def create(space: Workspace, request: Request) -> Response:
    asked = request.record
    if space.faults.may_not_customize:
        raise error(403, "api_plan_restricted", "Active subscription needed.")
    name, model, type_ = str(asked.get("name") or ""), asked.get("model"), str(asked.get("data_type") or "")
    if not name:
        raise absent("name is required")
    if model not in MODELS[:2]:
        raise invalid("The Data Attribute model field must be either contact or company")
    if type_ not in TYPES:
        raise invalid("Data Type isn't an option")
    if not _NAME.fullmatch(name):
        raise invalid(
            "Your name for this attribute must only contain alphanumeric characters, currency symbols, and hyphens"
        )
    # One name names one attribute, of companies or of people: not one of each.
    for one in customs(space):
        if one.body["name"].casefold() == name.casefold():
            held = "company data" if one.body["model"] == "company" else "people data"
            wanted = "company data" if model == "company" else "people data"
            raise invalid(
                f"You already have '{name}' in your {held}. To save this as new {wanted}, use a different name."
            )
    return Response(attribute(add(space, str(model), name, type_, str(asked.get("description") or ""))))


def add(space: Workspace, model: str, name: str, type_: str = "string", description: str = "") -> Record:
    body = {
        "model": model, "name": name, "label": name, "data_type": type_, "description": description, "custom": True,
        "archived": False, "api_writable": True, "ui_writable": True,
    }  # fmt: skip
    return space.insert("attribute", body)


def update(space: Workspace, request: Request, attribute_id: str) -> Response:
    record = space.book.get("attribute", attribute_id)
    if record is None:
        raise error(404, "field_not_found", "We couldn't find that data attribute to update")
    asked = request.record
    record.body.update(
        {name: asked[name] for name in ("archived", "description", "messenger_writable") if name in asked}
    )
    space.book.save(record)
    return Response(attribute(record))


def checked(space: Workspace, model: str, given: dict[str, Any]) -> dict[str, Any]:
    """An attribute must be there before a value is written to it."""
    known = {one.body["name"]: one for one in customs(space, model) if not one.body.get("archived")}
    for name, value in given.items():
        if name not in known:
            raise invalid(f"Custom attribute '{name}' does not exist", "custom_attributes")
        if known[name].body["data_type"] == "string" and value is not None and not isinstance(value, str | int | float):
            raise invalid(f"Custom attribute '{name}' is not a string", "custom_attributes")
    return {name: str(value) if isinstance(value, int) and known[name].body["data_type"] == "string" else value for name, value in given.items()}  # fmt: skip


def named(space: Workspace, attribute_id: str) -> Record:
    record = space.book.get("attribute", attribute_id)
    if record is None:
        raise missing()
    return record
