"""Starting the web door: it says where it listens, answers, stops when told, and says plainly why it cannot start."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.web_homes import NAME, contents, shared_home

from trialwright.web.options import Options, OptionsError, parse_options
from trialwright.web.serving import host_names

ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name not in ("TRIALWRIGHT_HOME", "DISPLAY", "WAYLAND_DISPLAY")
}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "trialwright.web", *arguments]


@contextmanager
def served(*arguments: str, program: list[str] | None = None) -> Iterator[str]:
    started = subprocess.Popen(
        program or command("--home", str(shared_home()), "--port", "0", *arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT,
    )
    try:
        assert started.stdout is not None
        line = started.stdout.readline()
        found = re.search(r"http://[^/]+", line)
        assert found, line + started.stdout.read()
        yield found[0]
    finally:
        started.send_signal(signal.SIGTERM)
        assert started.wait(20) is not None


def fetch(address: str) -> tuple[int, str]:
    for _ in range(200):
        try:
            with urllib.request.urlopen(address, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except ConnectionError:
            continue
    raise AssertionError(f"{address} does not answer")


def test_it_says_where_it_listens_answers_and_writes_nothing() -> None:
    before = contents(shared_home())
    with served("--open", f"/trial/{NAME}/participant/P07/") as address:
        assert fetch(f"{address}/healthz") == (200, "ok\n")
        status, page = fetch(f"{address}/trial/{NAME}/participant/P07/")
        assert status == 200 and "why 300 mg?" in page
        assert fetch(f"{address}/trial/nobody/")[0] == 404
        assert ".pg-banner" in fetch(f"{address}/static/pages.css")[1]
    assert contents(shared_home()) == before


def test_it_serves_without_gunicorn_too() -> None:
    without = "import sys; sys.modules['gunicorn'] = None; import importlib.util as u; f = u.find_spec; "
    without += (
        "u.find_spec = lambda n, *a: None if n == 'gunicorn' else f(n, *a); from trialwright.web.__main__ import main; main()"
    )
    program = [sys.executable, "-c", without, "--home", str(shared_home()), "--port", "0"]
    with served(program=program) as address:
        assert fetch(f"{address}/healthz") == (200, "ok\n")
        assert "find clinical trials" in fetch(f"{address}/")[1].lower()


def test_a_port_in_use_is_said_with_what_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            command("--home", str(shared_home()), "--port", str(port)),
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            check=False,
        )
    assert done.returncode == 2
    assert f"Port {port} is in use already. Try --port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_is_not_there_is_said_with_what_to_try(tmp_path: Path) -> None:
    done = subprocess.run(command("--home", str(tmp_path / "none")), capture_output=True, text=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 2
    assert "There is no folder" in done.stderr and "trialwright demo" in done.stderr


def test_an_address_of_another_computer_is_said() -> None:
    done = subprocess.run(
        command("--home", str(shared_home()), "--host", "192.0.2.1"), capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    assert done.returncode == 2
    assert "192.0.2.1 is no address of this computer" in done.stderr


@pytest.mark.parametrize("arguments", [["--port", "70000"], ["--open", "trial/"], ["--port", "-1"], ["--processes", "0"]])
def test_options_that_cannot_be_are_refused(arguments: list[str]) -> None:
    with pytest.raises(OptionsError):
        parse_options(["--home", str(shared_home()), *arguments])


def test_the_home_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIALWRIGHT_HOME", str(shared_home()))
    assert parse_options([]).home == shared_home()


def test_only_this_computer_s_names_are_answered_unless_others_are_given() -> None:
    assert host_names(Options(Path())) == ["localhost", "127.0.0.1", "[::1]"]
    assert "trials.example" in host_names(Options(Path(), "127.0.0.1", 8000, ("trials.example",)))
    everywhere = host_names(Options(Path(), "0.0.0.0"))
    assert "0.0.0.0" not in everywhere and socket.gethostname() in everywhere and "*" not in everywhere
