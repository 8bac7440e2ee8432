from django.urls import URLPattern

app_name = "salesforce"

urlpatterns: list[URLPattern] = []
