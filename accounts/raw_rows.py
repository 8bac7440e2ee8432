from django.contrib.admin.apps import AdminConfig


class RawRowsConfig(AdminConfig):
    """Django's admin with our door instead of its own."""

    default_site = "accounts.admin_site.ConsoleAdminSite"
