"""`connection list`, `connection export NAME`, `connection import FILE`: configuration without a browser."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.vocabulary import STATES
from integrations.sync import configuration, lights, runs
from integrations.sync.erasures import Erasure, seal
from integrations.sync.management.by_name import connection_named
from integrations.sync.models import Connection
from integrations.sync.situation import Situation

LARGEST_FILE = 1024 * 1024
NOT_SEEN = (
    "Blanks would erase; nothing has been written. Look at the list (--dry-run shows it again), "
    "then let them with --erase, or say “blanks: keep” in the file."
)


class Command(BaseCommand):
    help = "Lists connections, writes one as a configuration file, or creates and changes one from a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("list", help="name, state, and how far each data type is behind")
        export = acts.add_parser("export", help="the configuration as YAML, without credentials")
        export.add_argument("name", help="the connection's name in addresses (its slug)")
        export.add_argument("--file", help="write here instead of standard output")
        load = acts.add_parser("import", help="create or change the connection that the file names")
        load.add_argument("file", help="a YAML file; - reads standard input")
        load.add_argument("--dry-run", action="store_true", help="only say what would change and be emptied")
        load.add_argument("--erase", action="store_true", help="let blanks erase the values that are listed")
        load.add_argument("--turn-on", action="store_true", help="turn the connection on afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        act = {"list": self._list, "export": self._export, "import": self._import}[options["act"]]
        act(options)

    def _list(self, _options: dict[str, Any]) -> None:
        situation = Situation()
        for connection in situation.connections:
            active = situation.runs.get(connection.pk, ())
            self.stdout.write(f"{connection.slug}  {connection.get_state_display()}  {_said(connection, situation)}")
            for block in connection.blocks.all():
                light = lights.of_block(connection, block, active, situation.now)
                self.stdout.write(f"  {block.get_object_display()}: {block.get_mode_display()}, {_words(light)}")
        if not situation.connections:
            self.stdout.write("No connection yet.")

    def _export(self, options: dict[str, Any]) -> None:
        text = configuration.to_yaml(connection_named(options["name"]))
        if options["file"]:
            try:
                Path(options["file"]).write_text(text, encoding="utf-8")
            except OSError as failure:
                raise CommandError(f"{options['file']} could not be written: {failure.strerror}.") from None
            self.stderr.write(f"Written to {options['file']}, without credentials.")
        else:
            self.stdout.write(text, ending="")

    def _import(self, options: dict[str, Any]) -> None:
        try:
            draft = configuration.read_yaml(_text(options["file"]))
            said = configuration.draft_differences(draft)
            self.stdout.write("\n".join(said) if said else "Nothing would change.")
            erasures = configuration.draft_erasures(draft)
            self.stdout.write("".join(f"{line}\n" for line in _emptied(erasures)), ending="")
            if options["dry_run"]:
                self.stdout.write("Nothing has been written.")
                return
            # Exactly what was listed: a sync that has found more of them meanwhile is a reason to look again.
            connection = configuration.apply_yaml(draft, None, read=seal(erasures) if options["erase"] else "")
        except configuration.FileRefused as refusal:
            raise CommandError(f"The file was refused; nothing has been written.\n{refusal}") from None
        except configuration.WouldErase:
            raise CommandError(NOT_SEEN) from None
        self.stdout.write(f"{connection.name} is at version {connection.version}.")
        if options["turn_on"]:
            self._turn_on(connection)

    def _turn_on(self, connection: Connection) -> None:
        try:
            runs.turn_on(connection, by="manage.py")
        except runs.RunRefused as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{connection.name} is on; its first sync begins as soon as a worker is free.")


def _emptied(erasures: list[Erasure]) -> Iterator[str]:
    """As the pages list them: the first by name, and how many there are."""
    for one in erasures:
        if one.number:
            yield f"Blanks would erase {one.label}, {one.number:,} filled here and blank there:"
            yield from (f"  {who}: {value}" for who, value in one.examples)
        if one.number > len(one.examples):
            yield f"  and {one.number - len(one.examples):,} more"
        if one.unknown:
            yield f"Blanks may erase {one.label}: nothing is settled yet for {one.unknown:,}; a preview tells what they lose."


def _text(name: str) -> str:
    try:
        raw = sys.stdin.buffer.read(LARGEST_FILE) if name == "-" else Path(name).read_bytes()[:LARGEST_FILE]
        return raw.decode("utf-8-sig")
    except OSError as failure:
        raise CommandError(f"{name} could not be read: {failure.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{name} is not written in UTF-8.") from None


def _said(connection: Connection, situation: Situation) -> str:
    return _words(lights.of_connection(connection, situation.runs.get(connection.pk, ()), situation.now))


def _words(light: lights.Light) -> str:
    return ", ".join(str(part) for part in (light.word or STATES[light.state].word, light.lag) if part)
