"""The control plane of the practice workspace: rights, attributes, and a colleague's work in the app. Loopback only."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integrations.simulation.control import Control

from . import attributes, colleague
from .workspace import DEFAULTS, Workspace


def control_of(space: Workspace, forget: Callable[[], None]) -> Control:
    def change(verb: str, body: Mapping[str, Any]) -> str:
        return colleague.change(space, verb, body)

    def fields(path: str, **values: Any) -> None:
        """`company.hubspot_id`"""
        model, _, name = path.partition(".")
        for one in attributes.customs(space, model):
            if one.body["name"] == name:
                one.body.update(values)
                space.book.save(one)

    def each(paths: Any, **values: Any) -> None:
        for path in paths if isinstance(paths, list) else [paths]:
            fields(str(path), **values)

    actions: dict[str, Callable[[Any], object]] = {
        "expire_sessions": lambda _wanted: None,
        "revoke_grants": lambda wanted: space.revoke() if wanted else None,
        "forget_bursts": lambda wanted: forget() if wanted else None,
        "remove_fields": partial(each, archived=True),
        "restore_fields": partial(each, archived=False),
        "lock_fields": partial(each, api_writable=False),
        "unlock_fields": partial(each, api_writable=True),
        **{name: partial(space.set_setting, name) for name in DEFAULTS},
    }

    def state() -> dict[str, Any]:
        return {"settings": {name: space.setting(name) for name in DEFAULTS}}

    return Control(space.book, space.faults, change, actions, state)
