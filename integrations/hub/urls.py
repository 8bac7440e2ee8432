from django.urls import path

from .views import (
    agreement_edit,
    agreements,
    api,
    capture,
    contacts,
    customers,
    edit,
    interactions,
    money,
    scores,
    tokens,
)

app_name = "hub"

urlpatterns = [
    path("customers/", customers.customers, name="customers"),
    path("customers/new/", edit.customer_new, name="customer-new"),
    path("customers/scores/", scores.scores_import, name="scores-import"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/edit/", edit.customer_edit, name="customer-edit"),
    path("customers/<int:customer>/contacts/new/", edit.contact_new, name="contact-new"),
    path("customers/<int:pk>/peek/", customers.customer_peek, name="customer-peek"),
    path("customers/<int:customer>/interactions/new/", interactions.interaction_new, name="interaction-new"),
    path("interactions/", interactions.interactions, name="interactions"),
    path("interactions/<int:pk>/", interactions.interaction, name="interaction"),
    path("interactions/<int:pk>/edit/", interactions.interaction_edit, name="interaction-edit"),
    path("interactions/<int:pk>/delete/", interactions.interaction_delete, name="interaction-delete"),
    path("mailbox-and-calendar/", capture.capture, name="capture"),
    path("agreements/", agreements.agreements, name="agreements"),
    path("agreements/<int:pk>/", agreements.agreement, name="agreement"),
    path("agreements/<int:pk>/edit/", agreement_edit.agreement_edit, name="agreement-edit"),
    path("customers/<int:customer>/agreements/new/", agreement_edit.agreement_new, name="agreement-new"),
    path("money/", money.money, name="money"),
    path("money/rates/", money.rate_new, name="rate-new"),
    path("money/rates/<int:rate>/delete/", money.rate_delete, name="rate-delete"),
    path("api/scores", api.scores, name="api-scores"),
    path("api/tokens/", tokens.api_tokens, name="api-tokens"),
    path("api/tokens/<int:token>/revoke/", tokens.token_revoke, name="token-revoke"),
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("contacts/<int:pk>/edit/", edit.contact_edit, name="contact-edit"),
    path("contacts/<int:pk>/peek/", contacts.contact_peek, name="contact-peek"),
]
