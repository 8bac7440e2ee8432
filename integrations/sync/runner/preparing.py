"""The first step of a run: who answers, what the mapped fields are now, how much there is, and up to when to read."""

from collections.abc import Mapping
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from integrations.engine.mapping import FieldRule
from integrations.engine.reading import read
from integrations.engine.records import Record

from ..connector import Breakdown, Identity, Schema
from ..models import Block, Connection, DataType, Mode, Outbox, RecordLink, Run, Version
from ..registry import system_of
from ..rules import HubTerms, Lines, lines_of, rules_from, rules_hash, scores_of
from ..store.batches import decide_anew
from .context import Context, Plan, known_objects, plan_from
from .drifting import watch_schema
from .step import Place, Step
from .steps import steps_of

PAGE = 1000


class Prepare(Step):
    phase = Run.Phase.READ

    def fetch(
        self, context: Context, place: Mapping[str, Any]
    ) -> tuple[Identity, dict[str, Schema], dict[str, Breakdown]]:
        connector = context.connector
        identity = connector.whoami()
        blocks = _read_or_written(_blocks(context.connection))
        schemas = {name: connector.schema(name) for name in blocks}
        return identity, schemas, {name: connector.count(name) for name in _listed(context, blocks)}

    def work(
        self,
        context: Context,
        place: Mapping[str, Any],
        fetched: tuple[Identity, dict[str, Schema], dict[str, Breakdown]],
    ) -> Place | None:
        identity, schemas, totals = fetched
        context.run.version = _version(context.connection)
        terms, every = HubTerms(), _blocks(context.connection)
        blocks = _read_or_written(every)
        if context.run.slot == Run.Slot.REAL:
            prefetch_related_objects(list(every.values()), "lines")
            for name, block in blocks.items():
                watch_schema(context, block, schemas[name], terms)
            if "customers" in schemas and (upload := every.get(DataType.SCORES)):
                # Scores stand on the records of customers: a field of theirs that is gone would stop the reading of those.
                watch_schema(context, upload, schemas["customers"], terms)
        # No margin: a change of a moment ago should arrive now. What becomes visible late is the overlap's to catch.
        until = identity.clock
        context.totals |= {name: found.total for name, found in totals.items()}
        context.run.until = until
        context.run.since = {name: block.cursor.isoformat() if block.cursor else None for name, block in blocks.items()}
        config = _with_labels(_config(context, blocks, terms), schemas, terms)
        _ask_anew(context, blocks, config)
        context.run.cursor = {
            "config": _with_moment(context, config),
            "steps": ["prepare", *_steps(context, blocks)],
            "marked_at": _marked_at(context.run),
            "step": 0,
        }
        context.load_plans(terms)
        _keep_identity(context.connection, identity)
        return None


def _ask_anew(context: Context, blocks: Mapping[str, Block], config: Mapping[str, Any]) -> None:
    """Nothing is read of what only goes out: once its lines have changed, every linked row is asked about by its mark."""
    for name, block in blocks.items():
        if block.mode != Mode.OUTPUT or not block.rules_hash or config["blocks"][name]["is_settled"]:
            continue
        links = RecordLink.objects.filter(
            connection=context.connection, object=name, state=RecordLink.State.LINKED, hub_id__isnull=False
        )
        after = 0
        while page := list(links.filter(pk__gt=after).order_by("pk").values_list("pk", "hub_id")[:PAGE]):
            decide_anew(context.connection.pk, name, [hub_id for _pk, hub_id in page if hub_id])
            after = page[-1][0]


def _listed(context: Context, blocks: Mapping[str, Block]) -> list[str]:
    """Whose listing this run reads to the end: only that is held against the source's own number."""
    if context.run.kind == Run.Kind.APPLY:
        return []
    reading = {name for name, block in blocks.items() if block.mode != Mode.OUTPUT}
    # A number that only a second reading could tell is worth less than the calls it takes.
    reading &= {one.object for one in context.abilities.objects if one.counts}
    if context.is_delta:
        reading &= {"customers"} if _lists_customers(context) else set()
    return [name for name in blocks if name in reading]


def _lists_customers(context: Context) -> bool:
    """Whether a delta asks who is in scope: of a scope that was chosen anew, the changes alone say nothing."""
    if not context.abilities.of("customers").tells_scope:
        return True
    return bool(context.former_options != options_of(context.child))


def _config(context: Context, blocks: Mapping[str, Block], terms: HubTerms) -> dict[str, Any]:
    """A run works by the configuration that it began with, whatever is saved meanwhile."""
    return {
        "blocks": _kept(context.connection, blocks, terms),
        "churn": context.connection.churn_missing,
        "hierarchy": context.connection.keep_hierarchy,
        "options": options_of(context.child),
    }


