"""The page on the analysis: its code runs, and its tables name what the program knows."""

from __future__ import annotations

import re
from pathlib import Path

from trialwright.analysis import response_rate, time_to_event
from trialwright.analysis.run import _MEASURES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/analysis.md").read_text(encoding="utf-8")


def test_the_code_of_the_page_runs() -> None:
    (block,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(block, "analysis.md", "exec"), {})


def test_every_measure_summary_interval_and_comparison_stands_on_the_page() -> None:
    words = {*_MEASURES, *response_rate._METHODS, *time_to_event._INTERVALS, *sum(time_to_event._COMPARED.values(), ())}
    words |= {one for methods in time_to_event._INTERVALS.values() for one in methods}
    missing = {word for word in words if f"`{word}`" not in PAGE and f"`{word} 95 %`" not in PAGE}
    assert not missing


def test_every_module_of_estimators_stands_on_the_page() -> None:
    modules = {path.stem for path in (ROOT / "src/trialwright/analysis/estimators").glob("[a-z]*.py")}
    assert not {name for name in modules - {"risk"} if f"| `{name}` |" not in PAGE}
