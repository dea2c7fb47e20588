"""How well the search finds what was judged relevant, against a plain BM25 in the same run. Ships no judgements."""

from trialwright.registry.evaluation.baseline import Baseline
from trialwright.registry.evaluation.comparison import Compared, Rule, compare, interval, ranked_lists
from trialwright.registry.evaluation.corpus import corpus_record, read_corpus
from trialwright.registry.evaluation.topics import Benchmark, BenchmarkError, Topic, read_benchmark

__all__ = [
    "Baseline",
    "Benchmark",
    "BenchmarkError",
    "Compared",
    "Rule",
    "Topic",
    "compare",
    "corpus_record",
    "interval",
    "ranked_lists",
    "read_benchmark",
    "read_corpus",
]
