"""The addresses of one system's set-up: the same five for every system."""

from django.urls import URLPattern, path

from .views import sign_in, start, wizard


def patterns(system: str) -> list[URLPattern]:
    of = {"system": system}
    return [
        path("", start.start, of, name="start"),
        path("callback/", sign_in.callback, of, name="callback"),
        path("<slug:slug>/sign-in/", start.connect, of, name="connect"),
        path("<slug:slug>/disconnect/", sign_in.disconnect, of, name="disconnect"),
        path("<slug:slug>/<slug:step>/", wizard.wizard, of, name="wizard"),
    ]
