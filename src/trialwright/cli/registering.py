"""``trialwright registry``: the catalogue of registry records in the home folder: import, history, status, snapshot."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import asdict
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import click

from trialwright.cli.doors import home_option, now
from trialwright.cli.main import LazyGroup
from trialwright.cli.output import FINDINGS, as_json, finding_json, plural, refuse
from trialwright.cli.watching import Follower
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

if TYPE_CHECKING:
    from trialwright.exchange.ctgov.collect import Tally
    from trialwright.registry.catalogue import Catalogue, Edition

COMMANDS = {
    "import": ("registering", "Import records from files, folders and archives."),
    "sync": ("syncing", "Mirror a registry's API, only what changed since the last time."),
    "search": ("searching", "Search the records."),
    "history": ("registering", "Show the versions of a record, and what changed between them."),
    "status": ("registering", "Say what is there: counts, generation, sizes."),
    "snapshot": ("registering", "Copy the catalogue, whole and consistent, for a replica."),
    "evaluate": ("evaluating", "Measure how well searches find what was judged relevant."),
}
_MOST_BYTES = 1024


class RegistryGroup(LazyGroup):
    """The commands of the registry."""

    table: ClassVar[dict[str, tuple[str, str]]] = COMMANDS


@click.command(cls=RegistryGroup)
def registry() -> None:
    """Keep and search registry records: of ClinicalTrials.gov, and of one's own trials."""


def catalogue_at(home: Path) -> Catalogue:
    """Return the catalogue of a home folder."""
    from trialwright.registry.catalogue import Catalogue

    return Catalogue(home / "registry")


def edition_or_exit(home: Path) -> Edition:
    """Open the present edition; a folder that cannot be read is refused with a finding."""
    try:
        return catalogue_at(home).edition()
    except (OSError, ValueError) as error:
        refuse_damaged(home, error)


def refuse_damaged(home: Path, error: Exception) -> NoReturn:
    """End with 11: the catalogue's folder cannot be read."""
    place = Place(str(home / "registry"))
    ways = ("restore it from a snapshot", "move the folder away and import again")
    refuse(Refused([Finding("TW-K003", Severity.ERROR, place, "The catalogue cannot be opened", f"{error}.", ways)]))


def refuse_busy(home: Path) -> NoReturn:
    """End with 11: another program is writing."""
    ways = ("wait until it is done", "see which program holds the file named lock")
    detail = "One program at a time imports or mirrors; readers are not disturbed."
    place = Place(str(home / "registry" / "lock"))
    refuse(Refused([Finding("TW-K002", Severity.ERROR, place, "Another program is writing to the catalogue", detail, ways)]))


