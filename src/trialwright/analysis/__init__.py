"""The analysis plan of a protocol carried out: endpoints become results, each with method, source, people and caveats."""

from trialwright.analysis.cohort import Carried, Evidence
from trialwright.analysis.run import AnalysisRun, analyse, estimate, estimate_all
from trialwright.analysis.sample_size import SampleSizeStatement, sample_size_statement

__all__ = [
    "AnalysisRun",
    "Carried",
    "Evidence",
    "SampleSizeStatement",
    "analyse",
    "estimate",
    "estimate_all",
    "sample_size_statement",
]
