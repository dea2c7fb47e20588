"""Plays chunks on other machines by Dask distributed (the extra ``cluster``). The tallies are the same as on one machine.

What is sent is the text of both files and the numbers of the trials; a worker reads and compiles them once. A worker that is
lost has its chunks played by another; a chunk that comes back twice is counted once.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from trialwright.protocol import parse_protocol
from trialwright.simulation.operating.reading import parse_operating
from trialwright.simulation.operating.run import Compiled, compile_design, run
from trialwright.simulation.operating.tally import Tally
from trialwright.simulation.scenarios.grid import refuse
from trialwright.simulation.scenarios.playing import Played, Runner
from trialwright.simulation.scenarios.work import ENGINE, Task, Work
from trialwright.vocabulary.findings import Refused

AHEAD = 4  # chunks given out for each thread of the cluster
TRIES = 5  # a chunk whose worker was lost is played again so often
SECONDS_TO_CONNECT = 5


@dataclass(frozen=True, slots=True)
class Files:
    """The text of a protocol and of a file of chances, with their names; enough to compile a design (of one arm) anywhere."""

    protocol: bytes
    protocol_name: str
    virtual: bytes
    virtual_name: str
    arm: str = ""


@lru_cache(maxsize=4)
def compiled_from(files: Files) -> Compiled:
    """Compile what was sent; a worker keeps the last few."""
    reading = parse_protocol(files.protocol, files.protocol_name)
    assert reading.protocol is not None, "the protocol was read before it was sent"
    rules = tuple(one.rule for one in reading.protocol.monitoring)
    return compile_design(reading.protocol, parse_operating(files.virtual, files.virtual_name), rules, arm=files.arm)


def play_chunk(files: Files, settings: Mapping[str, str], seed: int, first: int, count: int) -> dict[str, Any]:
    """Play one chunk on a worker; the tally as plain values."""
    compiled = compiled_from(files)
    return run(compiled, seed, range(first, first + count), compiled.parameters(dict(settings))).plain()


def engine_here() -> str:
    """What plays chunks in this process; all workers must say the same."""
    return ENGINE


@contextmanager
def cluster(address: str, files: Files) -> Iterator[Runner]:
    """Connect to a scheduler and hand out a runner that plays chunks on its workers.

    Args:
        address: Such as ``tcp://10.0.0.5:8786``.
        files: What is played; the same that the work was planned from.

    Raises:
        Refused: The extra is not installed, nobody answers, there is no worker, or a worker has another version (TW-V047).
    """
    if importlib.util.find_spec("distributed") is None:
        way = "Install trialwright[cluster]"
        raise refuse("TW-V047", "--scheduler", "Dask distributed is not installed", "It comes with an extra.", way)
    from distributed import Client

    _check_scheduler(address)
    with Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False) as client:
        _check_workers(client, address)
        yield _runner(client, files)


def _check_scheduler(address: str) -> None:
    """Ask a scheduler who it is before a client is made: a client of something that never answers cannot be closed for long."""
    try:
        asyncio.run(asyncio.wait_for(_identity(address), SECONDS_TO_CONNECT))
    except (OSError, ValueError, TypeError, ImportError, TimeoutError) as error:
        told = str(error) or f"Nothing was said within {SECONDS_TO_CONNECT} s"
        raise _no_answer(address, told) from None
    except (MemoryError, EOFError, OverflowError):
        raise _no_answer(address, "Something else than a Dask scheduler answers there") from None


def _no_answer(address: str, told: str) -> Refused:
    ways = ("Check the address", "dask scheduler --port 8786")
    return refuse("TW-V047", "--scheduler", f"No scheduler answers at {address}", f"{told}."[:300], *ways)


async def _identity(address: str) -> Any:
    from distributed.core import rpc

    async with rpc(address, timeout=SECONDS_TO_CONNECT) as scheduler:
        return await scheduler.identity()


def _check_workers(client: Any, address: str) -> None:
    found = client.run(engine_here, on_error="return")
    if not found:
        raise refuse("TW-V047", "--scheduler", f"The scheduler at {address} has no workers", "", f"dask worker {address}")
    other = sorted({str(one) for one in found.values()} - {ENGINE})
    if other:
        detail = f"Here: {ENGINE}. There: {other[0]}"[:300]
        raise refuse(
            "TW-V047", "--scheduler", "A worker cannot play the same trials", detail, "Install the same version everywhere"
        )


def _runner(client: Any, files: Files) -> Runner:
    def played(work: Work, tasks: Sequence[Task]) -> Played:
        from distributed import as_completed

        waiting, tries = iter(tasks), dict[Task, int]()
        window = max(1, sum(client.nthreads().values())) * AHEAD
        given = {_submit(client, files, work, task): task for task in islice(waiting, window)}
        finished = as_completed(given, loop=client.loop)
        try:
            for future in finished:
                task = given.pop(future)
                if future.status == "finished":
                    tally = Tally.from_plain(future.result())
                    following = next(waiting, None)
                    if following is not None:
                        _give(client, files, work, following, given, finished)
                    yield task, tally
                else:
                    tries[task] = tries.get(task, 0) + 1
                    if tries[task] >= TRIES:
                        future.result()  # raises what the workers said
                    _give(client, files, work, task, given, finished)
        finally:
            client.cancel(list(given))

    return played


def _give(client: Any, files: Files, work: Work, task: Task, given: dict[Any, Task], finished: Any) -> None:
    future = _submit(client, files, work, task)
    given[future] = task
    finished.add(future)


def _submit(client: Any, files: Files, work: Work, task: Task) -> Any:
    settings = dict(work.scenarios[task.scenario].settings)
    return client.submit(play_chunk, files, settings, work.seed, task.first, task.count, pure=False)
