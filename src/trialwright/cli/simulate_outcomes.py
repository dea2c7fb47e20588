"""What ``trialwright simulate`` does once it is asked: plan, play with progress, keep, and tell the result.

Everything that can be wrong is found before the first trial and told as findings. It draws nothing and counts nothing itself.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal, DecimalException
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import click

from trialwright.cli.doors import end_unread, protocol_or_exit
from trialwright.cli.output import as_json, finding_text
from trialwright.cli.simulate_plain import beside_plain, grid_plain, tornado_plain
from trialwright.cli.simulate_progress import Progress
from trialwright.conduct.home import write_whole
from trialwright.protocol.study import Protocol
from trialwright.simulation.characteristics.deciding import rate_of
from trialwright.simulation.characteristics.plain import as_plain
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.operating.reading import OperatingReading, read_operating
from trialwright.simulation.operating.run import Compiled, compile_arms, compile_design
from trialwright.simulation.scenarios import grid as ranges
from trialwright.simulation.scenarios.arms import TrialOutcome, TrialOutcomes
from trialwright.simulation.scenarios.differing import difference, differences
from trialwright.simulation.scenarios.grid import WAY_OF_VARYING, refuse
from trialwright.simulation.scenarios.keeping import Keep
from trialwright.simulation.scenarios.playing import Compared, Outcome, Outcomes, on_threads, play
from trialwright.simulation.scenarios.sensitivity import Swing, Turn, measure_of, swings, turns, variants
from trialwright.simulation.scenarios.work import Work, plan_work
from trialwright.vocabulary.findings import Finding, Refused

if TYPE_CHECKING:
    from trialwright.report.document import Document

Played: TypeAlias = Outcomes | TrialOutcomes
INTERRUPTED = 130  # as a shell tells of Ctrl-C
FOLDER = "arm-"  # of an arm's chunks and tables


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that was typed; ``between`` are ranges for a tornado, ``rates`` what the interval is held against."""

    protocol: Path
    virtual: Path
    trials: int
    seed: int
    threads: int = 1
    settings: tuple[str, ...] = ()
    vary: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    out: Path | None = None
    resume: bool = False
    form: str = "text"
    scheduler: str = ""
    against: Path | None = None
    tornado: bool = False
    by_percent: float = 20.0
    between: tuple[str, ...] = ()
    outcome: str = ""
    report: Path | None = None
    interpreted: bool = False


@dataclass(slots=True)
class Told:
    """What is printed and kept: text, plain values, a page, and how far the run came.

    ``page`` is given the name of the other protocol and the command; ``tables`` holds what is kept as tables, by folder; ``done``
    and ``total`` count trials.
    """

    text: str
    plain: dict[str, Any]
    page: Callable[[str, str], Document]
    done: int
    total: int
    tables: Mapping[str, Characteristics] = field(default_factory=dict)
    broken_off: bool = False


@dataclass(frozen=True, slots=True)
class Turned:
    """The effects of a tornado, the largest first, and the measure that they are on."""

    swings: tuple[Swing, ...] = ()
    measure: str = ""


def told_of(
    text: str, plain: dict[str, Any], outcomes: Played, against: Played | None = None, turned: Turned | None = None
) -> Told:
    """What is told of a trial of one arm or of several."""
    broken_off = outcomes.broken_off or (against is not None and against.broken_off)
    page = partial(_page, outcomes, against.each[0] if against is not None else None, turned or Turned())
    return Told(text, plain, page, outcomes.trials, outcomes.total, _tables(outcomes), broken_off)


def _tables(outcomes: Played) -> Mapping[str, Characteristics]:
    """What is kept as tables, by folder: one for each arm of several."""
    if len(outcomes.each) > 1:
        return {}
    match outcomes.each[0]:
        case TrialOutcome() as one:
            return {f"{FOLDER}{arm}": each.found for arm, each in one.arms.items()}
        case Outcome() as one:
            return {"": one.found}


def _page(outcomes: Played, against: Compared | None, turned: Turned, name: str, command: str) -> Document:
    from trialwright.cli.doors import now
    from trialwright.report.operating import OperatingMaterial, build_operating_report

    material = OperatingMaterial(outcomes, against, name, turned.swings, turned.measure, command)
    return build_operating_report(material, now())


@contextmanager
def refusals_told() -> Iterator[None]:
    """Print why a simulation was refused, and end with 10."""
    try:
        yield
    except Refused as refused:
        end_unread(refused.findings)


def compiled_or_exit(protocol: Protocol, reading: OperatingReading, interpreted: bool = False) -> Compiled:
    """Compile; tell the warnings on standard error."""
    rules = tuple(one.rule for one in protocol.monitoring)
    compiled = compile_design(protocol, reading, rules, interpreted)
    _tell(compiled.findings)
    return compiled


