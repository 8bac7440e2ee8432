from django.urls import path

from .views import collisions, conflicts, decisions, merging

urlpatterns = [
    path("conflicts/", conflicts.conflicts, name="conflicts"),
    path("conflicts/choose/", conflicts.choose, name="choose"),
    path("conflicts/unchoose/", conflicts.unchoose, name="unchoose"),
    path("collisions/", collisions.collisions, name="collisions"),
    path("collisions/<int:link>/compare/", collisions.compare, name="compare"),
    path("records/<int:link>/<slug:verb>/", decisions.decide, name="decide"),
    path("changes/<int:change>/take-back/", decisions.take_back, name="take-back"),
    path("changes/<int:change>/win/", decisions.make_win, name="make-win"),
    path("merge/<slug:object_name>/", merging.merge, name="merge"),
]
