"""What the pages of every job over many rows do alike."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect

from accounts.models import User
from accounts.requests import SignedInRequest

from ..models.paged_job import PagedJob
from ..paged_job import Refused

Job = TypeVar("Job", bound=PagedJob)


def acted(
    request: SignedInRequest, model: type[Job], pk: int, act: Callable[[Job, User], None], *, page: str
) -> HttpResponse:
    """Back on the job's page, with the refusal if there was one; on the list, `page` with an s, where it is gone."""
    jobs: Any = model._default_manager
    job = get_object_or_404(jobs, pk=pk)
    try:
        act(job, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(page, pk=pk) if jobs.filter(pk=pk).exists() else redirect(f"{page}s")
