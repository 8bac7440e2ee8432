from django.http import HttpRequest, HttpResponse

from integrations.setup.looks import Looks
from integrations.setup.views.step_agreements import agreements_step

from ..forms.agreements import PipelinesForm


def pipelines_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    return agreements_step(request, looks, PipelinesForm)
