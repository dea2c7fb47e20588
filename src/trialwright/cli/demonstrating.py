"""``trialwright demo``: the whole of it on the seed trial, with simulated people. Twelve lines, and one page opens."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from importlib import resources
from pathlib import Path

import click

from trialwright.cli.doors import home_option, protocol_or_exit, trial_or_exit
from trialwright.cli.output import refuse
from trialwright.cli.rehearsing import rehearse_into, virtual_or_exit, virtual_path
from trialwright.cli.reporting import result_line, write_report
from trialwright.conduct import Trial
from trialwright.conduct.home import TrialFolder
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.findings import Finding, Refused

SHOWN_PARTICIPANT = "P07"


def seed_protocol() -> Path:
    """Return the seed trial's protocol file, which comes with the package."""
    return Path(str(resources.files("trialwright").joinpath("trials", "nilg-hes1-03", "protocol.yaml")))


@click.command()
@click.option("--protocol", type=click.Path(path_type=Path), help="Another protocol, with virtual.yaml beside it.")
@click.option("--serve/--no-serve", "serving", default=True, help="Serve the pages when all is made.")
@click.option("--open/--no-open", "opening", default=True, help="Open the page in a browser.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@home_option
def demo(protocol: Path | None, serving: bool, opening: bool, host: str, port: int, home: Path) -> None:
    """Check, rehearse, analyze, report and serve the seed trial beside a sample of real records. Everyone in it is simulated."""
    path = protocol if protocol is not None else seed_protocol()
    study = protocol_or_exit(path)
    findings = _check(study)
    folder = TrialFolder(home / "trials" / f"{study.id}-rehearsal")
    people = virtual_path(path, None)
    try:
        told, reused = rehearse_into(folder, study, people, virtual_or_exit(people).demonstration.seed)
        trial = trial_or_exit(folder)
        click.echo(
            f"2 rehearse  {'reused' if reused else 'played'}: {told['enrolled']} simulated participants at "
            f"{len(trial.state.sites)} simulated sites, {len(trial.entries):,} entries, head {trial.head.digest[:12]}…"
        )
        _analyze(trial)
        _report(folder, trial, findings, reused)
    except Refused as refused:
        refuse(refused)
    page = f"/trial/{folder.name}/participant/{SHOWN_PARTICIPANT}/"
    _fill_registry(home)
    _where(folder, home, f"http://{host}:{port}{page}", serving)
    if serving:
        _serve(home, host, port, page, opening)


def _check(study: Protocol) -> tuple[Finding, ...]:
    from trialwright.review import check

    found = check(study)
    first = found.findings[0] if found.findings else None
    proved = sum(one.verdict == "proved" for report in found.policy for one in report.guarantees)
    promised = sum(len(report.guarantees) for report in found.policy)
    states = sum(report.states for report in found.policy)
    click.echo(f"1 check     {len(found.findings)} findings; the first: {first.title if first else 'none'}")
    if first is not None:
        click.echo(f"            {Path(first.place.file).name}:{first.place.line}:{first.place.column}  {first.code}")
    click.echo(f"            {proved} of {promised} dosing guarantees proved over {states:,} states")
    return found.findings


def _analyze(trial: Trial) -> None:
    from trialwright.analysis import estimate, sample_size_statement

    primary = next((one for one in trial.protocol.file.objectives if one.rank == "primary"), None)
    if primary is not None and primary.endpoints:
        for result in estimate(trial.protocol, trial.state, primary.endpoints[0], trial.head.digest)[:1]:
            told = result_line(result).replace("\n   ", ":")
            click.echo(f"3 analyze   SIMULATED {told}")
    size = sample_size_statement(trial.protocol)
    if size is not None:
        click.echo(f"            {size.words}")


def _report(folder: TrialFolder, trial: Trial, findings: tuple[Finding, ...], reused: bool) -> None:
    made = [folder.file(name) for name in ("report.html", "study.json", "results.json", "check.json")]
    if not (reused and all(path.exists() for path in made)):
        made = write_report(folder, trial, findings)
    else:
        made += [path for path in (folder.file("report.pdf"),) if path.exists()]
    names = " ".join(path.name for path in made if path.suffix in (".html", ".pdf"))
    click.echo(f"4 report    {names} in {folder.path}")


def _fill_registry(home: Path) -> None:
    """Import the bundled real records; those that are there already stay as they are."""
    from trialwright.cli.registering import import_sample

    tally = import_sample(home)
    click.echo(f"5 find      {tally.read - tally.refused} real records in {home / 'registry'}, from ClinicalTrials.gov")
    click.echo('            trialwright registry search "imatinib near Bergamo"')


def _where(folder: TrialFolder, home: Path, address: str, serving: bool) -> None:
    where = f" --home {home}" if os.environ.get("TRIALWRIGHT_HOME") != str(home) else ""
    click.echo(f"6 look      {address if serving else f'trialwright serve{where}'}  (SIMULATED · Participant 7: why this dose?)")
    click.echo(f"  ask       trialwright explain {SHOWN_PARTICIPANT} --trial {folder.name}{where} --what-if anc=0.8")


def _serve(home: Path, host: str, port: int, page: str, opening: bool) -> None:
    from trialwright.cli.serving import start_web

    shows = opening and (sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY")))
    if shows:
        threading.Timer(2.0, webbrowser.open, (f"http://{host}:{port}{page}",)).start()
    click.echo("  Serving until you press Ctrl-C.")
    sys.exit(start_web(home, host, port))
