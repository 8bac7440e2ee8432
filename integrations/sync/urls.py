"""The console's own pages: status, runs, log, records, and the connections' pages beside them."""

from .alert_urls import urlpatterns as alert_patterns
from .connection_urls import urlpatterns as connection_patterns
from .decision_urls import urlpatterns as decision_patterns
from .hard_delete_urls import urlpatterns as hard_delete_patterns
from .identity_urls import urlpatterns as identity_patterns
from .run_urls import urlpatterns as run_patterns

app_name = "sync"

urlpatterns = [
    *run_patterns,
    *connection_patterns,
    *decision_patterns,
    *alert_patterns,
    *hard_delete_patterns,
    *identity_patterns,
]
