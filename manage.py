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
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
