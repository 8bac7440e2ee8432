"""Small made-up worlds for properties: few names, few values, so that twins, blanks and clashes are common."""

from typing import Any

from hypothesis import strategies as st

from integrations.engine.mapping import Blanks, Compare, Direction, FieldRule, Kind, MergeKey, Mode, OnConflict
from tests.engine.made_up import MONDAY, TUESDAY
from tests.engine.paper_hub import Paper

NAMES = tuple("abcde")
KEYS = (MergeKey("ref_id", "Customer ID", Compare.ID), MergeKey("domain", "Domain", Compare.DOMAIN))
REF_VALUES = st.sampled_from([None, "", "1", "2", " 2 ", "3"])
DOMAIN_VALUES = st.sampled_from([None, "", "acme.example", "https://www.ACME.example/x", "b.example", "no site"])
TEXT_VALUES = st.sampled_from([None, "", "x", "y", "z", "a\x00b", "ö", "o\u0308"])
PULSE_VALUES = st.sampled_from([None, 1, 2, 9, "two"])

CRM_VALUES = st.fixed_dictionaries(
    {"Id": REF_VALUES, "Website": DOMAIN_VALUES, "Name": TEXT_VALUES, "Phone": TEXT_VALUES, "Pulse": PULSE_VALUES}
)
HUB_VALUES = st.fixed_dictionaries(
    {
        "ref_id": st.sampled_from([None, "1", "2", "3"]),
        "domain": st.sampled_from([None, "acme.example", "b.example"]),
        "name": st.sampled_from([None, "", "x", "w"]),
        "phone": st.sampled_from([None, "x", "v"]),
        "pulse": st.sampled_from([None, 1, 5]),
    }
)
WRITES = st.fixed_dictionaries(
    {
        "direction": st.sampled_from(list(Direction)),
        "on_conflict": st.sampled_from(list(OnConflict)),
        "blanks": st.sampled_from(list(Blanks)),
    }
)


@st.composite
def rules(draw: st.DrawFn, blanks: st.SearchStrategy[Blanks] | None = None) -> tuple[FieldRule, ...]:
    """The keys come from the CRM, as the mapping forms set them up; everything else is free."""
    pins = {"blanks": blanks} if blanks is not None else {}
    free: list[dict[str, Any]] = [{**draw(WRITES), **{name: draw(pin) for name, pin in pins.items()}} for _ in range(3)]
    return (
        FieldRule("ref_id", "Customer ID", Kind.ID, "Id"),
        FieldRule("domain", "Domain", Kind.DOMAIN, "Website"),
        FieldRule("name", "Name", Kind.TEXT, "Name", **free[0]),
        FieldRule("phone", "Phone", Kind.PHONE, "Phone", **free[1]),
        FieldRule("pulse", "Pulse", Kind.INTEGER, "Pulse", min_value=1, max_value=5, **free[2]),
    )


@st.composite
def worlds(draw: st.DrawFn, blanks: st.SearchStrategy[Blanks] | None = None) -> Paper:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=len(NAMES)))
    paper = Paper(
        rules=draw(rules(blanks)),
        keys=draw(st.permutations(KEYS).flatmap(lambda keys: st.sampled_from([keys, keys[:1]]))),
        mode=draw(st.sampled_from([Mode.INPUT, Mode.INPUT, Mode.TWO_WAY, Mode.OUTPUT])),
        crm={name: dict(draw(CRM_VALUES)) for name in names},
        hub={hub_id: dict(draw(HUB_VALUES)) for hub_id in range(1, draw(st.integers(0, 3)) + 1)},
        crm_changed_at=dict.fromkeys(names, draw(st.sampled_from([MONDAY, TUESDAY]))) if draw(st.booleans()) else {},
        hub_changed_at=draw(st.sampled_from([None, MONDAY, TUESDAY])),
        outside=frozenset(draw(st.sets(st.sampled_from(NAMES), max_size=1))),
    )
    if draw(st.booleans()):
        paper.sync()
        edit(draw, paper)
    return paper


def edit(draw: st.DrawFn, paper: Paper) -> None:
    """People change things on both sides, and records leave and enter the scope."""
    for name in paper.crm:
        if draw(st.booleans()):
            paper.crm[name] = dict(draw(CRM_VALUES))
    for hub_id in paper.hub:
        if draw(st.booleans()):
            paper.hub[hub_id] = {**paper.hub[hub_id], **draw(HUB_VALUES)}
    paper.outside = frozenset(draw(st.sets(st.sampled_from(NAMES), max_size=1)))
