from django.urls import path

from .views import sign_in, start, wizard

app_name = "salesforce"

urlpatterns = [
    path("", start.start, name="start"),
    path("callback/", sign_in.callback, name="callback"),
    path("<slug:slug>/sign-in/", start.connect, name="connect"),
    path("<slug:slug>/disconnect/", sign_in.disconnect, name="disconnect"),
    path("<slug:slug>/<slug:step>/", wizard.wizard, name="wizard"),
]
