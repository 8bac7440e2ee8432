import pytest

from integrations.sync.models import Connection, Run
from integrations.sync.progress import progress_of
from integrations.sync.runner.slice import run_slice
from integrations.sync.runs import request_run
from integrations.sync.words import EVERY, cure, sentence
from tests.sync.fakes import PaperCrm


def test_progress_counts_what_is_read_and_what_is_left(connection: Connection, crm: PaperCrm) -> None:
    for number in range(20):
        crm.company(f"A{number:02}")
    run = request_run(connection, by="test")
    said: list[tuple[str, int, int, str]] = []

    def before(read, token) -> None:
        if token == "14":
            run.refresh_from_db()
            progress = progress_of(run)
            said.append((progress.phase, progress.done, progress.total, progress.sentence))

    crm.before_read = before
    waiting = progress_of(run).sentence

    run_slice(run.pk)

    run.refresh_from_db()
    assert waiting == "Waits for a worker."
    # The page before is read, but one page ahead is fetched: seven or fourteen are stored by now.
    assert said == [("read", 14, 20, "Reading: 14 of 20 records.")]
    ended = progress_of(run)
    assert (ended.sentence, ended.per_object["customers"].applied, ended.calls) == ("Done", 20, run.calls)


@pytest.mark.parametrize("code", sorted(EVERY))
def test_every_sentence_can_be_said_with_nothing_known(code: str) -> None:
    assert sentence(code)
    assert "{" not in sentence(code) + cure(code)


def test_unknown_code_is_shown_as_it_is() -> None:
    assert (sentence("from-a-later-version", {}), cure("from-a-later-version", {})) == ("from-a-later-version", "")


def test_finished_run_without_a_worker_says_its_state(connection: Connection) -> None:
    run = Run(connection=connection, kind="delta", state=Run.State.FAILED)

    assert progress_of(run).sentence == "Failed"
