"""``trialwright registry evaluate``: our search and a plain BM25 over the same records and the same judged topics."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from trialwright.cli.doors import home_option, now
from trialwright.cli.output import FINDINGS, as_json

if TYPE_CHECKING:
    from trialwright.registry.catalogue import Edition
    from trialwright.registry.evaluation import Baseline, Benchmark, Compared

RESAMPLES = 10_000
SEED = 20261122
_HALVES = {"all": None, "tuned": True, "held-out": False}
_RULES = {"counted as not relevant": False, "left out of the lists": True}


@click.command()
@click.option("--topics", "folders", multiple=True, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder with queries.jsonl and qrels.tsv or qrels/test.tsv; more than once for several sets.")  # fmt: skip
@click.option("--corpus", "corpora", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The set's own corpus.jsonl: records that are not held are added for this run only.")  # fmt: skip
@click.option("--half", type=click.Choice(list(_HALVES)), default="all", show_default=True,
              help="Every other topic: the half that the weights were chosen on, or the one held out.")  # fmt: skip
@click.option("--relevant-from", type=click.IntRange(1, 9), default=2, show_default=True,
              help="Grade from which a record is relevant in P@10 and recall@100.")  # fmt: skip
@click.option("--json", "as_text", is_flag=True, help="Print as JSON.")
@home_option
def evaluate(
    folders: tuple[Path, ...], corpora: tuple[Path, ...], half: str, relevant_from: int, as_text: bool, home: Path
) -> None:
    """Measure how well a search finds what was judged relevant, against a plain BM25 in the same run.

    Each topic is searched as it stands, as a patient's note. Only records that are held can be found; judgements of
    others are passed over, and so is a topic that has no relevant record left.
    """
    from trialwright.registry.evaluation import BenchmarkError, read_benchmark

    try:
        benchmarks = [read_benchmark(folder) for folder in folders]
        with _edition(home, corpora) as edition:
            baseline = _baseline(edition)
            within = [_half(one.within(baseline.keys), _HALVES[half]) for one in benchmarks]
            results = [_measured(edition, baseline, one, relevant_from) for one in within]
    except BenchmarkError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FINDINGS)
    if as_text:
        click.echo(as_json({"records": len(baseline.keys), "half": half, "relevant_from": relevant_from, "sets": results}))
        return
    for result in results:
        _show(result, len(baseline.keys), half)


@contextmanager
def _edition(home: Path, corpora: Sequence[Path]) -> Iterator[Edition]:
    """The present edition; with corpora, a copy of it that also holds their records and is gone afterwards."""
    from trialwright.cli.registering import catalogue_at, edition_or_exit
    from trialwright.registry.catalogue import Catalogue
    from trialwright.registry.evaluation import read_corpus

    present = edition_or_exit(home)
    if not corpora:
        yield present
        return
    with tempfile.TemporaryDirectory(prefix="trialwright-evaluate-") as folder:
        copy = Path(folder) / "registry"
        catalogue_at(home).snapshot(copy)
        catalogue = Catalogue(copy)
        with catalogue.revision(now(), "evaluation") as revision:
            for corpus in corpora:
                for record in read_corpus(corpus):
                    if record.nct_id and present.resolve(record.nct_id) is None:
                        revision.put(record, str(corpus))
        yield catalogue.edition()


def _baseline(edition: Edition) -> Baseline:
    from trialwright.registry.catalogue import key_of
    from trialwright.registry.evaluation import Baseline

    if not edition.count:
        raise click.UsageError("There are no records; import some with `trialwright registry import`.")
    try:
        return Baseline((key, record) for record in edition.records() if (key := key_of(record)))
    except ImportError as error:
        raise click.UsageError("The baseline needs the library bm25s: install `trialwright[evaluate]`.") from error


def _half(benchmark: Benchmark, first: bool | None) -> Benchmark:
    return benchmark if first is None else benchmark.half(first)


def _measured(edition: Edition, baseline: Baseline, benchmark: Benchmark, relevant_from: int) -> dict[str, Any]:
    from trialwright.registry.evaluation import Rule, compare, ranked_lists
    from trialwright.registry.index import Request

    def ours(text: str) -> Sequence[str]:
        return [hit.key for hit in edition.index.find(Request(note=text, limit=1000, count=False)).hits]

    found, plain = ranked_lists(benchmark, ours), ranked_lists(benchmark, baseline.ranked)
    chance = np.random.Generator(np.random.PCG64(SEED))  # seeded: the same run gives the same intervals
    draws = chance.random((RESAMPLES, len(benchmark.topics)))
    tables = {
        name: [_row(one) for one in compare(benchmark, found, plain, Rule(relevant_from, dropped), draws)]
        for name, dropped in _RULES.items()
    }
    return {"set": benchmark.name, "topics": len(benchmark.topics), "judged_pairs": benchmark.pairs, "unjudged": tables}


def _row(compared: Compared) -> dict[str, Any]:
    return {**asdict(compared), "difference": compared.difference}


def _show(result: dict[str, Any], records: int, half: str) -> None:
    chosen = "" if half == "all" else f", {half} half"
    head = f"{result['set']}: {result['topics']} topics with a relevant record{chosen}, {result['judged_pairs']} judged pairs"
    click.echo(f"{head}, {records:,} records")
    for rule, rows in result["unjudged"].items():
        click.echo(f"\n  unjudged records {rule}")
        click.echo(f"  {'measure':<12}{'topics':>7}{'ours':>9}{'bm25s':>9}{'difference':>13}   95 % interval")
        for row in rows:
            ends = f"{row['low']:+.4f} to {row['high']:+.4f}"
            figures = f"{row['ours']:>9.4f}{row['baseline']:>9.4f}{row['difference']:>+13.4f}"
            click.echo(f"  {row['measure']:<12}{row['topics']:>7}{figures}   {ends}")
    click.echo()
