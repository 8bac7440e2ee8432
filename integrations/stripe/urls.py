from integrations.setup.urls import patterns

from .models import SYSTEM

app_name = "stripe"

urlpatterns = patterns(SYSTEM)
