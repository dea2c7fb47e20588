"""How long a report's figures, HTML and PDF take, and how much memory; printed as ratios of what is allowed.

python benchmarks/report_rendering.py
"""

import sys
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.report_samples import FIGURES, document

from trialwright.report.html import render_html
from trialwright.report.pdf import render_pdf

FIGURE_LIMIT_S, REPORT_LIMIT_S = 0.5, 15.0


def main() -> None:
    slowest = 0.0
    for name, make in FIGURES.items():
        began = time.perf_counter()
        make()
        took = time.perf_counter() - began
        slowest = max(slowest, took)
        print(f"figure {name:13} {took * 1000:7.1f} ms")
    made = document()
    tracemalloc.start()
    began = time.perf_counter()
    page = render_html(made)
    html_s = time.perf_counter() - began
    began = time.perf_counter()
    pdf = render_pdf(made, datetime(2026, 1, 1, tzinfo=UTC))
    pdf_s = time.perf_counter() - began
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    print(f"html {html_s * 1000:.0f} ms, {len(page) / 1e3:.0f} kB; pdf {pdf_s * 1000:.0f} ms, {len(pdf) / 1e3:.0f} kB")
    print(f"slowest figure / allowed  {slowest / FIGURE_LIMIT_S:.3f}")
    print(f"html + pdf / allowed      {(html_s + pdf_s) / REPORT_LIMIT_S:.3f}   (Python's peak {peak:.0f} MB)")


if __name__ == "__main__":
    main()
