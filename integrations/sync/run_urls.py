from django.urls import path

from .views import board, calls, explain, log, preview, records, retrying, runs, undo, workers

urlpatterns = [
    path("", board.board, name="board"),
    path("needs/", board.needs, name="needs"),
    path("sync/", board.sync_all, name="sync-all"),
    path("pause/", board.pause_all, name="pause-all"),
    path("runs/", runs.run_list, name="runs"),
    path("runs/<int:pk>/", runs.run_page, name="run"),
    path("runs/<int:pk>/live/", runs.run_live, name="run-live"),
    path("runs/<int:pk>/calls/", calls.run_calls, name="run-calls"),
    path("runs/<int:pk>/preview/", preview.preview, name="preview"),
    path("runs/<int:pk>/undo/", undo.undo, name="undo"),
    path("runs/<int:pk>/cancel/", runs.cancel, name="run-cancel"),
    path("runs/<int:pk>/try/", runs.try_now, name="run-try-now"),
    path("runs/<int:pk>/apply/", runs.apply, name="run-apply"),
    path("runs/<int:pk>/discard/", runs.discard, name="run-discard"),
    path("runs/<int:pk>/release/", runs.release, name="run-release"),
    path("runs/<int:pk>/drop/", runs.drop, name="run-drop"),
    path("runs/<int:pk>/retry/", retrying.retry_run, name="run-retry"),
    path("connections/<slug:slug>/sync/", runs.sync_now, name="sync-now"),
    path("connections/<slug:slug>/records/<slug:object_name>/", records.records, name="records"),
    path("retry/", retrying.retry, name="retry"),
    path("log/", log.log, name="log"),
    path("explain/", explain.explain, name="explain"),
    path("workers/", workers.workers, name="workers"),
    path("healthz/", workers.healthz, name="healthz"),
]
