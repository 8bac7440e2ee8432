"""Addresses of what stands beside the chapters: snapshot, other tools, lists, the day, the room and the report."""

from django.urls import path

from .views import day, lists, report, snapshots, tools

urlpatterns = [
    path("<int:pk>/snapshot/", snapshots.snapshot, name="snapshot"),
    path("<int:pk>/snapshot/differences.csv", snapshots.snapshot_csv, name="snapshot-csv"),
    path("<int:pk>/snapshot/restore/", snapshots.restore, name="snapshot-restore"),
    path("<int:pk>/snapshot/restore/stop/", snapshots.restore_stop, name="snapshot-restore-stop"),
    path("<int:pk>/snapshot/restore/go-on/", snapshots.restore_go_on, name="snapshot-restore-go-on"),
    path("<int:pk>/other-tools/", tools.tools, name="tools"),
    path("<int:pk>/other-tools/<slug:verb>/", tools.tool, name="tool"),
    path("<int:pk>/lists/<slug:side>/<slug:which>/", lists.rows_of, name="list"),
    path("<int:pk>/day/", day.day, name="day"),
    path("<int:pk>/day.ics", day.calendar, name="day-calendar"),
    path("<int:pk>/room/", day.room, name="room"),
    path("<int:pk>/room/live/", day.room, {"part": "live"}, name="room-live"),
    path("<int:pk>/checklist.csv", report.checklist, name="checklist"),
    path("<int:pk>/report/", report.shown, name="report"),
    path("<int:pk>/report/sign/", report.sign, name="report-sign"),
    path("<int:pk>/report/unsign/", report.unsign, name="report-unsign"),
    path("<int:pk>/report/anew/", report.anew, name="report-anew"),
    path("<int:pk>/report/close/", report.close, name="report-close"),
    path("<int:pk>/team/", lists.confirm, name="confirm"),
]
