"""The console's addresses. Each app owns its own; a system's live below /integrations/<its name>/."""

from django.contrib import admin
from django.urls import include, path

handler403 = "accounts.refused.denied"

urlpatterns = [
    path("", include("integrations.sync.urls")),
    path("", include("integrations.hub.urls")),
    path("integrations/salesforce/", include("integrations.salesforce.urls")),
    path("integrations/hubspot/", include("integrations.hubspot.urls")),
    path("integrations/zoho/", include("integrations.zoho.urls")),
    path("integrations/sellsy/", include("integrations.sellsy.urls")),
    path("integrations/stripe/", include("integrations.stripe.urls")),
    path("integrations/pipedrive/", include("integrations.pipedrive.urls")),
    path("integrations/intercom/", include("integrations.intercom.urls")),
    path("moves/", include("integrations.migration.urls")),
    path("people/", include("accounts.urls")),
    path("sign-in/", include("allauth.urls")),
    path("raw/", admin.site.urls),
]
