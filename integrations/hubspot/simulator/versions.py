"""One call under all its addresses: numbered and dated versions lead to the same handler."""

import re

DATED = r"2026-03|2026-09"
_AREAS = "objects|properties|pipelines|owners|lists|schemas"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"/crm/(?P<area>{_AREAS}|associations)/(?P<version>{DATED})(?P<rest>/.*)?",
        rf"/crm/(?P<version>v3)/(?P<area>{_AREAS})(?P<rest>/.*)?",
        r"/crm/(?P<version>v3)/(?P<area>associations)(?P<rest>/.*)?",
        r"/crm/(?P<version>v4)/(?P<area>objects|associations)(?P<rest>/.*)?",
        rf"/(?P<area>account-info)/(?P<version>v3|{DATED})(?P<rest>/.*)?",
        rf"/crm-object-schemas/(?P<version>v3|{DATED})/(?P<area>schemas)(?P<rest>/.*)?",
        rf"/(?P<area>oauth)/(?P<version>v1|v3|{DATED})(?P<rest>/.*)?",
    )
)


def resolve(path: str) -> tuple[str, str]:
    """The address without its version, and the version; none for what has none."""
    for form in _FORMS:
        if match := form.fullmatch(path):
            # Links alone have another shape in their third version.
            area = "associations-v3" if match["area"] == "associations" and match["version"] == "v3" else match["area"]
            return f"/{area}{match['rest'] or ''}", match["version"]
    return path, ""
