#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "skalin_sync.settings")
    if sys.argv[1:2] == ["demo"]:
        # The demo makes its own keys and folder before the settings ask for them.
        from integrations.rehearsal.demo_environment import prepare

        prepare(sys.argv)
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as missing:
        # A sentence that names the setting is worth more than the way to it.
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
