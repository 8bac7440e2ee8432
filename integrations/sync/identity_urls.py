from django.urls import path

from .views import identity, identity_matches, rekeys

urlpatterns = [
    path("identity/", identity.identity, name="identity"),
    path("identity/keys/<slug:object_name>/<str:hub_field>/", identity.identity_key, name="identity-key"),
    path("identity/there/<slug:slug>/<slug:object_name>/", identity.identity_there, name="identity-there"),
    path("identity/who-is-who/", identity_matches.identity_previews, name="identity-previews"),
    path(
        "identity/who-is-who/<int:pk>/<slug:object_name>/", identity_matches.identity_matches, name="identity-matches"
    ),
    path("identity/re-keys/", rekeys.rekeys, name="rekeys"),
    path("identity/re-keys/<int:pk>/", rekeys.rekey, name="rekey"),
    path("identity/re-keys/<int:pk>/live/", rekeys.rekey_live, name="rekey-live"),
    path("identity/re-keys/<int:pk>/confirm/", rekeys.confirm, name="rekey-confirm"),
    path("identity/re-keys/<int:pk>/take-back/", rekeys.take_back, name="rekey-take-back"),
    path("identity/re-keys/<int:pk>/stop/", rekeys.stop, name="rekey-stop"),
    path("identity/re-keys/<int:pk>/go-on/", rekeys.go_on, name="rekey-go-on"),
    path("identity/re-keys/<int:pk>/drop/", rekeys.drop, name="rekey-drop"),
]