def _kept(connection: Connection, blocks: Mapping[str, Block], terms: HubTerms) -> dict[str, dict[str, Any]]:
    lines = lines_of(connection.pk)
    return {name: _kept_of(block, lines, terms) for name, block in blocks.items()}


def _kept_of(block: Block, lines: Lines, terms: HubTerms) -> dict[str, Any]:
    return {
        "lines": lines.get(block.object, []),
        "keys": block.merge_keys,
        "mode": block.mode,
        "ref_is_common": block.ref_is_common,
        "is_settled": block.rules_hash == rules_hash(block, lines, terms),
        "scores": list(scores_of(block.object, lines)),
        "key_field": block.working_key,
        "on_hub_delete": block.on_hub_delete,
        "on_crm_delete": block.on_crm_delete,
        "settings": block.settings,
    }


def _with_labels(config: dict[str, Any], schemas: Mapping[str, Schema], terms: HubTerms) -> dict[str, Any]:
    """What a list of the CRM stores and what it shows may be two words: a run tells people the second.

    It tells only of what a line cannot take as it is. All other labels stay out: the cursor is written with every page.
    """
    for name, block in config["blocks"].items():
        schema, lines = schemas.get(name), {line["hub_field"]: line for line in block["lines"]}
        for rule in rules_from(name, block["lines"], terms):
            found = schema.get(rule.crm_field) if schema else None
            offered = {one.value: one.label for one in found.choices if one.label != one.value} if found else {}
            labels = {value: label for value, label in offered.items() if _is_told(rule, value)}
            if labels:
                lines[rule.hub_field]["labels"] = labels
    return config


def _is_told(rule: FieldRule, value: str) -> bool:
    reading = read(rule, Record("", {rule.crm_field: value}))
    return bool(reading.unmapped or reading.refused or reading.note)


def _with_moment(context: Context, config: dict[str, Any]) -> dict[str, Any]:
    """The first run under another configuration knows when it was saved: an edit made here since is meant to go out."""
    if all(block["is_settled"] for block in config["blocks"].values()):
        return config
    followed = Run.objects.filter(pk=context.previous_run).values_list("version", flat=True).first()
    later = Version.objects.filter(connection=context.connection, number__gt=followed or 0).order_by("number")
    saved_at = later.values_list("at", flat=True).first() if followed is not None else None
    return {**config, "widened_at": saved_at.isoformat() if saved_at else ""}


def options_of(child: Connection) -> dict[str, Any]:
    """The system's own columns (its view, its filter): they decide the scope, so they may not move under a run."""
    own = [
        field for field in child._meta.local_concrete_fields if field.model is not Connection and not field.primary_key
    ]
    values = {field.attname: field.value_from_object(child) for field in own}
    return {name: value for name, value in values.items() if value is None or isinstance(value, str | int | bool)}


def _marked_at(run: Run) -> str:
    """Edits after a preview are not in it: applying it must leave their marks for the next run."""
    seen = run.preview.cursor.get("marked_at") if run.preview else None
    return str(seen or timezone.now().isoformat())


def _steps(context: Context, blocks: Mapping[str, Block]) -> list[str]:
    owed = Outbox.objects.filter(connection=context.connection, state=Outbox.State.SENT, object__in=blocks)
    return steps_of(
        context.run.kind,
        _modes(blocks),
        context.run.since or {},
        walks={name: context.abilities.of(name) for name in blocks},
        is_owed_answers=owed.exists(),
        lists_customers=_lists_customers(context),
    )


def _modes(blocks: Mapping[str, Block]) -> dict[str, str]:
    return {name: block.mode for name, block in blocks.items()}


def _version(connection: Connection) -> int:
    """Of the configuration as it is read here; nobody saves another before it is read."""
    return Connection.objects.select_for_update().values_list("version", flat=True).get(pk=connection.pk)


def _blocks(connection: Connection) -> dict[str, Block]:
    return {block.object: block for block in connection.blocks.exclude(mode=Mode.DISABLED)}


def _read_or_written(blocks: Mapping[str, Block]) -> dict[str, Block]:
    """Those with records of their own, in the order in which they are worked on."""
    return {name: blocks[name] for name in known_objects(blocks)}


def plans_of_today(connection: Connection) -> dict[str, Plan]:
    """As a run that began now would have them."""
    terms = HubTerms()
    config = _kept(connection, _read_or_written(_blocks(connection)), terms)
    abilities = system_of(connection.system).abilities
    return {name: plan_from(abilities.of(name), block, terms) for name, block in config.items()}


def _keep_identity(connection: Connection, identity: Identity) -> None:
    said = {
        "account": identity.user[:255],
        "organisation": identity.organisation[:255],
        "web_url": identity.web_url[:255],
    }
    if any(getattr(connection, name) != value for name, value in said.items()):
        Connection.objects.filter(pk=connection.pk).update(**said)
