"""deploy/nginx.conf with gunicorn behind it: slow and large requests stop nobody else."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests

from tests.processes.installation import free_port, wait_for

ROOT = Path(__file__).resolve().parent.parent.parent
SLOW = 96
"""More than the sixteen threads of two processes."""

APPLICATION = """
def application(environ, start_response):
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [(environ["HTTP_HOST"] + " " + environ["HTTP_X_FORWARDED_FOR"]).encode()]
"""


def config_for(tmp: Path, port: int, gunicorn_port: int) -> Path:
    """The shipped file, without TLS and on ports of its own."""
    text = (ROOT / "deploy/nginx.conf").read_text()
    _, upstream_and_limits, http_server, https_server = re.split(r"^(?=upstream|server \{)", text, flags=re.M)
    assert "return 301" in http_server
    server = re.sub(r"^ +ssl_.*\n", "", https_server, flags=re.M)
    server = server.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    upstream = upstream_and_limits.replace("127.0.0.1:8000", f"127.0.0.1:{gunicorn_port}")
    places = "".join(
        f"{name}_temp_path {tmp}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp / "nginx.conf"
    config.write_text(
        f"daemon off; pid {tmp}/pid; error_log {tmp}/error.log; worker_processes 1;\n"
        f"events {{ worker_connections 1024; }}\nhttp {{\naccess_log off;\n{places}{upstream}{server}}}\n"
    )
    return config


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an nginx that has a gunicorn as the Procfile starts it behind it."""
    nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if nginx is None:
        miss = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        miss("There is no nginx on this machine.")
    tmp, port, gunicorn_port = tmp_path_factory.mktemp("nginx"), free_port(), free_port()
    (tmp / "slow_application.py").write_text(APPLICATION)
    options = re.search(r"^web: gunicorn config.wsgi (.*)$", (ROOT / "Procfile").read_text(), re.M)
    assert options
    arguments = options[1].replace("${WEB_CONCURRENCY:-2}", "2").split()
    bind = ["--bind", f"127.0.0.1:{gunicorn_port}", "--chdir", str(tmp)]
    commands = [
        [sys.executable, "-m", "gunicorn", "slow_application", *arguments, *bind],
        [nginx, "-c", str(config_for(tmp, port, gunicorn_port)), "-p", str(tmp)],
    ]
    with ExitStack() as stack:
        for command in commands:
            process = stack.enter_context(subprocess.Popen(command))
            stack.callback(process.terminate)
        wait_for("the proxy", lambda: answers(port), 30)
        yield port


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def slow_connections(stack: ExitStack, port: int, text: bytes) -> list[socket.socket]:
    made = []
    for _ in range(SLOW):
        made.append(stack.enter_context(socket.create_connection(("127.0.0.1", port), 5)))
        made[-1].sendall(text)
    return made


HEADERS = b"POST / HTTP/1.1\r\nHost: postwatch.example.com\r\n"


@pytest.mark.parametrize(
    "beginning",
    [b"", HEADERS + b"X-Slow: ", HEADERS + b"Content-Length: 100000\r\n\r\nx"],
    ids=["nothing", "half of the headers", "a byte of the body"],
)
def test_connections_that_never_end_their_request_stop_nobody(proxy: int, beginning: bytes) -> None:
    with ExitStack() as stack:
        slow = slow_connections(stack, proxy, beginning)
        for _ in range(3):
            for connection in slow:
                if beginning:
                    connection.sendall(b"x")
            before = time.monotonic()
            # From another address, for one address has a limit of its own.
            assert_answered(proxy, "127.0.0.2")
            assert time.monotonic() - before < 5


def assert_answered(port: int, source: str) -> None:
    with socket.create_connection(("127.0.0.1", port), 5, source_address=(source, 0)) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: a.example\r\nX-Forwarded-For: 9.9.9.9\r\nConnection: close\r\n\r\n"
        )
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert b" 200 OK" in answer
    assert f"a.example {source}\r\n".encode() in answer


def test_a_request_that_is_too_large_is_refused_unread(proxy: int) -> None:
    with socket.create_connection(("127.0.0.1", proxy), 5) as connection:
        connection.sendall(HEADERS + b"Content-Length: 300000000\r\n\r\n")
        assert b" 413 " in connection.recv(4096)


def test_one_address_has_a_limit_of_connections(proxy: int) -> None:
    with ExitStack() as stack:
        slow_connections(stack, proxy, HEADERS + b"Content-Length: 10\r\n\r\n")
        slow_connections(stack, proxy, HEADERS + b"Content-Length: 10\r\n\r\n")
        assert requests.get(f"http://127.0.0.1:{proxy}/", timeout=5).status_code == 429
