"""Several web processes count wrong passwords together."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests
from cryptography.fernet import Fernet

from tests.processes.installation import ROOT, free_port, new_broker, new_database, wait_for

pytestmark = pytest.mark.processes

EMAIL = "owner@acme.example"
WRONG = 5
"""Wrong passwords of one account from one address in five minutes."""
PASSWORD = "correct horse battery"  # noqa: S105
SET_PASSWORD = f"""
from workspaces.models import User
person = User.objects.create_user({EMAIL!r}, {PASSWORD!r})
"""


@contextmanager
def web_process(environment: dict[str, str]) -> Iterator[str]:
    """Its address."""
    port = free_port()
    options = ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--no-control-socket"]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", *options]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, "gunicorn ended."
        try:
            return requests.get(f"{url}/accounts/login/", timeout=5).ok
        except requests.ConnectionError:
            return False

    try:
        wait_for("gunicorn to answer", answers, 60)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """With the database as their cache; or with Redis, where the suite was given one."""
    folder: Path = tmp_path_factory.mktemp("var")
    with ExitStack() as stack:
        environment = {
            "PATH": os.environ["PATH"],
            "VAR_DIR": str(folder),
            "SECRET_KEY": secrets.token_hex(25),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "ALLOWED_HOSTS": "127.0.0.1",
            "DATABASE_URL": stack.enter_context(new_database(folder)),
            "CELERY_BROKER_URL": stack.enter_context(new_broker()),
        }
        manage = [sys.executable, "manage.py"]
        for arguments in (["migrate"], ["collectstatic", "--no-input"], ["shell", "-c", SET_PASSWORD]):
            subprocess.run([*manage, *arguments, "--verbosity", "0"], env=environment, cwd=ROOT, check=True)
        first, second = (stack.enter_context(web_process(environment)) for _ in range(2))
        yield first, second


def answer_to(url: str, email: str, password: str) -> str:
    """The page, or "" where it leads on."""
    browser = requests.Session()
    browser.get(f"{url}/accounts/login/", timeout=10)
    typed = {"login": email, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
    answer = browser.post(f"{url}/accounts/login/", typed, allow_redirects=False, timeout=60)
    assert answer.status_code in (200, 302), answer.text
    return answer.text


def test_five_wrong_passwords_spread_over_two_processes_are_the_limit(two_processes: tuple[str, str]) -> None:
    first, second = two_processes
    assert answer_to(first, EMAIL, PASSWORD) == ""
    for url in (first, second, first, second, first):
        assert "not correct" in answer_to(url, EMAIL, "wrong")
    assert "too many wrong passwords" in answer_to(first, EMAIL, PASSWORD)
    assert "too many wrong passwords" in answer_to(second, EMAIL, PASSWORD)


def test_at_the_same_moment_no_more_are_tried(two_processes: tuple[str, str]) -> None:
    urls = two_processes * 6
    with ThreadPoolExecutor(len(urls)) as pool:
        pages = list(pool.map(lambda url: answer_to(url, "other@acme.example", "wrong"), urls))
    assert len(["tried" for page in pages if "not correct" in page]) <= WRONG
