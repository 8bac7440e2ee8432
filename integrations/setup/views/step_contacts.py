from django.http import HttpRequest, HttpResponse

from ..forms.contacts import ContactsForm
from ..looks import Looks
from .frame import save_step, show


def contacts_step(request: HttpRequest, looks: Looks, form_class: type[ContactsForm] = ContactsForm) -> HttpResponse:
    """`form_class`: of a system that asks for more."""
    form = form_class(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.makes_key_field(request):
        return save_step(request, looks, "contacts", form)
    return show(request, looks, "contacts", form=form)
