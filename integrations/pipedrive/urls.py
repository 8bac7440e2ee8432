from integrations.setup.urls import patterns

from .models import SYSTEM

app_name = "pipedrive"

urlpatterns = patterns(SYSTEM)
