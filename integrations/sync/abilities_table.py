"""What every system can do here, as Markdown, from what each declares of itself: `docs/systems.md` is this text."""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.text import get_text_list

from integrations.hub.fields import BUILT_IN

from .connector import Abilities, ObjectAbility
from .models import DataType
from .models.connection import Mode

HEAD = """# What each system can do

Made by `make docs` from what the connectors declare of themselves; a test refuses a text that is older than they are.

"""
ROWS = ("Data", "There", "Modes", "Found again by", "Written", "Deletions here go out")
NOTHING = "–"


def table_of(systems: Iterable[Abilities]) -> str:
    return HEAD + "\n".join(_section(system) for system in systems)


def _section(system: Abilities) -> str:
    lines = [f"## {system.label}", "", _row(ROWS), _row(["---"] * len(ROWS))]
    lines += [_row(_cells(one)) for one in system.objects]
    lines += ["", *_deletions(system), "", *_editors(system)]
    return "\n".join(lines)


def _cells(one: ObjectAbility) -> Iterator[str]:
    yield str(DataType(one.object).label)
    yield f"{one.source_label}{'' if one.makes_rows else ', links only'}"
    yield ", ".join(str(Mode(mode.value).label) for mode in one.modes)
    labels = {field.name: str(field.label) for field in BUILT_IN.get(one.object, ())}
    yield get_text_list([labels.get(key, key) for key in one.default_keys], "or") or NOTHING
    yield _written(one)
    yield "yes" if one.deletes_out else NOTHING


def _written(one: ObjectAbility) -> str:
    if not one.write_batch:
        return NOTHING
    said = [f"{one.write_batch:,} at a time", "new ones too" if one.creates else "no new ones"]
    if one.bulk_from:
        said.append(f"from {one.bulk_from:,} on by a bulk job")
    if one.has_key_field:
        said.append("found again by a field of ours")
    return "; ".join(said)


def _deletions(system: Abilities) -> Iterator[str]:
    """Each sentence once, with the data that it is true of; and how far back a sync looks behind its last one."""
    yield "Deletions there:"
    yield ""
    told: dict[str, list[str]] = {}
    for one in system.objects:
        if one.deletes:
            told.setdefault(str(one.deletes), []).append(str(DataType(one.object).label))
    yield from (f"- {get_text_list(names, 'and')}: {sentence}" for sentence, names in told.items())
    yield ""
    seconds = max(one.overlap_seconds for one in system.objects)
    yield f"Each sync reaches {seconds:,} seconds back behind the one before: what was stamped early and shown late comes in, too."


def _editors(system: Abilities) -> Iterator[str]:
    names = [str(DataType(one.object).label) for one in system.objects if one.tells_who]
    if names:
        yield f"Who changed a record last comes with it where a conflict may have to be decided: {get_text_list(names, 'and')}."
        yield ""


def _row(cells: Iterable[str] | Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
