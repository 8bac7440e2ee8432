import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.hierarchy import top_of

EVERYBODY = frozenset("abcdefgh")


@pytest.mark.requirement("R19", "R21", "F37")
@pytest.mark.parametrize(
    ("parents", "inside", "expected"),
    [
        ({}, "a", ("", 0, [])),
        ({"a": ""}, "a", ("", 0, [])),
        ({"a": "b"}, "ab", ("b", 1, [])),
        ({"a": "b", "b": "c"}, "abc", ("c", 2, ["flattened"])),
        ({"a": "b", "b": "c", "c": "d"}, "abcd", ("d", 3, ["flattened"])),
        ({"a": "b"}, "a", ("", 0, ["parent-out-of-scope"])),
        ({"a": "b", "b": "c"}, "ab", ("b", 1, ["parent-out-of-scope"])),
        ({"a": "b", "b": "c", "c": "d"}, "abd", ("b", 1, ["parent-out-of-scope"])),
        ({"a": "b", "b": "c", "c": "d"}, "abc", ("c", 2, ["parent-out-of-scope", "flattened"])),
        ({"a": "a"}, "a", ("", 0, ["loop-cut"])),
        ({"a": "b", "b": "a"}, "ab", ("", 0, ["loop-cut"])),
        ({"b": "a", "a": "b"}, "ab", ("", 0, ["loop-cut"])),
        ({"a": "d", "d": "c", "c": "b", "b": "d"}, "abcd", ("b", 3, ["loop-cut", "flattened"])),
        ({"a": "b", "b": "a"}, "a", ("", 0, ["parent-out-of-scope"])),
    ],
)
def test_top_of_a_record(parents, inside, expected):
    ancestry = top_of("a", parents, set(inside))

    assert (ancestry.parent, ancestry.depth, [note.code for note in ancestry.notes]) == expected


def test_top_of_the_other_member_of_a_circle_is_the_smallest():
    ancestry = top_of("b", {"a": "b", "b": "a"}, EVERYBODY, system="Salesforce")

    assert ancestry.parent == "a"
    assert str(ancestry.notes[0]) == (
        "Its parents form a circle in Salesforce (a, b). It was cut at a, which became the head."
    )


@pytest.mark.parametrize(("size", "shown"), [(5, "a, b, c, d, e"), (6, "a, b, c, d, e, …")])
def test_long_circle_names_its_first_members(size, shown):
    members = "abcdef"[:size]
    parents = dict(zip(members, members[1:] + members[0], strict=True))

    ancestry = top_of("c", parents, EVERYBODY)

    assert ancestry.notes[0].params["members"] == shown


def test_flattened_record_says_from_where():
    ancestry = top_of("a", {"a": "b", "b": "c"}, EVERYBODY.__contains__, system="Salesforce")

    assert str(ancestry.notes[0]) == (
        "It is 2 levels below its head in Salesforce. The hub has two, so it hangs from c directly."
    )


def test_chain_beyond_the_limit_is_left_without_a_parent():
    parents = {f"{level:03}": f"{level + 1:03}" for level in range(100)}

    at_the_limit = top_of("050", parents, parents.keys() | {"100"}, limit=50)
    beyond = top_of("049", parents, parents.keys() | {"100"}, limit=50)

    assert (at_the_limit.parent, at_the_limit.depth) == ("100", 50)
    assert (beyond.parent, [note.code for note in beyond.notes]) == ("", ["too-deep"])


@pytest.mark.requirement("R21", "F37")
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from("abcdefghz"), max_size=8),
    st.sets(st.sampled_from("abcdefgh")),
    st.permutations("abcdefgh"),
)
def test_hub_never_has_three_levels(parents, inside, order):
    tops = {source_id: top_of(source_id, parents, inside).parent for source_id in order if source_id in inside}

    heads = {top for top in tops.values() if top}
    assert heads <= inside
    assert all(tops[head] == "" for head in heads)
