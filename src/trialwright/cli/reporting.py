"""``trialwright analyze`` and ``report``: the analysis plan carried out, and the report as HTML and PDF."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import click

from trialwright.analysis import analyse, estimate, sample_size_statement
from trialwright.analysis.result import Result, results_as_text
from trialwright.cli.doors import folder_or_exit, home_option, now, trial_or_exit
from trialwright.cli.output import as_json, finding_json
from trialwright.conduct import Trial
from trialwright.conduct.home import TrialFolder, write_whole
from trialwright.report.document import Section
from trialwright.vocabulary.findings import Finding

_trial = click.option("--trial", "name", help="Name of the trial, or its folder; the only one by default.")


@click.command()
@_trial
@click.option("--endpoint", help="Only this endpoint.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@home_option
def analyze(name: str | None, endpoint: str | None, form: str, home: Path) -> None:
    """Carry out the analysis plan of the protocol on the data as they are now."""
    trial = trial_or_exit(folder_or_exit(home, name))
    if endpoint is not None and endpoint not in trial.protocol.file.endpoints:
        raise click.UsageError(f"There is no endpoint `{endpoint}`. There are: {', '.join(trial.protocol.file.endpoints)}.")
    head = trial.head.digest
    run = analyse(trial.protocol, trial.state, head) if endpoint is None else None
    results = run.results if run is not None else estimate(trial.protocol, trial.state, endpoint or "", head)
    if form == "json":
        click.echo(results_as_text(results))
        return
    banner = "SIMULATED · " if trial.state.simulated else ""
    click.echo(f"{banner}{trial.state.title}, head {trial.head.digest[:16]}…\n")
    for result in results:
        click.echo(result_line(result))
    size = sample_size_statement(trial.protocol)
    if size is not None and run is not None:
        click.echo(f"\n{size.words}")
    for sentence in run.not_carried_out if run is not None else ():
        click.echo(f"Not carried out: {sentence}")


def result_line(result: Result) -> str:
    """Return one result in a line or two: estimate, interval, method and how many people stand behind it."""
    from trialwright.report.wording import estimate_words

    behind = f"{result.method} · {result.population}, n = {result.n}"
    return f"{click.style(result.title, bold=True)}\n    {estimate_words(result)} · {behind}"


@click.command()
@_trial
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write into; the trial's own by default.")
@click.option("--no-pdf", is_flag=True, help="HTML only.")
@home_option
def report(name: str | None, out: Path | None, no_pdf: bool, home: Path) -> None:
    """Write the report: report.html, and report.pdf where the extra [pdf] is installed."""
    folder = folder_or_exit(home, name)
    trial = trial_or_exit(folder)
    for path in write_report(folder, trial, review_findings(trial), pdf=not no_pdf, out=out):
        click.echo(f"Written: {path}")


def review_findings(trial: Trial) -> tuple[Finding, ...]:
    """Return what ``check`` says of the trial's protocol."""
    from trialwright.review import check

    return check(trial.protocol).findings


def _simulation(folder: TrialFolder, trial: Trial) -> Section | None:
    """Operating characteristics that `trialwright simulate --out …/simulation` left beside the log."""
    from trialwright.report.operating.kept import kept_section

    try:
        told = json.loads(folder.file("simulation/result.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return kept_section(told, trial.protocol.digest) if isinstance(told, dict) else None


def write_report(
    folder: TrialFolder, trial: Trial, findings: tuple[Finding, ...], *, pdf: bool = True, out: Path | None = None
) -> list[Path]:
    """Write report, results and findings beside the log (or into ``out``); return the files."""
    from trialwright.exchange.ctgov.from_protocol import record_of
    from trialwright.report.html import render_html
    from trialwright.report.trial_report import build_report

    target = out if out is not None else folder.path
    made_at = trial.entries[-1].recorded_at if trial.state.simulated and trial.entries else now()
    document = build_report(trial.protocol, trial.state, trial.head, findings, made_at, _simulation(folder, trial))
    run = analyse(trial.protocol, trial.state, trial.head.digest)
    files = {
        "report.html": render_html(document).encode(),
        "results.json": results_as_text(run.results).encode(),
        "check.json": json.dumps([finding_json(one) for one in findings], indent=2, ensure_ascii=False).encode(),
        "study.json": as_json(record_of(trial.protocol.file.study)).encode(),
    }
    if pdf and importlib.util.find_spec("typst") is not None:
        from trialwright.report.pdf import render_pdf

        files["report.pdf"] = render_pdf(document, made_at)
    for name, content in files.items():
        write_whole(target / name, content)
    return [target / name for name in files]
