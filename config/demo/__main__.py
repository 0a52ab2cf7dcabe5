"""`python -m config.demo` starts the demo and prints where everything is."""

import os
import socket
import sys
import threading
import time
from pathlib import Path

import django
from django.core.management import call_command

from config.processes import ROOT, Supervisor, prepare_environment, procfile, say

HOST = "127.0.0.1"
WELCOME = """
  Postwatch             {SITE_URL}    sign in as {email}, password {password}
  The monitored API     {api}    break it and fix it here
  PagerDuty stand-in    {PAGERDUTY_US_EVENTS_URL}    see the incident open and close

  Press Ctrl-C to stop everything. Your data is kept in {var}.
"""


def main() -> int:
    prepare_environment()
    port = int(os.environ["PORT"])
    if not is_free(port):
        say(f"Port {port} is in use. Choose another one: make run PORT={free_port(port + 10)}")
        return 1
    api_port = free_port(port + 1)
    standin_port = free_port(api_port + 1)
    os.environ |= embedded_settings(port, standin_port)

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from config.demo import content

    api = f"http://localhost:{api_port}"
    password = content.create(api)
    welcome = WELCOME.format(**os.environ, api=api, email=content.EMAIL, password=password, var=var_dir())
    threading.Thread(target=say_when_up, args=[port, welcome], daemon=True).start()
    return Supervisor(
        procfile()
        | {
            "demo": f"python -m config.demo.api {api_port}",
            "pagerduty": f"python manage.py pagerduty_standin --port {standin_port}"
            f" --journal '{var_dir()}/pagerduty-events.jsonl'",
        }
    ).run()


def embedded_settings(port: int, standin_port: int) -> dict[str, str]:
    """Settings that override the environment and `.env`, so that the demo never touches a production."""
    events_url = f"http://localhost:{standin_port}"
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "true",
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "*",
        "DATABASE_URL": f"sqlite:///{var_dir()}/db.sqlite3",
        "CELERY_BROKER_URL": "filesystem://",
        "EMAIL_URL": "consolemail://",
        "EGRESS_ALLOW": "127.0.0.0/8,::1",
        "PAGERDUTY_US_EVENTS_URL": events_url,
        "PAGERDUTY_EU_EVENTS_URL": events_url,
        # Only this machine may connect: the password is weak, and collections may reach this machine.
        "GUNICORN_CMD_ARGS": f"--bind {HOST}:{port}",
        "WEB_CONCURRENCY": "1",
    }


def var_dir() -> Path:
    return ROOT / os.environ.get("VAR_DIR", "var")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that connections which are still closing do not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port(first: int) -> int:
    return next(port for port in range(first, first + 1000) if is_free(port))


def say_when_up(port: int, text: str) -> None:
    while socket.socket().connect_ex((HOST, port)):
        time.sleep(0.2)
    say(text)


if __name__ == "__main__":
    sys.exit(main())