def arms_or_exit(protocol: Protocol, reading: OperatingReading, interpreted: bool = False) -> tuple[Compiled, ...]:
    """Compile each arm of a protocol that has several, else the one design; tell the warnings, each once."""
    arms = compile_arms(protocol, reading, interpreted)
    _tell(dict.fromkeys(finding for one in arms for finding in one.findings))
    return arms


def _tell(findings: Iterable[Finding]) -> None:
    for finding in findings:
        click.echo(finding_text(finding), err=True)


def simulate_outcomes(asked: Asked) -> Told:
    """Carry out what was asked.

    Raises:
        Refused: Before the first trial, with everything that is wrong.
    """
    ranges.check_trials(asked.trials)
    settings = dict(ranges.read_setting(one) for one in asked.settings)
    varied = [ranges.read_range(one) for one in asked.vary]
    wanted = ranges.scenarios(varied, settings)
    protocol, reading = protocol_or_exit(asked.protocol), read_operating(asked.virtual)
    arms, rates = arms_or_exit(protocol, reading, asked.interpreted), rates_of(asked)
    if asked.tornado and asked.vary:
        raise refuse("TW-V040", "--tornado", "A tornado varies every number by itself", "Give --between instead of --vary.")
    if asked.between and not asked.tornado:
        raise refuse("TW-V040", "--between", "A range between two values belongs to a tornado", "", "--tornado", WAY_OF_VARYING)
    if arms[0].arm:
        from trialwright.cli.simulate_arms import simulate_arms

        return simulate_arms(asked, arms, wanted, rates)
    compiled = arms[0]
    if asked.tornado:
        return _tornado(asked, compiled, settings, rates)
    work = plan_work(compiled, asked.seed, asked.trials, wanted, rates, "" if asked.against is not None else None)
    if asked.against is not None:
        return _beside(asked, reading, work)
    outcomes = played(asked, work)
    return _told(outcomes)


def rates_of(asked: Asked) -> tuple[float, ...]:
    """The rates that were asked about."""
    return tuple(_rate(one) for one in asked.rates)


def _rate(text: str) -> float:
    found = rate_of(text)
    if found is None:
        raise refuse("TW-V040", "--p0", f"`{text}` is no response rate", "It lies between 0 and 1: 0.1, or 10 %.", "--p0 0.1")
    return found


def played(asked: Asked, work: Work, folder: str = "") -> Outcomes:
    """Play the work where it is to be played, with a line of progress, keeping chunks where a folder is given."""
    keep = Keep(asked.out / folder) if asked.out is not None else None
    if keep is not None:
        keep.begin(work, asked.resume)
        kept = keep.manifest() or {}
        work = replace(work, chunk=int(kept["chunk"]))
    progress = Progress(work.total)
    with _runner(asked, work.compiled.arm) as runner:
        try:
            outcomes = play(work, runner, keep, progress)
        finally:
            progress.end()
    if outcomes.reused:
        click.echo(f"{outcomes.reused:,} chunks were there already.", err=True)
    if not outcomes.each and not work.compiled.arm:
        nothing_done()
    return outcomes


def nothing_done() -> NoReturn:
    """End where the run was broken off before there was anything to tell."""
    click.echo("Broken off before the first chunk was done; there is no result.", err=True)
    sys.exit(INTERRUPTED)


def _runner(asked: Asked, arm: str) -> Any:
    if not asked.scheduler:
        return nullcontext(on_threads(asked.threads))
    from trialwright.simulation.scenarios.cluster import Files, cluster

    protocol, virtual = asked.protocol, asked.virtual
    return cluster(asked.scheduler, Files(protocol.read_bytes(), protocol.name, virtual.read_bytes(), virtual.name, arm))


def _told(outcomes: Outcomes) -> Told:
    from trialwright.cli import simulate_text as text

    each = outcomes.each
    if len(outcomes.scenarios) == 1:
        return told_of(text.whole(each[0].found), as_plain(each[0].found), outcomes)
    measure = measure_of(outcomes.work.compiled, "")
    compared = [None, *(difference(each[0], one, measure) for one in each[1:])]
    told = grid_plain(each, (as_plain(one.found) for one in each), outcomes.broken_off)
    return told_of(text.grid(each, compared), told, outcomes)


