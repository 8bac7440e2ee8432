"""Addresses of what stands beside the chapters: snapshot, other tools, lists, the day, the room and the report."""

from django.urls import path

from .views import snapshots

urlpatterns = [
    path("<int:pk>/snapshot/", snapshots.snapshot, name="snapshot"),
    path("<int:pk>/snapshot/differences.csv", snapshots.snapshot_csv, name="snapshot-csv"),
    path("<int:pk>/snapshot/restore/", snapshots.restore, name="snapshot-restore"),
    path("<int:pk>/snapshot/restore/stop/", snapshots.restore_stop, name="snapshot-restore-stop"),
]
