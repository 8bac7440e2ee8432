from django.urls import path

from .views import connections, create_there, files, handing_on, key_field, mapping, reconciliation, revenue, versions

urlpatterns = [
    path("revenue/", revenue.revenue, name="mrr"),
    path("revenue/agreements.csv", revenue.revenue_csv, name="mrr-csv"),
    path("connections/", connections.connections, name="connections"),
    path("connections/import/", files.import_file, name="import"),
    path("connections/<slug:slug>/promote/", handing_on.promote_to, name="promote"),
    path("connections/<slug:slug>/move/", handing_on.move, name="move"),
    path("connections/<slug:slug>/", connections.connection, name="connection"),
    path("connections/<slug:slug>/pause/", connections.pause, name="pause"),
    path("connections/<slug:slug>/resume/", connections.resume, name="resume"),
    path("connections/<slug:slug>/archive/", connections.archive, name="archive"),
    path("connections/<slug:slug>/export/", versions.export, name="export"),
    path("connections/<slug:slug>/revenue/", reconciliation.reconciliation, name="revenue"),
    path("connections/<slug:slug>/versions/", versions.versions, name="versions"),
    path("connections/<slug:slug>/versions/<int:number>/restore/", versions.restore_version, name="restore"),
    path("connections/<slug:slug>/mapping/<slug:object_name>/", mapping.mapping, name="mapping"),
    path("connections/<slug:slug>/mapping/<slug:object_name>/read/", mapping.read_again, name="read-again"),
    path("connections/<slug:slug>/mapping/<slug:object_name>/our-key/", key_field.make_key_field, name="make-key"),
    path("connections/<slug:slug>/mapping/<slug:object_name>/create-there/", create_there.create, name="create-there"),
    path(
        "connections/<slug:slug>/mapping/<slug:object_name>/<str:hub_field>/succeed/",
        mapping.take_successor,
        name="succeed",
    ),
]
