"""Compiles a written kernel, keeps it in a folder of the user's cache, and runs it. numba is imported here and nowhere before.

A kernel's name is the digest of its source, so one that was compiled for the same rules is found again.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.designs.stopping import NEVER_LOW, CountRule
from trialwright.simulation.compiling import digest_of
from trialwright.simulation.operating.accruing import ARRIVAL
from trialwright.simulation.operating.chance import draws, more_stream, room
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.kernel.plan import Plan
from trialwright.simulation.operating.kernel.response_only import OF_TRIALS, FewPaths, applies, few_paths, spread
from trialwright.simulation.operating.kernel.symbols import NotCompiled
from trialwright.simulation.operating.kernel.trials import table_names
from trialwright.simulation.operating.kernel.writing import Written, write
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.paths import Paths, empty_paths
from trialwright.simulation.operating.tally import FIRST_RULE, Layout, Tally, layout_of
from trialwright.simulation.philox import key_words, stream

FOLDER = "TRIALWRIGHT_KERNELS"
MOST_KEPT = 64
OF_TRAITS = ("seen", "confirmed", "cross")


def has_numba() -> bool:
    """Whether numba is installed."""
    return importlib.util.find_spec("numba") is not None


def kernel_folder() -> Path:
    """The folder that kernels are kept in: TRIALWRIGHT_KERNELS, or one in the user's cache."""
    import platformdirs

    named = os.environ.get(FOLDER)
    return Path(named) if named else Path(platformdirs.user_cache_dir("trialwright", appauthor=False)) / "kernels"


@lru_cache(maxsize=1)
def _made_of() -> str:
    """A digest of the compiled functions that a kernel takes in, since what is kept of it holds them too."""
    import numba

    from trialwright.simulation import philox_compiled
    from trialwright.simulation.operating.kernel import marking, passes, summaries

    return f"{numba.__version__} {digest_of((philox_compiled, marking, passes, summaries))}"


