from django.urls import path

from .views import contacts, customers

app_name = "hub"

urlpatterns = [
    path("customers/", customers.customers, name="customers"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("customers/<int:pk>/peek/", customers.customer_peek, name="customer-peek"),
    path("contacts/", contacts.contacts, name="contacts"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("contacts/<int:pk>/peek/", contacts.contact_peek, name="contact-peek"),
]