def _beside(asked: Asked, reading: OperatingReading, work: Work) -> Told:
    """The same file of chances and the same random numbers under another protocol."""
    from trialwright.cli import simulate_text as text

    assert asked.against is not None
    if len(work.scenarios) > 1:
        raise refuse("TW-V045", "--against", "Two protocols are compared in one scenario", "Leave --vary out, or use --set.")
    other = compiled_or_exit(protocol_or_exit(asked.against), reading, asked.interpreted)
    theirs = plan_work(other, asked.seed, asked.trials, work.scenarios, work.rates, compared="")
    first, second = played(asked, work), played(replace(asked, protocol=asked.against), theirs, "against")
    one, two = first.each[0], second.each[0]
    if one.found.provenance.trials != two.found.provenance.trials:
        click.echo("Broken off: the two were not played equally often; differences come from the chunks of both.", err=True)
    found = tuple(differences(one, two))
    plain = beside_plain(as_plain(one.found), as_plain(two.found), found)
    names = names_of(asked.protocol, asked.against)
    return told_of(text.beside(one.found, two.found, found, names), plain, first, second)


def names_of(one: Path, other: Path) -> tuple[str, str]:
    """Short names of the two files that differ."""
    return (one.stem[:16], other.stem[:16]) if one.stem != other.stem else ("this", "other")


def _tornado(asked: Asked, compiled: Compiled, settings: Mapping[str, str], rates: Sequence[float]) -> Told:
    from trialwright.cli import simulate_text as text

    found = turns_asked(asked, compiled)
    measure = measure_of(compiled, asked.outcome)
    work = plan_work(compiled, asked.seed, asked.trials, variants(found, settings), rates, measure)
    outcomes = played(asked, work)
    effects = swings(outcomes.each, found, measure)
    plain = tornado_plain(as_plain(outcomes.each[0].found), effects, measure, outcomes.broken_off)
    told = text.tornado(outcomes.each[0].found, effects, measure)
    return told_of(told, plain, outcomes, turned=Turned(effects, measure))


def turns_asked(asked: Asked, compiled: Compiled) -> tuple[Turn, ...]:
    """How far each number of the file is turned."""
    if not 0 <= asked.by_percent < 100:
        raise refuse("TW-V048", "--by", f"Numbers cannot be turned by {asked.by_percent:g} %", "0 to 99 will do.", "--by 20")
    return turns(compiled.reading, Decimal(str(asked.by_percent)) / 100, dict(_between(one) for one in asked.between))


def _between(text: str) -> tuple[str, tuple[str, str]]:
    path, value = ranges.read_setting(text, "--between")
    low, colon, high = value.partition(":")
    try:
        numbers = (Decimal(low).normalize(), Decimal(high).normalize())
    except DecimalException:
        colon = ""
    if not colon:
        detail = "A path with the lowest and the highest value is wanted."
        raise refuse("TW-V040", "--between", f"`{text}` cannot be read", detail, f"--between {path}=0.2:0.6")
    return path, (f"{numbers[0].normalize():f}", f"{numbers[1].normalize():f}")


def tell(asked: Asked, told: Told) -> None:
    """Print the result, keep it where a folder was given, and end as after Ctrl-C where it was broken off."""
    if asked.out is not None:
        keep_result(asked.out, told)
    if asked.report is not None:
        write_report(asked, told)
    click.echo(as_json(told.plain) if asked.form == "json" else told.text)
    if told.broken_off:
        kept = f" Go on with --out {asked.out} --resume." if asked.out is not None else ""
        click.echo(f"\nBroken off after {told.done:,} of {told.total:,} trials; what was done is told above.{kept}", err=True)
        sys.exit(INTERRUPTED)


def write_report(asked: Asked, told: Told) -> None:
    """Write the page of operating characteristics."""
    from trialwright.report.html import render_html

    assert asked.report is not None
    document = told.page(asked.against.name if asked.against is not None else "", command_of(asked))
    write_whole(asked.report, render_html(document).encode())
    click.echo(f"Written: {asked.report}", err=True)


def command_of(asked: Asked) -> str:
    """The command that gives the same again; files by their names."""
    words = ["trialwright", "simulate", asked.protocol.name, "--virtual", asked.virtual.name, "-n", f"{asked.trials:_}"]
    words += ["--seed", str(asked.seed)]
    for option, values in (
        ("--set", asked.settings),
        ("--vary", asked.vary),
        ("--p0", asked.rates),
        ("--between", asked.between),
    ):
        words += [part for one in values for part in (option, one)]
    words += ["--against", asked.against.name] if asked.against is not None else []
    words += ["--tornado", "--by", f"{asked.by_percent:g}"] if asked.tornado else []
    words += ["--outcome", asked.outcome] if asked.outcome else []
    return shlex.join(words)


def keep_result(folder: Path, told: Told) -> None:
    """Write ``result.json`` and, for a single scenario, its tables as CSV."""
    from trialwright.simulation.characteristics.plain import tables

    write_whole(folder / "result.json", as_json(told.plain).encode())
    for part, found in told.tables.items():
        for name, table in tables(found).items():
            write_whole(folder / part / f"{name}.csv", table.write_csv().encode())
