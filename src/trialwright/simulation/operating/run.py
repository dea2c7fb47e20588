"""Operating characteristics of a protocol: compile it with a file of chances, then run any trials of it on any number of threads.

    compiled = compile_design(protocol, reading)              # refuses what cannot be played
    numbers = compiled.parameters({"response.fp_negative": 0.3})
    tally = run(compiled, seed=1, trials=range(0, 100_000), parameters=numbers)

Trial k is the same in every chunk, on any number of threads, in the kernel and in the interpreter. Everything in a tally is
simulated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import add

from trialwright.conduct import Trial
from trialwright.designs.stopping import CountRule
from trialwright.log import Shelf
from trialwright.protocol.study import Protocol
from trialwright.simulation.operating.arms import arms_of, check_apart, reading_for
from trialwright.simulation.operating.checks import Found, planned
from trialwright.simulation.operating.counting import count
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.endpoints import as_written
from trialwright.simulation.operating.file import Operating
from trialwright.simulation.operating.interpreter import play
from trialwright.simulation.operating.kernel.loading import Kernel, has_numba
from trialwright.simulation.operating.kernel.symbols import NotCompiled
from trialwright.simulation.operating.opening import open_trial
from trialwright.simulation.operating.parameters import Parameters, parameters
from trialwright.simulation.operating.paths import Paths
from trialwright.simulation.operating.planning import plan
from trialwright.simulation.operating.reading import OperatingReading, with_settings
from trialwright.simulation.operating.showing import Showing
from trialwright.simulation.operating.tally import Layout, Tally, layout_of
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

INTERPRETED_AT_ONCE, COMPILED_AT_ONCE = 40_000, 2_000_000


@dataclass(frozen=True, slots=True)
class Compiled:
    """A design that is ready to be run.

    Args:
        design: What is played.
        reading: The file, as it was read.
        operating: What it says of what is played: of the arm, where that is one of several.
        findings: Warnings and notes; among them what runs in the interpreter because it cannot be compiled.
        monitoring: Stopping rules of the trial as a whole.
        kernel: What runs it, where numba is there and every rule can be compiled; None for the interpreter.
        arm: The arm that it is of a trial of several; empty where it is the whole trial.
    """

    design: Design
    reading: OperatingReading
    operating: Operating
    findings: tuple[Finding, ...]
    monitoring: tuple[CountRule, ...] = ()
    kernel: Kernel | None = field(default=None, compare=False)
    arm: str = ""

    def _own(self, reading: OperatingReading) -> OperatingReading:
        return reading_for(self.design.protocol, reading, self.arm) if self.arm and reading.operating is not None else reading

    def parameters(self, settings: Mapping[str, str | float | Decimal] | None = None) -> Parameters:
        """Return the file's numbers, some of them set otherwise (``reading.with_settings`` says how they are addressed).

        Raises:
            Refused: A name that is none, a number that does not fit.
        """
        changed = self.read(settings or {})
        assert changed.operating is not None
        found = _found(self.design.protocol, changed)
        design = plan(self.design.protocol, changed.operating, found)
        if design is None:
            raise Refused(found.findings)
        number = changed.operating.participants or planned(self.design.protocol)
        return parameters(design, changed.operating, number)

    def read(self, settings: Mapping[str, str | float | Decimal]) -> OperatingReading:
        """Return the file as it holds for what is played, some of its numbers set otherwise.

        Raises:
            Refused: As ``parameters``.
        """
        changed = self._own(with_settings(self.reading, settings))
        if changed.operating is None:
            raise Refused(changed.findings)
        return changed

    def layout(self, numbers: Parameters) -> Layout:
        """Return the tables that a run is counted in."""
        return layout_of(self.design, numbers.participants, len(self.monitoring))


def _found(protocol: Protocol, reading: OperatingReading) -> Found:
    assert reading.source is not None
    return Found(reading.source, protocol.source.file)


def compile_design(
    protocol: Protocol,
    reading: OperatingReading,
    monitoring: Sequence[CountRule] = (),
    interpreted: bool = False,
    arm: str = "",
) -> Compiled:
    """Put a protocol and a file together, and compile them where that can be done.

    Args:
        protocol: The protocol.
        reading: A file of operating characteristics, as ``read_operating`` returns it.
        monitoring: Stopping rules of the trial as a whole.
        interpreted: Do without a kernel.
        arm: Play this arm of several, with its share of the participants; see ``arms``.

    Raises:
        Refused: The file cannot be read, lacks what the protocol reads, or one of them cannot be played.
    """
    if reading.operating is None:
        raise Refused(reading.findings)
    own = reading_for(protocol, reading, arm) if arm else reading
    if own.operating is None:
        raise Refused(own.findings)
    found = _found(protocol, own)
    design = plan(protocol, own.operating, found)
    if design is None:
        raise Refused(tuple(one for one in found.findings if one.stops))
    kernel = None if interpreted else _kernel(design, own.operating, monitoring, found)
    return Compiled(design, reading, own.operating, tuple(found.findings), tuple(monitoring), kernel, arm)


def compile_arms(protocol: Protocol, reading: OperatingReading, interpreted: bool = False) -> tuple[Compiled, ...]:
    """Compile every arm of a trial that has several and is played whole, in the protocol's order; else the one design.

    Raises:
        Refused: As ``compile_design``, with what is wrong in any arm; or the arms hang on each other (TW-V049).
    """
    if reading.operating is None or reading.source is None:
        raise Refused(reading.findings)
    arms = arms_of(protocol, reading.operating)
    if not arms:
        return (compile_design(protocol, reading, tuple(one.rule for one in protocol.monitoring), interpreted),)
    check_apart(protocol, reading.source)
    done: list[Compiled] = []
    wrong: dict[Finding, None] = {}
    for arm in arms:
        try:
            done.append(compile_design(protocol, reading, (), interpreted, arm))
        except Refused as refused:
            wrong.update(dict.fromkeys(refused.findings))
    if wrong:
        raise Refused(tuple(wrong))
    return tuple(done)


def _kernel(design: Design, operating: Operating, monitoring: Sequence[CountRule], found: Found) -> Kernel | None:
    """A kernel, or a note that says why the interpreter plays."""
    if not has_numba():
        detail = "Everything runs, more slowly, and gives the same numbers."
        found.add("TW-V024", Severity.NOTE, "protocol", "numba is not installed", detail, "pip install 'trialwright[simulate]'")
        return None
    kernel = Kernel(design, monitoring)
    try:
        kernel.written(parameters(design, operating, 1))
    except NotCompiled as reason:
        detail = f"It reads {reason}. The protocol's own evaluator plays it, more slowly, and gives the same numbers."
        found.add("TW-V024", Severity.NOTE, "protocol", "A rule cannot be compiled", detail)
        return None
    return kernel


def run(compiled: Compiled, seed: int, trials: range, numbers: Parameters, threads: int = 1) -> Tally:
    """Play some trials and count them.

    Args:
        compiled: What is played.
        seed: 0 … 2**64 - 1.
        trials: Their numbers, from 0 to 2**44 - 1; a run of a million is ``range(1_000_000)``.
        numbers: The numbers of the scenario, from ``compiled.parameters``.
        threads: How many threads share the work; the tally is the same for any.

    Returns:
        The counts of all of them. Memory stays bounded whatever their number.
    """
    parts = list(_parts(trials, numbers.participants, COMPILED_AT_ONCE if compiled.kernel is not None else INTERPRETED_AT_ONCE))
    start = compiled.layout(numbers).empty()
    if threads == 1 or len(parts) == 1:
        return reduce(add, (_part(compiled, seed, part, numbers) for part in parts), start)
    with ThreadPoolExecutor(threads) as pool:
        return reduce(add, pool.map(lambda part: _part(compiled, seed, part, numbers), parts), start)


def _parts(trials: range, participants: int, people: int) -> Iterator[range]:
    step = max(1, people // participants)
    for first in range(trials.start, trials.stop, step):
        yield range(first, min(first + step, trials.stop))


def _part(compiled: Compiled, seed: int, trials: range, numbers: Parameters) -> Tally:
    if compiled.kernel is not None:
        return compiled.kernel.count(seed, trials, numbers)
    paths = play(compiled.design, numbers, seed, trials)
    return count(compiled.design, numbers, paths, seed, trials, compiled.monitoring)


def open_one(compiled: Compiled, seed: int, trial: int, settings: Mapping[str, str | float | Decimal], shelf: Shelf) -> Trial:
    """Play one trial of a run into a log, through the commands that a site would use; see ``opening.open_trial``.

    Args:
        compiled: What is played.
        seed: The run's seed.
        trial: The trial's number.
        settings: What was set otherwise, as for ``Compiled.parameters``.
        shelf: An empty shelf.

    Raises:
        Refused: A setting that does not fit, or something that the protocol's own commands refuse.
    """
    numbers = compiled.parameters(settings)
    changed = compiled.read(settings)
    assert changed.operating is not None
    design = as_written(compiled.design)
    check_opens(compiled)
    records = Showing(design, changed.operating, numbers)
    return open_trial(design, numbers, records, seed, trial, shelf)


def check_opens(compiled: Compiled) -> None:
    """Refuse what cannot be opened (TW-V052): arms that are allocated by chance, or days that count from something else."""
    protocol = compiled.design.protocol
    if protocol.file.randomization is not None:
        detail = "Arms are allocated by randomization, which the commands of a site do not carry out in this version."
        ways = (f"arm: {protocol.scope.arms[0]}, in a copy of the protocol without `randomization`",)
        raise _closed(protocol, "A randomized trial cannot be opened", detail, *ways)
    if compiled.arm:
        detail = "An opened trial plays one arm."
        raise _closed(protocol, "A trial of several arms cannot be opened", detail, f"arm: {compiled.arm}")
    if protocol.day_1 != "first dose":
        detail = f"Study day 1 is that of the {protocol.day_1}; in an opened trial days count from the first dose."
        raise _closed(protocol, "Study day 1 is not the first dose", detail)


def _closed(protocol: Protocol, title: str, detail: str, *ways_out: str) -> Refused:
    return Refused((Finding("TW-V052", Severity.ERROR, Place(protocol.source.file), title, detail, ways_out),))


def trace(compiled: Compiled, seed: int, trials: range, numbers: Parameters, keep_values: bool = False) -> Paths:
    """Play some trials and keep every participant's path, visit by visit."""
    return play(compiled.design, numbers, seed, trials, keep_values)
