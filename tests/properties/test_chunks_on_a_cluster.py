"""The same chunks on Dask distributed: the same counts, also where a worker is killed midway; nothing lost or counted twice."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from click.testing import CliRunner
from tests.simulated_titration import OPERATING, PROTOCOL, work

from trialwright.cli.main import cli
from trialwright.simulation.scenarios.cluster import Files, cluster
from trialwright.simulation.scenarios.grid import read_range, scenarios
from trialwright.simulation.scenarios.playing import Played, Runner, on_threads, play
from trialwright.simulation.scenarios.work import Task, Work
from trialwright.vocabulary.findings import Refused

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow  # processes that start, die and start again
FILES = Files(PROTOCOL.read_bytes(), PROTOCOL.name, OPERATING.read_bytes(), OPERATING.name)


@pytest.fixture(scope="module")
def two_workers() -> Iterator[Any]:
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as found:
        yield found


def test_a_worker_killed_midway_loses_nothing_and_doubles_nothing(two_workers: Any) -> None:
    planned = work(4000, *scenarios([read_range("leaves.none=0.01,0.03")], {}))
    at_home = play(planned, on_threads(1))
    killed: list[int] = []
    given: list[Task] = []

    def counted(runner: Runner) -> Runner:
        def played(one: Work, tasks: Any) -> Played:
            for task, tally in runner(one, tasks):
                given.append(task)
                yield task, tally

        return played

    def kill_one(done: int, kept: int) -> None:
        if not killed and done > planned.total // 4:
            pid = next(iter(two_workers.workers.values())).pid
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    with cluster(two_workers.scheduler_address, FILES) as runner:
        found = play(planned, counted(runner), progress=kill_one)
    assert killed
    assert not found.broken_off
    assert sorted(given, key=lambda one: (one.first, one.scenario)) == list(planned.tasks())
    for ours, theirs in zip(at_home.each, found.each, strict=True):
        assert ours.tally.trials == theirs.tally.trials == 4000
        assert (ours.tally.counts == theirs.tally.counts).all()
        assert ours.found == theirs.found


def test_two_protocols_are_compared_on_a_cluster_as_on_one_machine(two_workers: Any, tmp_path: Path) -> None:
    other = tmp_path / "start-at-400.yaml"
    text = PROTOCOL.read_text(encoding="utf-8")
    other.write_text(text.replace("start: 100 mg/d on day 1", "start: 400 mg/d on day 1"), encoding="utf-8")
    words = ["simulate", str(PROTOCOL), "--virtual", str(OPERATING), "--against", str(other), "-n", "400", "--format", "json"]
    told = [
        CliRunner().invoke(cli, [*words, *more], catch_exceptions=False).stdout
        for more in ((), ("--scheduler", two_workers.scheduler_address))
    ]
    assert json.loads(told[0])["differences"]["response"]["value"] > 0.03
    assert told[0] == told[1]


def test_a_chunk_that_comes_back_twice_is_counted_once() -> None:
    planned = work(100)

    def twice(one: Work, tasks: Any) -> Played:
        for task, tally in on_threads(1)(one, tasks):
            yield task, tally
            yield task, tally

    assert (play(planned, twice).each[0].tally.counts == play(planned, on_threads(1)).each[0].tally.counts).all()


@pytest.fixture
def silent() -> Iterator[str]:
    """An address where somebody listens who never says anything."""
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "no address at all://", "nonsense", "tcp://127.0.0.1:99999", "silent"])
def test_a_scheduler_that_does_not_answer_is_told_with_a_way_out_within_seconds(
    address: str, silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trialwright.simulation.scenarios.cluster.SECONDS_TO_CONNECT", 1)
    begun = time.monotonic()
    with pytest.raises(Refused) as refused, cluster(silent if address == "silent" else address, FILES):
        pass
    assert time.monotonic() - begun < 8
    assert refused.value.findings[0].code == "TW-V047"
    assert refused.value.findings[0].ways_out


def test_a_scheduler_without_workers_is_told() -> None:
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as empty:
        with pytest.raises(Refused) as refused, cluster(empty.scheduler_address, FILES):
            pass
        assert refused.value.findings[0].code == "TW-V047"
