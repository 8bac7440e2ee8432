"""A practice Pipedrive inside a test or a bench: its file, its world, and how it is filled anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from integrations.pipedrive.simulator import PipedriveBook, PipedriveSimulator

from .furnishing import furnish
from .pipedrive_account import fill
from .pipedrive_recording import load_recording
from .practice import Practice
from .practice_org import wall_clock
from .world import world


@dataclass(frozen=True, slots=True)
class Contents:
    """What an account is filled with: the lifelike world, so many plain companies, or a recording."""

    accounts: int | None = None
    contacts_per: int = 3
    recording: Path | None = None

    def fill(self, book: PipedriveBook) -> None:
        if self.recording:
            load_recording(book, self.recording)
        else:
            fill(book, world(self.accounts, self.contacts_per))


def open_account(
    path: Path, contents: Contents, *, clock: Callable[[], datetime] = wall_clock, reset: bool = False
) -> PipedriveSimulator:
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = PipedriveBook(path, clock)
    app = PipedriveSimulator(book)

    furnish(app, lambda: contents.fill(book), lambda: not book.count("user"), reset=reset)
    return app


class PracticePipedrive(Practice[PipedriveSimulator]):
    def __init__(
        self, folder: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        contents = Contents(accounts, contacts_per, load)
        super().__init__(open_account(folder / "practice-pipedrive.sqlite3", contents, clock=clock))
        self.book: PipedriveBook = self.app.place.book
        self.credentials = self.app.place.credentials

    def headers(self) -> dict[str, str]:
        """As a script of the account's administrator calls, past the sign-in."""
        return {"x-api-token": self.credentials.api_token}

    def key(self, entity: str, name: str) -> str:
        """Of a custom field, by its name: the newest one where a name repeats."""
        with self.book.transaction():
            return [f.key for f in self.book.fields(entity) if f.name == name][-1]
