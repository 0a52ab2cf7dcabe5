"""Serves the pages of a filled database, and takes pictures of them in the machine's Chromium."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client
from playwright.sync_api import Browser, ViewportSize, sync_playwright

from monitors.models import Monitor, Run
from tests.screenshots import shop
from workspaces.models import User, Workspace

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DESK: ViewportSize = {"width": 1280, "height": 800}


class Picture(NamedTuple):
    name: str
    address: str
    size: ViewportSize = DESK
    is_dark: bool = False


class QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing: a picture needs no log."""


@contextmanager
def serving() -> Iterator[str]:
    """The pages on a free port of this machine."""
    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=QuietHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def pictures_of(workspace: Workspace) -> list[Picture]:
    home = workspace.get_absolute_url()
    monitor = Monitor.objects.get(workspace=workspace, name="Place an order")
    run = Run.objects.filter(monitor=monitor).order_by("-pk")[0]
    return [
        Picture("home", home),
        Picture("home-dark", home, is_dark=True),
        Picture("monitor", f"{monitor.get_absolute_url()}?range=1h"),
        Picture("run", run.get_absolute_url()),
    ]


def take(browser: Browser, url: str, picture: Picture, folder: Path) -> None:
    theme = "dark" if picture.is_dark else "light"
    context = browser.new_context(viewport=picture.size, color_scheme=theme)  # type: ignore[arg-type]
    client = Client()
    client.force_login(User.objects.get(email=shop.EMAIL))
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
    page = context.new_page()
    page.goto(url + picture.address)
    page.evaluate("document.fonts.ready")
    page.screenshot(path=folder / f"{picture.name}.png")
    context.close()


def take_all(folder: Path) -> int:
    """Writes the pictures to a folder. Returns an exit status."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        print(f"Pictures need one of {', '.join(CHROMIUM)}, and there is none on this machine.")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    pictures = pictures_of(shop.fill())
    with sync_playwright() as playwright, serving() as url:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        for picture in pictures:
            take(browser, url, picture, folder)
        browser.close()
    return 0
