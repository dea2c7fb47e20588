"""Plays a piece of work chunk by chunk, wherever the chunks are played, and adds up what comes back: each chunk once.

What was played stays when the run is broken off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeAlias

from trialwright.simulation.characteristics.building import Measures, characterise, measured
from trialwright.simulation.characteristics.estimates import Counts
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.characteristics.subject import goal_table
from trialwright.simulation.operating.run import run
from trialwright.simulation.operating.tally import Tally
from trialwright.simulation.scenarios.grid import Scenario
from trialwright.simulation.scenarios.keeping import Keep
from trialwright.simulation.scenarios.work import Task, Work

Played: TypeAlias = Iterator[tuple[Task, Tally]]
Runner: TypeAlias = Callable[[Work, Sequence[Task]], Played]
Progress: TypeAlias = Callable[[int, int], None]
AHEAD = 2  # tasks given out before they are needed, for each thread


@dataclass(slots=True)
class Sums:
    """What one scenario has come to: the tally so far; measures and responders of each full chunk by its first trial."""

    tally: Tally
    batches: dict[int, Measures] = field(default_factory=dict)
    responders: dict[int, Counts] = field(default_factory=dict)
    done: set[Task] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Compared:
    """One scenario with its characteristics, and the measures of its full chunks by their first trial."""

    scenario: Scenario
    found: Characteristics
    batches: dict[int, Measures]


@dataclass(frozen=True, slots=True)
class Outcome(Compared):
    """One scenario of one design: its tally besides, and trials by responders in each full chunk (nothing without a goal)."""

    tally: Tally
    responders: dict[int, Counts]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All scenarios of which anything was played; ``broken_off`` where somebody ended the run, ``reused`` chunks kept before."""

    work: Work
    each: tuple[Outcome, ...]
    broken_off: bool
    reused: int

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What was to be played."""
        return self.work.scenarios

    @property
    def trials(self) -> int:
        """Trials of all scenarios that were played."""
        return sum(one.found.provenance.trials for one in self.each)

    @property
    def total(self) -> int:
        """Trials of all scenarios that were asked for."""
        return self.work.total


def on_threads(threads: int) -> Runner:
    """Play on this machine, on so many threads."""

    def played(work: Work, tasks: Sequence[Task]) -> Played:
        waiting = iter(tasks)
        _load(work)
        pool = ThreadPoolExecutor(threads)
        try:
            given = {pool.submit(_play, work, task): task for task in islice(waiting, threads * AHEAD)}
            while given:
                yield from _finished(given)
                given |= {pool.submit(_play, work, task): task for task in islice(waiting, threads * AHEAD - len(given))}
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return played


def _load(work: Work) -> None:
    """Play one trial of each kind of scenario, so that threads find their kernels compiled."""
    kinds = {frozenset(numbers.live): numbers for numbers in work.numbers}
    for numbers in kinds.values():
        run(work.compiled, work.seed, range(1), numbers)


def _finished(given: dict[Future[Tally], Task]) -> Played:
    done, _ = wait(given, return_when=FIRST_COMPLETED)
    for future in done:
        yield given.pop(future), future.result()


def _play(work: Work, task: Task) -> Tally:
    return run(work.compiled, work.seed, task.trials, work.numbers[task.scenario])


def play(work: Work, runner: Runner, keep: Keep | None = None, progress: Progress | None = None) -> Outcomes:
    """Play the work.

    Args:
        work: What is to be played.
        runner: Who plays it: ``on_threads(2)``, or a cluster.
        keep: Where chunks are kept; what is kept there already is not played again.
        progress: Told how many trials are done, and how many of them were kept before.

    Returns:
        The outcomes. Where the run was broken off (Ctrl-C) they hold what was done by then; a scenario of which nothing
        was done is left out.
    """
    sums = [Sums(work.compiled.layout(numbers).empty()) for numbers in work.numbers]
    left, reused, broken_off = _reuse(work, keep, sums)
    done = kept_trials = sum(one.tally.trials for one in sums)
    if progress is not None:
        progress(done, kept_trials)
    played: Played | None = None
    try:
        played = iter(()) if broken_off or not left else runner(work, left)
        for task, tally in played:
            if task in sums[task.scenario].done:
                continue
            if keep is not None:
                keep.save(work, task, tally)
            _add(work, task, tally, sums)
            done += tally.trials
            if progress is not None:
                progress(done, kept_trials)
    except KeyboardInterrupt:
        broken_off = True
    finally:
        if played is not None and hasattr(played, "close"):
            played.close()
    return Outcomes(work, tuple(_outcomes(work, sums)), broken_off, reused)


def _reuse(work: Work, keep: Keep | None, sums: list[Sums]) -> tuple[list[Task], int, bool]:
    left, reused = [], 0
    try:
        for task in work.tasks():
            tally = keep.load(work, task) if keep is not None else None
            if tally is None:
                left.append(task)
            else:
                _add(work, task, tally, sums)
                reused += 1
    except KeyboardInterrupt:
        return [], reused, True
    return left, reused, False


def _add(work: Work, task: Task, tally: Tally, sums: list[Sums]) -> None:
    one = sums[task.scenario]
    if task.count == work.chunk:
        one.batches[task.first] = measured(work.compiled, tally, work.rates, work.compared)
        table = goal_table(work.compiled.design.goal)
        if tally.has(table):
            one.responders[task.first] = tally.table(table)
    one.tally = one.tally + tally
    one.done.add(task)


def _outcomes(work: Work, sums: list[Sums]) -> Iterator[Outcome]:
    for index, one in enumerate(sums):
        if one.tally.trials:
            ordered = dict(sorted(one.batches.items()))
            provenance = work.provenance(index, one.tally.trials)
            found = characterise(work.compiled, one.tally, provenance, work.rates, tuple(ordered.values()))
            yield Outcome(work.scenarios[index], found, ordered, one.tally, one.responders)
