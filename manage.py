#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["run_collection"]:
        run_collection()
    elif sys.argv[1:2] in (["version"], ["--version"]):
        # Django's own command prints the version of Django.
        from config.version import VERSION

        print(VERSION)
    else:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


def run_collection() -> None:
    """Without settings, apps and database: this command needs none of them and should start at once."""
    from django.conf import settings

    from monitors.management.commands.run_collection import Command

    settings.configure()
    Command().run_from_argv(sys.argv)


if __name__ == "__main__":
    main()
