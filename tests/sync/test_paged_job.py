"""A job over many rows that cannot do its page stops after three starts and says why, however often it is rung for."""

import pytest

from integrations.sync import paged_job
from integrations.sync.models import HardDelete

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C15")]


class BrokenError(Exception):
    pass


def test_a_page_that_always_fails_stops_the_job_and_says_why() -> None:
    job = HardDelete.objects.create(scope="list", state=HardDelete.State.DELETING)
    starts = []

    def page(_job: HardDelete) -> None:
        starts.append(1)
        raise BrokenError("no such column")

    for _ in range(5):
        paged_job.work(HardDelete, job.pk, page)

    job.refresh_from_db()
    assert (len(starts), job.trouble) == (paged_job.STARTS, "BrokenError: no such column")


def test_a_page_that_was_done_gives_the_next_one_three_starts_again() -> None:
    job = HardDelete.objects.create(scope="list", state=HardDelete.State.DELETING)
    outcomes = iter([False, False, True, False, False, True])

    def page(done: HardDelete) -> None:
        if not next(outcomes):
            raise BrokenError
        paged_job.write(done, state=HardDelete.State.DELETED) if done.customers else paged_job.write(done, customers=1)

    for _ in range(5):
        paged_job.work(HardDelete, job.pk, page)

    job.refresh_from_db()
    assert (job.state, job.trouble) == ("deleted", "")
