"""The report's document: what it refuses, and what its HTML and PDF say."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from shutil import which

import pytest
from tests.report_samples import FIGURES, document

from trialwright.analysis.result import Interval, Result
from trialwright.report.document import (
    Behind,
    CodeSpan,
    Document,
    Figure,
    Link,
    Number,
    Reference,
    Row,
    Section,
    Table,
    labels,
    paragraph,
)
from trialwright.report.drawing_check import check_drawing
from trialwright.report.html import render_html
from trialwright.report.pdf import render_pdf
from trialwright.report.wording import behind, estimate_words, results_table
from trialwright.vocabulary.findings import Refused

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
VOID = {"meta", "link", "br", "rect", "line", "circle", "polyline", "polygon", "path"}


class Page(HTMLParser):
    """Collects ids, links, headings and tags, and that tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        found = dict(attrs)
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if found.get("href"):
            self.hrefs.append(str(found["href"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def small(*words: object, **changes: object) -> Document:
    return replace(Document("A report", (Section("one", "One", (paragraph(*words),)),)), **changes)  # type: ignore[arg-type]


def test_figures_and_tables_are_numbered_in_reading_order_and_references_say_so() -> None:
    known = labels(document())
    assert known["response-table"] == "Table 1" and known["long-table"] == "Table 2"
    assert [known[name] for name in FIGURES] == [f"Figure {i}" for i in range(1, len(FIGURES) + 1)]
    assert '<a href="#forest">Figure 3</a>' in render_html(document())


@pytest.mark.parametrize(
    "broken",
    [
        small(Number("12", "behind-nothing")),
        small(Reference("figure-nowhere")),
        small(Link("here", "#nowhere")),
        small(Link("run", "javascript:alert(1)")),
        small("x", sections=(Section("one", "One"), Section("one", "Again"))),
        small("x", sections=(Section("Not an id", "One"),)),
        small("x", sections=(Section("one", "One", (Table("t", ("c",), (), (Row((("a",),)),)),)),)),
    ],
    ids=["number", "reference", "inner link", "script link", "id twice", "bad id", "row without columns"],
)
def test_a_document_that_contradicts_itself_is_our_bug_and_loud(broken: Document) -> None:
    with pytest.raises(ValueError):
        render_html(broken)
    with pytest.raises(ValueError):
        render_pdf(broken, MADE_AT)


def test_the_page_is_whole_self_contained_and_inert() -> None:
    text = render_html(document())
    page = Page(text)
    assert page.open == []
    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on")]
    assert "<script" not in text and "&lt;script&gt;" in text
    assert "default-src 'none'" in text
    assert [href for href in page.hrefs if not href.startswith("#")] == ["https://pubmed.ncbi.nlm.nih.gov/19735261/"]
    assert not re.search(r"url\(\s*['\"]?(https?:|//)", text) and "@import" not in text


def test_no_word_of_the_document_can_leave_the_style_sheet() -> None:
    text = render_html(small("x", watermark='"; } </style><b>\n\\', title='</style>"{}/*'))
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1 and style[0].count("{") == style[0].count("}")
    assert "<" not in style[0] and "*bold" not in style[0]


def test_every_inner_link_lands_and_every_id_is_unique() -> None:
    page = Page(render_html(document()))
    assert len(page.ids) == len(set(page.ids))
    assert {href[1:] for href in page.hrefs if href.startswith("#")} <= set(page.ids)


def test_headings_step_down_one_level_at_a_time_from_one_title() -> None:
    levels = [int(tag[1]) for tag in Page(render_html(document())).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_simulated_stands_on_the_page_its_title_and_every_figure() -> None:
    text = render_html(document())
    assert "<title>SIMULATED ·" in text and 'class="watermark"' in text
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(drawings) == len(FIGURES)
    assert all(">SIMULATED</text>" in drawing for drawing in drawings)
    assert "SIMULATED" not in render_html(small("real"))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert render_html(document()) == render_html(document())
    assert render_pdf(document(), MADE_AT) == render_pdf(document(), MADE_AT)
    assert render_pdf(document(), MADE_AT) != render_pdf(document(), datetime(2026, 1, 2, tzinfo=UTC))


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError):
        render_pdf(document(), datetime(2026, 1, 1))


def test_without_the_typesetter_the_pdf_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Refused) as refusal:
        render_pdf(document(), MADE_AT)
    (finding,) = refusal.value.findings
    assert finding.code == "TW-D001" and "pip install 'trialwright[pdf]'" in finding.ways_out


def pdf_words(tmp_path: Path, made: Document, *options: str) -> str:
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    target = tmp_path / "report.pdf"
    target.write_bytes(render_pdf(made, MADE_AT))
    done = subprocess.run(["pdftotext", *options, str(target), "-"], capture_output=True, text=True, check=True)
    return done.stdout


def test_every_pdf_page_says_simulated_and_which_page_it_is(tmp_path: Path) -> None:
    pages = pdf_words(tmp_path, document()).rstrip("\f").split("\f")
    assert len(pages) > 5
    for index, page in enumerate(pages, 1):
        assert "SIMULATED" in page and f"Page {index} of {len(pages)}" in page


def test_hostile_words_stand_in_the_pdf_as_words(tmp_path: Path) -> None:
    text = pdf_words(tmp_path, small('#panic("x") $x^2$ *b* _i_ @ref <lbl> \\u{41} `c` // c', CodeSpan("#let x = 1")))
    assert '#panic("x") $x^2$ *b* _i_ @ref <lbl> \\u{41} `c` // c#let x = 1' in " ".join(text.split())


def test_the_heading_of_a_long_table_stands_on_each_of_its_pages(tmp_path: Path) -> None:
    pages = pdf_words(tmp_path, document(), "-layout").split("\f")
    assert sum(bool(re.search(r"Term\s+1\s+2\s+3", page)) for page in pages) == 2


def test_the_pdf_is_tagged_titled_and_dated_by_its_argument() -> None:
    made = render_pdf(document(), MADE_AT)
    assert made.startswith(b"%PDF-") and b"/StructTreeRoot" in made and b"pdfuaid" in made
    assert b"/Lang" in made and b"20260101000000" in made


@pytest.mark.parametrize(
    "svg",
    [
        "<svg",
        "<p>not a drawing</p>",
        '<svg xmlns="http://www.w3.org/2000/svg"><rect/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><script>alert(1)</script></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><rect onclick="alert(1)"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><a href="https://example.org">x</a></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><rect fill="url(//example.org/x)"/></svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><title>x</title><foreignObject/></svg>',
    ],
)
def test_a_drawing_that_could_run_or_fetch_never_reaches_a_page(svg: str) -> None:
    with pytest.raises(ValueError):
        check_drawing(svg)
    figure = Figure("bad", svg, "bad", ("bad",))
    for render in (render_html, lambda made: render_pdf(made, MADE_AT)):
        with pytest.raises(ValueError):
            render(Document("A report", (Section("one", "One", (figure,)),)))


RESULT = Result(
    id="chr_by_week_12", title="Complete response by week 12", estimate=0.48, unit="1", method="Clopper–Pearson",
    source="Biometrika 1934;26:404", population="treated", n=25, numerator=12, interval=Interval(0.278, 0.687),
    participants=("P-01", "P-02"), notes=("Unadjusted.",), head="ab" * 32, simulated=True,
)  # fmt: skip


def test_a_result_reads_the_same_in_words_table_and_appendix() -> None:
    said = "12 of 25 (48 %; 95 % interval 28 to 69 %)"
    assert estimate_words(RESULT) == said
    table, rows = results_table("results", ("Results.",), [RESULT]), behind(RESULT, {"P-01": "41, 55"})
    made = Document("A report", (Section("one", "One", (table,)),), behind=(rows,))
    text = render_html(made)
    assert text.count(said + "<") == 2 and 'href="#behind-chr-by-week-12"' in text
    assert "41, 55" in text and "[1] Unadjusted." in text


def test_times_ratios_and_what_cannot_be_estimated_are_said_plainly() -> None:
    time = replace(RESULT, estimate=36.0, unit="d", numerator=None, interval=Interval(20.0, float("inf")))
    assert estimate_words(time) == "36 d (95 % interval 20 to not reached)"
    assert estimate_words(replace(time, estimate=None, interval=None)) == "not estimable"
    assert estimate_words(replace(RESULT, estimate=0.004, numerator=None, interval=None)) == "0.4 %"


def test_rows_behind_a_number_are_in_the_same_page() -> None:
    rows = Behind("behind-x", "Twelve", ("Participant",), (("P-01",), ("P-02",)))
    text = render_html(small(Number("12", "behind-x"), behind=(rows,)))
    assert 'href="#behind-x"' in text and '<th scope="row">P-02</th>' in text
