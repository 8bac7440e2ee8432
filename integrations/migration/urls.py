from django.urls import path

from .finishing_urls import urlpatterns as finishing_patterns
from .views import companies, connecting, moves, retired, stages, steps

app_name = "migration"

urlpatterns = [
    path("", moves.moves, name="moves"),
    path("new/", moves.new, name="new"),
    path("<int:pk>/", moves.move, name="move"),
    path("<int:pk>/stop/", moves.stop, name="stop"),
    path("<int:pk>/check/", steps.check_all, name="check-all"),
    # Before the chapters, whose address would take any word.
    *finishing_patterns,
    path("<int:pk>/stage-a/", stages.stage, {"stage": "a"}, name="stage-a"),
    path("<int:pk>/stage-b/", stages.stage, {"stage": "b"}, name="stage-b"),
    path("<int:pk>/stage-c/", stages.stage, {"stage": "c"}, name="stage-c"),
    path("<int:pk>/stages/<slug:stage>/<slug:verb>/", stages.act, name="stage-act"),
    path("<int:pk>/connect/", connecting.connect, name="connect"),
    path("<int:pk>/companies/", companies.companies, name="companies"),
    path("<int:pk>/companies/stay/", companies.stay, name="stay"),
    path("<int:pk>/companies/unstay/", companies.unstay, name="unstay"),
    path("<int:pk>/retired.yaml", retired.retired_file, name="retired-file"),
    path("<int:pk>/<slug:chapter>/", moves.chapter, name="chapter"),
    path("<int:pk>/<slug:chapter>/live/", moves.live, name="live"),
    path("<int:pk>/steps/<slug:key>/check/", steps.check, name="check"),
    path("<int:pk>/steps/<slug:key>/sign/", steps.sign, name="sign"),
    path("<int:pk>/steps/<slug:key>/unsign/", steps.unsign, name="unsign"),
    path("<int:pk>/steps/<slug:key>/do/<slug:act>/", steps.act, name="act"),
    path("<int:pk>/gates/<slug:gate>/open/", steps.open_gate, name="open-gate"),
]
