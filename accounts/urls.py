from django.urls import path

from accounts import audit_views, me_views, people_views, team_views

app_name = "accounts"

urlpatterns = [
    path("", people_views.people, name="people"),
    path("add/", people_views.add_person, name="add_person"),
    path("<int:pk>/", people_views.person, name="person"),
    path("<int:pk>/link/", people_views.new_link, name="new_link"),
    path("<int:pk>/sessions/", people_views.end_sessions, name="end_sessions"),
    path("teams/", team_views.teams, name="teams"),
    path("teams/add/", team_views.edit_team, name="add_team"),
    path("teams/<int:pk>/", team_views.edit_team, name="team"),
    path("teams/<int:pk>/delete/", team_views.delete_team, name="delete_team"),
    path("audit/", audit_views.audit_trail, name="audit"),
    path("me/", me_views.me, name="me"),
]
