from django.urls import path

from .views import alerts

urlpatterns = [
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/mine/", alerts.choice, name="alert-choice"),
    path("alerts/channels/", alerts.channel_list, name="alert-channels"),
    path("alerts/channels/<int:channel>/test/", alerts.test_channel, name="alert-test"),
    path("alerts/channels/<int:channel>/remove/", alerts.remove_channel, name="alert-remove"),
]
