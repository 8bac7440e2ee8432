from django.urls import path

from .views import hard_deletes

urlpatterns = [
    path("hard-deletes/", hard_deletes.hard_deletes, name="hard-deletes"),
    path("hard-deletes/<int:pk>/", hard_deletes.hard_delete, name="hard-delete"),
    path("hard-deletes/<int:pk>/live/", hard_deletes.hard_delete_live, name="hard-delete-live"),
    path("hard-deletes/<int:pk>/confirm/", hard_deletes.confirm, name="hard-delete-confirm"),
    path("hard-deletes/<int:pk>/restore/", hard_deletes.restore, name="hard-delete-restore"),
    path("hard-deletes/<int:pk>/stop/", hard_deletes.stop, name="hard-delete-stop"),
    path("hard-deletes/<int:pk>/go-on/", hard_deletes.go_on, name="hard-delete-go-on"),
    path("hard-deletes/<int:pk>/drop/", hard_deletes.drop, name="hard-delete-drop"),
    path("hard-deletes/<int:pk>/backup/", hard_deletes.download, name="hard-delete-backup"),
]
