"""What every page of the rehearsal needs: the practice org, a template, and a sentence about what was just done."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from integrations.salesforce.simulator import SalesforceSimulator, Store
from integrations.salesforce.simulator.org import Org
from integrations.simulation.messages import HTML, Request, Response

from .others import Listening


@dataclass(frozen=True, slots=True)
class Practice:
    app: SalesforceSimulator
    port: int
    https_port: int | None = None
    others: Sequence[Listening] = ()
    """The practice CRMs beside it, as they listen."""

    @property
    def org(self) -> Org:
        return self.app.org

    @property
    def store(self) -> Store:
        return self.app.store

    @property
    def sections(self) -> tuple[tuple[str, str], ...]:
        return (
            ("/", _("Practice CRMs")),
            ("/salesforce/Account", _("Accounts")),
            ("/salesforce/Contact", _("Contacts")),
            ("/salesforce/Opportunity", _("Opportunities")),
            ("/salesforce/Contract", _("Contracts")),
            ("/salesforce/Subscription__c", _("Subscriptions")),
            ("/salesforce/User", _("Users")),
            ("/salesforce/views", _("List views")),
            ("/salesforce/faults", _("Faults on demand")),
            ("/salesforce/calls", _("Calls")),
        )

    def page(self, template: str, request: Request, status: int = 200, **context: Any) -> Response:
        section = max((url for url, _label in self.sections if request.path.startswith(url)), key=len)
        given = {"practice": self, "section": section, "said": request.query.get("said", ""), **context}
        return Response(render_to_string(f"rehearsal/{template}", given), status, content_type=HTML)

    def go(self, url: str, said: str) -> Response:
        return Response(None, 303, {"Location": f"{url}{'&' if '?' in url else '?'}said={quote(str(said))}"})