def _module(source: str) -> ModuleType:
    """Return the module of a source, written anew unless it stands there to the byte."""
    name = f"trialwright_kernel_{hashlib.sha256((_made_of() + source).encode()).hexdigest()[:24]}"
    if name in sys.modules:
        return sys.modules[name]
    folder = kernel_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    if not path.exists() or path.read_text(encoding="utf-8") != source:
        part = path.with_name(f".{name}.{os.getpid()}.part")
        part.write_text(source, encoding="utf-8")
        part.replace(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@dataclass(slots=True)
class Kernel:
    """The compiled forms of one design: one for each set of chances that are not 0 and truths that hang on no draw."""

    design: Design
    monitoring: Sequence[CountRule] = ()
    _few: dict[int, tuple[Parameters, FewPaths]] = field(default_factory=dict)
    _written: dict[tuple[int, bool], tuple[Parameters, Written]] = field(default_factory=dict)

    def written(self, numbers: Parameters, trace: bool = False) -> Written:
        """Return the source for some numbers.

        Raises:
            NotCompiled: Something in the design has no compiled form.
        """
        key = (id(numbers), trace)
        kept = self._written.get(key)
        if kept is None or kept[0] is not numbers:
            if len(self._written) > MOST_KEPT:
                self._written.clear()
            try:
                kept = (numbers, write(self.design, numbers, trace))
            except OverflowError as error:
                raise NotCompiled(str(error)) from error
            self._written[key] = kept
        return kept[1]

    def count(self, seed: int, trials: range, numbers: Parameters) -> Tally:
        """Play some trials and count them."""
        if applies(self.design, numbers):
            return self._count_few(seed, trials, numbers)
        written = self.written(numbers)
        layout = layout_of(self.design, numbers.participants, len(self.monitoring))
        tally = layout.empty()
        arguments = self._arguments(written, seed, trials, numbers, layout)
        self.play_of(written.source)(*arguments, tally.counts)
        done = Tally(layout, len(trials), tally.counts)
        fill_in(self.design, done)
        return done

    def _count_few(self, seed: int, trials: range, numbers: Parameters) -> Tally:
        """The same where only the response is drawn: see ``response_only``."""
        from trialwright.simulation.operating.kernel.response_only_compiled import count_trials

        design, layout = self.design, layout_of(self.design, numbers.participants, len(self.monitoring))
        few, tally, places = self._paths_of(numbers), layout.empty(), layout.offsets()
        at = np.array([*(places.get(name, -1) for name in OF_TRIALS), design.levels], np.int64)
        of_traits = [[*(places.get(f"{kind}/{one.name}", -1) for kind in OF_TRAITS), len(one.codes)] for one in design.traits]
        low, high, kind = self._bounds(numbers.participants)
        on_paths = np.zeros(few.seen.size, np.int64)
        confirmed = int(design.goal is not None and design.goal.confirmed)
        index = draws(design).index("response")
        streams = stream("traits"), stream("chances"), stream(more_stream(index)), stream(ARRIVAL)
        sites = numbers.chances.get("site", np.zeros(0, np.uint64)).astype(np.int64)
        count_trials(
            (key_words(seed), np.uint64(trials.start), len(trials), numbers.participants, (room(design), index), streams),
            (few.shares, few.above, few.bounds, few.like, few.traits),
            tuple(one.reshape(-1) for one in (few.seen, few.confirmed, few.level, few.last, few.cell)),
            (
                (numbers.numbers.get("gap", np.zeros(0)), sites),
                (low, high, kind, confirmed),
                (at, np.array(of_traits, np.int64).reshape(-1, 4)),
            ),
            tally.counts,
            on_paths,
        )
        spread(layout, tally.counts, on_paths, few)
        return Tally(layout, len(trials), tally.counts)

    def _paths_of(self, numbers: Parameters) -> FewPaths:
        kept = self._few.get(id(numbers))
        if kept is None or kept[0] is not numbers:
            if len(self._few) > MOST_KEPT:
                self._few.clear()
            kept = (numbers, few_paths(self.design, numbers))
            self._few[id(numbers)] = kept
        return kept[1]

    def trace(self, seed: int, trials: range, numbers: Parameters) -> Paths:
        """Play some trials and keep every path (measured values excepted)."""
        written, design = self.written(numbers, trace=True), self.design
        layout = layout_of(design, numbers.participants, len(self.monitoring))
        count = len(trials) * numbers.participants
        sizes = (len(design.traits), len(design.visits.on), len(design.responses), len(design.events), len(design.regimen.rules))
        paths = empty_paths(count, numbers.participants, sizes)
        paths.state[:] = design.levels + 1
        ends = np.full((count, 4), -1, np.int64)
        traced = (paths.traits, paths.state, paths.act, paths.rule, paths.category, paths.grades, paths.holds, ends, paths.missed)
        arguments = self._arguments(written, seed, trials, numbers, layout)
        self.play_of(written.source)(*arguments, layout.empty().counts, *traced)
        paths.seen, paths.confirmed, paths.left, paths.ended = (ends[:, index].copy() for index in range(4))
        return paths

    def play_of(self, source: str) -> Callable[..., None]:
        """The compiled function of a source."""
        found: Callable[..., None] = _module(source).play
        return found

    def _arguments(self, written: Written, seed: int, trials: range, numbers: Parameters, layout: Layout) -> tuple[Any, ...]:
        chances, amounts = numbers.flat()
        places = layout.offsets()
        at = np.array([places.get(name, -1) for name in table_names(Plan(self.design, numbers, False))], np.int64)
        low, high, kind = self._bounds(numbers.participants)
        start = np.uint64(trials.start)
        return (key_words(seed), start, len(trials), numbers.participants, chances.astype(np.int64), amounts, written.codes,
                written.amounts, written.calm_bytes, at, low, high, kind)  # fmt: skip

    def _bounds(self, participants: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        rules, never = len(self.monitoring), participants + 2
        low = np.full((rules, participants + 1), NEVER_LOW, np.int64)
        high = np.full((rules, participants + 1), never, np.int64)
        for index, rule in enumerate(self.monitoring):
            size = min(rule.most, participants) + 1
            low[index, :size], high[index, :size] = rule.low[:size], rule.high[:size]
        return low, high, np.array([one.counts == "events" for one in self.monitoring], np.int64)


def fill_in(design: Design, tally: Tally) -> None:
    """Add what a kernel leaves out because it follows: those who stay in a state, who had no event and no hold."""
    ended = tally.table("ended")
    people, levels = int(ended.sum()), design.levels
    moves, off = tally.table("moves"), design.levels + 1
    never = int(ended[FIRST_RULE - 1])
    moves[0] = 0
    moves[0, off, off], moves[0, off, design.regimen.start_index] = never, people - never
    here = moves[0].sum(axis=0).copy()
    for visit in range(1, len(moves)):
        for state in range(levels + 1):
            moves[visit, state, state] = here[state] - moves[visit, state].sum()
        here = moves[visit].sum(axis=0).copy()
        here[off] = 0
    holds = tally.table("holds")
    holds[:, 0] = people - holds[:, 1:].sum(axis=1)
    for name in tally.layout.shapes:
        if name == "worst" or name.startswith("worst/"):
            tally.table(name)[0] = people - tally.table(name)[1:].sum()
