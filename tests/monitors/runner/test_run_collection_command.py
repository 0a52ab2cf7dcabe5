"""`manage.py run_collection` at a terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.monitors.runner.target import Target

ROOT = Path(__file__).parents[3]


def run_collection(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command with an empty environment: it needs neither settings nor a database."""
    command = [sys.executable, ROOT / "manage.py", "run_collection", *arguments]
    env = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT, timeout=60)


@pytest.fixture
def collection(tmp_path: Path, target: Target) -> Path:
    test = "console.log('hello'); pm.test('is one', () => pm.expect(pm.response.json().args.n).to.equal('1'))"
    requests = [
        {
            "name": "Read",
            "request": f"{target.url}/read?n={{{{n}}}}",
            "event": [{"listen": "test", "script": {"exec": test}}],
        },
        {"name": "Moved", "request": f"{target.url}/redirect/1"},
    ]
    path = tmp_path / "shop.json"
    path.write_text(
        json.dumps({"info": {"name": "Shop"}, "item": [{"name": "Orders", "item": requests}]}), "utf-8"
    )
    return path


def variables(path: Path, **values: str) -> Path:
    path.write_text(json.dumps({"values": [{"key": key, "value": value} for key, value in values.items()]}))
    return path


def test_it_prints_a_report_for_people(collection: Path, tmp_path: Path) -> None:
    done = run_collection(collection, "--environment", variables(tmp_path / "env.json", n="1"))
    assert done.returncode == 0, done.stderr
    for line in ("Shop", "Orders", "↳ Read", "[200 OK", "│ hello", "✓ is one", "Result: successful"):
        assert line in done.stdout
    assert "\x1b[" not in done.stdout


def test_it_exits_with_1_when_a_test_fails(collection: Path, tmp_path: Path) -> None:
    done = run_collection(collection, "--globals", variables(tmp_path / "globals.json", n="2"))
    assert done.returncode == 1
    assert "✗ is one" in done.stdout
    assert "expected '2' to equal '1'" in done.stdout
    assert "Result: failure" in done.stdout


def test_it_prints_json_for_programs(collection: Path) -> None:
    done = run_collection(collection, "--report", "json", "--no-redirects", "--delay-request", "1")
    report: dict[str, Any] = json.loads(done.stdout)
    read, moved = report["executions"]
    assert report["result"] == "failure"
    assert read["item"]["name"] == "Read"
    assert read["item"]["path"] == ["Orders"]
    assert read["response"]["code"] == 200
    assert read["assertions"][0]["passed"] is False
    assert read["assertions"][0]["error"]["message"] == "expected '{{n}}' to equal '1'"
    assert moved["response"]["code"] == 302


def test_it_sends_files_only_from_the_directory_given(tmp_path: Path, target: Target) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "inside.txt").write_text("inside")
    (tmp_path / "outside.txt").write_text("outside")
    parts = [
        {"key": name, "type": "file", "src": source}
        for name, source in (("a", "inside.txt"), ("b", "../outside.txt"))
    ]
    request = {"method": "POST", "url": target.url, "body": {"mode": "formdata", "formdata": parts}}
    path = tmp_path / "upload.json"
    path.write_text(json.dumps({"info": {"name": "U"}, "item": [{"name": "up", "request": request}]}))
    run_collection(path)
    done = run_collection(path, "--working-dir", files)
    without, with_files = target.seen
    assert b"inside" not in without.body
    assert b'filename="inside.txt"\r\nContent-Type: text/plain\r\n\r\ninside\r\n' in with_files.body
    assert b"outside" not in with_files.body
    assert "outside the directory for files" in done.stdout


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "There is no file"),
        ("{", "is not JSON"),
        ("[]", "not a Postman collection"),
        ('{"requests": [], "order": []}', "export it from Postman as Collection v2.1"),
    ],
)
def test_it_exits_with_2_and_a_sentence_for_unusable_files(
    content: str | None, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content)
    done = run_collection(path)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not done.stdout


def test_it_exits_with_2_for_an_invalid_environment(collection: Path) -> None:
    done = run_collection(collection, "--environment", collection)
    assert done.returncode == 2
    assert "not an environment" in done.stderr


def test_it_exits_with_2_for_an_invalid_time(collection: Path) -> None:
    done = run_collection(collection, "--timeout-request", "soon")
    assert done.returncode == 2
    assert "soon is not a number of milliseconds" in done.stderr


@pytest.mark.parametrize(
    ("time_zone", "shown"),
    [
        ("America/New_York", "300 7 Thu Jan 15 2026 07:00:00 GMT-0500 1/15/2026, 7:00:00 AM GMT-5"),
        ("Asia/Kolkata", "-330 17 Thu Jan 15 2026 17:30:00 GMT+0530 1/15/2026, 5:30:00 PM GMT+5:30"),
        ("UTC", "0 12 Thu Jan 15 2026 12:00:00 GMT+0000 1/15/2026, 12:00:00 PM UTC"),
    ],
)
def test_scripts_run_in_the_time_zone_of_the_environment(
    tmp_path: Path, target: Target, time_zone: str, shown: str
) -> None:
    script = """
        const date = new Date('2026-01-15T12:00:00Z');
        console.log(date.getTimezoneOffset(), date.getHours(), date.toString().slice(0, 33),
            date.toLocaleString('en-US', {timeZoneName: 'short'}));
    """
    event = {"listen": "test", "script": {"exec": script}}
    item = {"name": "Read", "request": target.url, "event": [event]}
    path = tmp_path / "dates.json"
    path.write_text(json.dumps({"info": {"name": "Dates"}, "item": [item]}), "utf-8")
    assert shown in run_collection(path, TZ=time_zone).stdout
