from django.http import HttpRequest, HttpResponse

from integrations.setup.looks import Looks
from integrations.setup.views.step_contacts import contacts_step

from ..forms.contacts import PersonsForm


def persons_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    return contacts_step(request, looks, PersonsForm)
