"""Addresses of what stands beside the chapters: snapshot, other tools, lists, the day, the room and the report."""

from django.urls import path

from .views import lists, snapshots, tools

urlpatterns = [
    path("<int:pk>/snapshot/", snapshots.snapshot, name="snapshot"),
    path("<int:pk>/snapshot/differences.csv", snapshots.snapshot_csv, name="snapshot-csv"),
    path("<int:pk>/snapshot/restore/", snapshots.restore, name="snapshot-restore"),
    path("<int:pk>/snapshot/restore/stop/", snapshots.restore_stop, name="snapshot-restore-stop"),
    path("<int:pk>/other-tools/", tools.tools, name="tools"),
    path("<int:pk>/other-tools/<slug:verb>/", tools.tool, name="tool"),
    path("<int:pk>/lists/<slug:side>/<slug:key>/", lists.rows_of, name="list"),
    path("<int:pk>/team/", lists.confirm, name="confirm"),
]