@click.command("import")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--sample", is_flag=True, help="Import the bundled sample of 334 real records.")
@click.option("--json", "as_text", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print no progress.")
@home_option
def import_(paths: tuple[Path, ...], sample: bool, as_text: bool, quiet: bool, home: Path) -> None:
    """Import the records at each PATH.

    PATH is ClinicalTrials.gov v2 JSON (one record, a list, a page, one a line), classic XML, a Trialwright protocol
    file, or a folder or zip archive of these, such as the registry's own json.zip. What is there already stays as it
    is. An import that was stopped goes on when it is begun again. Ends with 10 when a record was refused.
    """
    if not paths and not sample:
        raise click.UsageError("Name a file, folder or archive, or give --sample.")
    follower = Follower(quiet)
    with _sample_path() as bundled:
        try:
            tally = collect_or_exit(home, (*([bundled] if sample else []), *paths), follower)
        except KeyboardInterrupt:
            follower.end()
            click.echo("Stopped; nothing is lost. The same command goes on from the last checkpoint.", err=True)
            sys.exit(130)
    follower.end()
    if as_text:
        click.echo(as_json({**asdict(tally), "findings": [finding_json(one) for one in follower.shown]}))
    else:
        print_tally(asdict(tally))
    if tally.refused:
        sys.exit(FINDINGS)


def collect_or_exit(home: Path, paths: tuple[Path, ...], follower: Follower) -> Tally:
    """Import what stands at the paths; a busy or damaged catalogue is refused with a finding."""
    from trialwright.exchange.ctgov.collect import Watch, collect
    from trialwright.registry.catalogue import CatalogueBusy

    try:
        return collect(catalogue_at(home), paths, now(), Watch(follower.found, follower.moved))
    except CatalogueBusy:
        refuse_busy(home)
    except ValueError as error:
        refuse_damaged(home, error)


def import_sample(home: Path) -> Tally:
    """Import the bundled sample quietly."""
    with _sample_path() as bundled:
        return collect_or_exit(home, (bundled,), Follower(quiet=True))


def _sample_path() -> AbstractContextManager[Path]:
    return as_file(files("trialwright.registry") / "data" / "sample.zip")


def print_tally(tally: dict[str, Any]) -> None:
    """Print what came of an import or a sync."""
    counts = ", ".join(f"{tally[name]:,} {name}" for name in ("read", "new", "changed", "unchanged", "refused"))
    click.echo(f"{counts}; {plural(tally['warnings'], 'note')}")
    if tally["sites_without_point"]:
        told = f"{tally['sites_without_point']:,} of {plural(tally['sites'], 'site')}"
        click.echo(f"{told} have no coordinates; they are found by name, not by distance")
    if tally["resumed"]:
        click.echo("This import went on from one that had been broken off.")
    click.echo(f"Generation {tally['generation']}")


@click.command()
@click.argument("study")
@click.option("--diff", is_flag=True, help="Print what changed from each version to the next, in the words of the fields.")
@click.option("--json", "as_text", is_flag=True, help="Print as JSON.")
@home_option
def history(study: str, diff: bool, as_text: bool, home: Path) -> None:
    """Show the versions of STUDY (an NCT number) that were seen, newest first."""
    from trialwright.registry.catalogue import differences

    edition = edition_or_exit(home)
    versions = edition.history(study)
    if not versions:
        raise click.UsageError(f"There is no record {study} among {plural(edition.count, 'record')}.")
    told: list[dict[str, Any]] = []
    for index, version in enumerate(versions):
        entry: dict[str, Any] = {
            "seen": version.seen_at.isoformat(timespec="seconds"),
            "lastUpdatePosted": version.last_update_posted,
            "source": version.source,
        }
        if diff and index + 1 < len(versions):
            found = differences(edition.at(versions[index + 1].address).raw, edition.at(version.address).raw)
            entry["differences"] = [{**asdict(one), "text": str(one)} for one in found]
        told.append(entry)
    if as_text:
        click.echo(as_json({"study": study, "versions": told}))
        return
    for entry in told:
        click.echo(f"seen {entry['seen']}  dated {entry['lastUpdatePosted'] or 'nowhere'}  from {entry['source']}")
        for one in entry.get("differences", ()):
            click.echo(f"  {one['text']}")


@click.command()
@click.option("--json", "as_text", is_flag=True, help="Print as JSON.")
@home_option
def status(as_text: bool, home: Path) -> None:
    """Say what the catalogue holds."""
    edition = edition_or_exit(home)
    sizes = edition.sizes_bytes()
    sources = edition.manifest.sources
    if as_text:
        told = {
            "folder": str(home / "registry"),
            "generation": edition.generation,
            "records": edition.count,
            "stamp": edition.stamp.isoformat() if edition.generation else None,
            "dataTimestamp": edition.manifest.data_timestamp.isoformat() if edition.generation else None,
            "bytes": sizes,
            "revisions": [one.model_dump(mode="json") for one in sources],
        }
        click.echo(as_json(told))
        return
    if not edition.generation:
        click.echo(f"There is no record in {home / 'registry'}. Begin with `trialwright registry import --sample`.")
        return
    click.echo(f"{plural(edition.count, 'record')} in {home / 'registry'}")
    click.echo(f"Generation {edition.generation}, made {edition.stamp:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(
        f"Index {_size(sizes['index'])}, record texts {_size(sizes['packs'])} in {plural(len(edition.manifest.packs), 'pack')}"
    )
    for one in sources[-5:]:
        counts = f"{one.new:,} new, {one.changed:,} changed, {one.unchanged:,} unchanged, {one.removed:,} removed"
        click.echo(f"  {one.on:%Y-%m-%d %H:%M} {counts}: {one.label}")


@click.command()
@click.argument("dest", type=click.Path(path_type=Path, file_okay=False))
@home_option
def snapshot(dest: Path, home: Path) -> None:
    """Copy the catalogue to DEST, a new folder: the `registry` folder of a replica's home."""
    try:
        copied = catalogue_at(home).snapshot(dest)
    except FileExistsError:
        raise click.UsageError(f"{dest} holds something already. Name a new folder.") from None
    except ValueError as error:
        refuse_damaged(home, error)
    click.echo(f"{plural(copied.count, 'record')}, generation {copied.generation}, copied to {dest}")


def _size(count: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if count < _MOST_BYTES:
            return f"{count:,.0f} {unit}"
        count /= _MOST_BYTES
    return f"{count:,.1f} GB"
