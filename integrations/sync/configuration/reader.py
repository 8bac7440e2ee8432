"""Reads YAML with a narrow door: small, plain data only, no aliases, no name twice."""

from collections.abc import Hashable
from typing import Any

import yaml
from django.utils.translation import gettext as _

LARGEST = 256 * 1024


class _PlainLoader(yaml.SafeLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        # A few nested aliases unfold into millions of values.
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError(_("aliases (*name) are not read"))
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [self.construct_object(key, deep=True) for key, _value in node.value]
        for name in names:
            if not isinstance(name, str | int) or names.count(name) > 1:
                raise yaml.YAMLError(_("“%(name)s” stands there twice, or is no name") % {"name": name})
        return super().construct_mapping(node, deep=deep)


def load(text: str) -> Any:
    """Raises ValueError with a sentence."""
    if len(text.encode()) > LARGEST:
        raise ValueError(_("The file is larger than %(limit)d KB; nothing was read.") % {"limit": LARGEST // 1024})
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506 (a SafeLoader that accepts even less)
    except (yaml.YAMLError, RecursionError, ValueError) as refusal:
        raise ValueError(_("This is not YAML as we read it: %(why)s") % {"why": _why(refusal)}) from None


def _why(refusal: BaseException) -> str:
    if isinstance(refusal, RecursionError):
        return _("it is nested too deeply")
    return " ".join(str(refusal).split())[:300]
