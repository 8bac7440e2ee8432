from integrations.setup.urls import patterns

from .models import SYSTEM

app_name = "intercom"

urlpatterns = patterns(SYSTEM)
