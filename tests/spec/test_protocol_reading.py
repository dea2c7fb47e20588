"""What reading a protocol file says of each mistake: the code, the line and column, and the way out. Never a traceback."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
from tests.tiny_protocol import TINY, edited, findings_of, tiny

from trialwright.protocol import Protocol, parse_protocol, read_protocol
from trialwright.protocol.expressions import Kind
from trialwright.protocol.reader import MOST_FINDINGS
from trialwright.protocol.source import DEEPEST, LARGEST_BYTES, MOST_PARTS

PAGES = Path(__file__).parents[2] / "docs/reference/findings"


def place_of(piece: str, text: str = TINY) -> tuple[int, int]:
    """The 1-based line and column at which a piece, found exactly once, begins."""
    assert text.count(piece) == 1, f"{text.count(piece)} × {piece!r}"
    before = text[: text.index(piece)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


# code · piece of the tiny protocol · what stands in its place · where the finding points, as a piece of the new text
WRONG = [
    ("TW-Y003", "  id: tiny\n", "  id: tiny: more\n", ": more"),
    ("TW-Y005", "  phase: 2\n", "\tphase: 2\n", "\tphase"),
    ("TW-Y006", "  phase: 2\n", "  phase: 2\x07\n", "\x07"),
    ("TW-Y007", "  phase: 2\n", "  phase: &two 2\n", "&two"),
    ("TW-Y008", "  phase: 2\n", "  phase: !!binary 2\n", "!!binary"),
    ("TW-Y010", "  phase: 2\n", "  phase: 2\n  ? [a, b]\n  : 1\n", "[a, b]"),
    ("TW-Y011", "  phase: 2\n", "  phase: 2\n  phase : 3\n", "phase : 3"),
    ("TW-S001", "  phase: 2\n", "  fase: 2\n", "fase: 2"),
    ("TW-S002", "    - id: E2\n      text: pregnancy\n", "    - id: E2\n", "id: E2"),
    ("TW-S003", "  phase: 2\n", "  phase: [2]\n", "[2]"),
    ("TW-S003", "type: date}", "type: day}", "day}"),
    ("TW-S003", "precision: 0.01", "precision: 0", "0, derive"),
    ("TW-S003", "planned: 3,", "planned: 0,", "0, justification"),
    ("TW-S004", "codes: disease}", "codes: diseas}", "diseas}"),
    ("TW-S004", "collects: [cells, anc", "collects: [celsl, anc", "celsl"),
    ("TW-S004", "receives: [drug]", "receives: [drugg]", "drugg"),
    ("TW-S004", "interventions: [drug]}", "interventions: [durg]}", "durg"),
    ("TW-S004", "epoch: follow_up\n      at: month", "epoch: folow_up\n      at: month", "folow_up"),
    ("TW-S004", "do: [entry, blood]", "do: [entri, blood]", "entri"),
    ("TW-S004", "    or: rescue", "    or: rescu", "rescu\ndosing"),
    ("TW-S004", "after: main complete", "after: main compleet", "main compleet"),
    ("TW-S004", "    population: treated", "    population: traeted", "traeted"),
    ("TW-S004", "    category: complete", "    category: complet", "complet\n"),
    ("TW-S004", "endpoints: [complete_by_12]", "endpoints: [complete_by_21]", "complete_by_21"),
    ("TW-S004", "    measure: response", "    measure: time\n    to: state relaps", "state relaps"),
    ("TW-S004", "    measure: response", "    measure: time\n    to: response main compete", "response main compete"),
    ("TW-S004", "{id: end, epoch: treatment, ", "{id: end, epoch: treatment, arms: [onyl], ", "onyl"),
    ("TW-S005", "window: ±3 d", "window: 3 d", "3 d\n      do: [blood]\n    - id: late"),
    ("TW-S005", "at: day 85", "at: day 0", "day 0"),
    ("TW-S005", "at: day 85", "at: week 0", "week 0"),
    ("TW-S005", "at: day 85", "at: day 85 .. 80", "day 85 .. 80"),
    ("TW-S005", "at: day 85", "at: 12 weeks", "12 weeks, "),
    ("TW-S005", "at: day 85", "at: day 99999999", "day 99999999"),
    ("TW-S005", "at: weeks 2, 4 after treatment stop", "at: weeks 2, 4 after treatment stp", "weeks 2, 4 after treatment stp"),
    ("TW-S005", "      last: day 78\n", "", "7 d\n      first"),
    ("TW-S005", "first: day 8\n", "first: day 80\n", "7 d\n      first"),
    ("TW-S005", "every: 7 d", "every: 0 d", "0 d"),
    ("TW-S005", "every: 7 d", "every: 1 mo", "1 mo"),
    ("TW-S005", "last: day 78", "last: day 8000", "7 d\n      first"),
    ("TW-S005", "every: 7 d", "at: day 9\n      every: 7 d", "id: week\n"),
    ("TW-S005", "at: day 85, ", "", "{id: end"),
    ("TW-S005", "course: 12 weeks from first dose", "course: twelve weeks", "twelve weeks"),
    ("TW-S005", "course: 12 weeks from first dose", "course: 12 weeks after surgery", "12 weeks after surgery"),
    ("TW-S005", "course: 12 weeks from first dose", "course: 0 weeks from first dose", "0 weeks from"),
    ("TW-S005", "within: 24 h", "within: soon", "soon"),
    ("TW-S005", "within: 24 h", "within: ² h", "² h"),
    ("TW-S005", "{apart: 7 d}\n    not", "{apart: a week}\n    not", "a week"),
    ("TW-S005", "cells: {label: Cells, type: quantity, unit: 10*9/L, plausible: 0 .. 500, valid_for: 3 d}",
     "cells: {label: Cells, type: quantity, unit: 10*9/L, valid_for: three}", "three"),
    ("TW-S005", "    by: week 12", "    by: the end", "the end"),
    ("TW-S006", "    - id: E2\n", "    - id: E1\n", "E1\n      text: pregnancy"),
    ("TW-S006", "      - id: toxic", "      - id: low", "low\n        when: bilirubin"),
    ("TW-S006", "{id: pace, ", "{id: blind, ", "blind, never: two"),
    ("TW-S006", "{id: end, epoch", "{id: week, epoch", "week, epoch"),
    ("TW-S006", "- {id: partial,", "- {id: complete,", "complete, when: cells <= 0.5"),
    ("TW-S006", "  target: {value: 1.0 10*9/L", "  anc: {value: 1.0 10*9/L", "{value: 1.0"),
    ("TW-S007", "levels: 100, 200, 300, 400 mg/d", "levels: 100, 300, 200 mg/d", "100, 300"),
    ("TW-S007", "levels: 100, 200, 300, 400 mg/d", "levels: 100, 200", "100, 200\n"),
    ("TW-S007", "levels: 100, 200, 300, 400 mg/d", "levels: 0, 200 mg/d", "0, 200"),
    ("TW-S007", "start: 100 mg/d on day 1", "start: 150 mg/d on day 1", "150 mg/d on"),
    ("TW-S007", "start: 100 mg/d on day 1", "start: 100 mg/d", "100 mg/d\n    course"),
    ("TW-S007", "start: 100 mg/d on day 1", "start: 100 on day 1", "100 on day 1"),
    ("TW-S008", "        then: may next level", "        then: perhaps more", "perhaps more"),
    ("TW-S008", "        then: may next level", "        then: level 250 mg/d", "level 250 mg/d"),
    ("TW-S008", "        until: resolved\n        resume: lower\n", "", "id: toxic"),
    ("TW-S008", "to: 300 mg/d}", "to: 350 mg/d}", "{when: level = 400"),
    ("TW-S008", "- {id: continue, otherwise: true, then: same level}", "- {id: continue, then: same level}", "{id: continue"),
    ("TW-S008", "      when: pregnant\n", "", "id: E2"),
    ("TW-S008", "{id: pace, never: two increases within 7 d}", "{id: pace}", "{id: pace}"),
    ("TW-S008", "- {id: none, otherwise: true}", "- {id: none}", "{id: none}"),
    ("TW-S009", "wbc: {label: WBC, type: quantity, unit: 10*9/L}", "wbc: {label: WBC, type: quantity}", "{label: WBC"),
    ("TW-S009", "wbc: {label: WBC, type: quantity, unit: 10*9/L}", "wbc: {label: WBC, type: quantity, unit: gL/}", "gL/"),
    ("TW-S009", "plausible: 0 .. 110", "plausible: 110 .. 0", "110 .. 0"),
    ("TW-S009", "value: 1.0 10*9/L", "value: one", "one, sens"),
    ("TW-S009", "sensitivity: [500 /uL]", "sensitivity: [500 mg]", "500 mg"),
    ("TW-S009", "reconsent_at: 18 a", "reconsent_at: adulthood", "adulthood"),
    ("TW-S010", "derive: wbc * share", "derive: part * share", "part * share"),
    ("TW-S010", "derive: wbc * share", "derive: wbc * baseline part / wbc", "wbc * baseline part"),
    ("TW-S011", "derive: wbc * share", "derive: baseline wbc", "baseline wbc"),
    ("TW-S012", "  wbc: {label: WBC", "  level: {label: WBC", "{label: WBC"),
    ("TW-E002", "when: age > 15 a", "when: agge > 15 a", "agge"),
    ("TW-E004", "when: age > 15 a", "when: age > 15 kg", "15 kg"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "old", "new", "where"), WRONG)
def test_each_mistake_has_its_code_and_its_place(code: str, old: str, new: str, where: str) -> None:
    text = edited(old, new)
    reading = parse_protocol(text, "tiny.yaml")
    assert reading.protocol is None
    found = [finding for finding in reading.findings if finding.code == code]
    assert found, [str(finding) for finding in reading.findings]
    assert (found[0].place.line, found[0].place.column) == place_of(where, text), found[0]
    assert found[0].place.file == "tiny.yaml"


@pytest.mark.parametrize(
    "code", sorted({row[0] for row in WRONG} | {"TW-Y001", "TW-Y002", "TW-Y004", "TW-Y009", "TW-Y012", "TW-S099"})
)
def test_each_code_of_reading_has_a_page_that_names_a_way_out(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: ")
    assert "## Ways out" in page


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("  phase: 2\n", "  fase: 2\n", "phase"),
        ("eligibility:\n  inclusion", "eligibilty:\n  inclusion", "eligibility"),
        ("      window: -1 d .. +2 d\n", "      windov: -1 d .. +2 d\n", "window"),
        ("receives: [drug]", "receives: [drgu]", "drug"),
        ("after: main complete", "after: main compleet", "main complete"),
        ("when: age > 15 a", "when: agge > 15 a", "age"),
    ],
)
def test_a_word_that_is_nearly_right_is_answered_with_the_right_one(old: str, new: str, meant: str) -> None:
    assert any(meant in finding.ways_out for finding in findings_of(edited(old, new)))


def test_a_time_after_an_unknown_milestone_says_which_one_may_be_meant() -> None:
    found = findings_of(edited("at: weeks 2, 4 after treatment stop", "at: weeks 2, 4 after treatment stp"))
    assert "did you mean `treatment stop`?" in found[0].detail


SCALARS = [
    ("when: age > 15 kg\n", "plain"),
    ("when: 'age > 15 kg'\n", "single-quoted"),
    ('when: "age > 15 kg"\n', "double-quoted"),
    ("when: |\n        age > 10 a and\n        age > 15 kg\n", "literal"),
    ("when: |-\n          age > 10 a and\n          age > 15 kg\n", "literal, further in"),
    ("when: >-\n        age > 10 a\n        and age > 15 kg\n", "folded"),
    ("when: >\n           age > 10 a and\n           age < 90 a and age > 15 kg\n", "folded, further in"),
    ("when: age > 10 a and\n         age > 15 kg\n", "plain over two lines"),
    ("when: age > 10 a\n           and age < 90 a\n           and age > 15 kg\n", "plain over three lines"),
    ("when: |\n\n        age > 10 a and\n        age > 15 kg\n", "literal after an empty line"),
]


@pytest.mark.parametrize(("scalar", "kind"), SCALARS, ids=[kind for _, kind in SCALARS])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_finding_inside_an_expression_points_at_its_word_however_the_text_is_written(
    scalar: str, kind: str, ending: str
) -> None:
    text = edited("when: age > 15 a\n", scalar)
    found = findings_of(text.replace("\n", ending).encode())[0]
    assert found.code == "TW-E004"
    assert (found.place.line, found.place.column) == place_of("15 kg", text)


def test_the_tiny_protocol_and_the_seed_read_without_a_finding() -> None:
    assert findings_of(TINY) == ()
    seed = read_protocol(Path(__file__).parents[2] / "trials/nilg-hes1-03/protocol.yaml")
    assert seed.protocol is not None
    assert seed.findings == ()


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    marked = parse_protocol(b"\xef\xbb\xbf" + TINY.replace("\n", "\r\n").encode(), "tiny.yaml").protocol
    assert marked is not None
    assert marked.digest == tiny().digest


def test_comments_and_layout_do_not_change_the_digest_and_a_decimal_s_spelling_does() -> None:
    assert tiny("# a comment\n" + TINY).digest == tiny().digest
    assert tiny(edited("value: 1.0 10*9/L", "value: 1.00 10*9/L")).digest != tiny().digest


def test_noise_of_ten_megabytes_is_refused_at_once() -> None:
    begun = time.perf_counter()
    assert [found.code for found in findings_of("noise: [\n" * 1_200_000)] == ["TW-Y001"]
    assert time.perf_counter() - begun < 1


def test_a_file_at_the_limit_is_read_and_one_byte_more_is_not() -> None:
    room = LARGEST_BYTES - len(TINY.encode()) - 2
    assert findings_of((TINY + "#" + "x" * room + "\n").encode()) == ()
    assert [found.code for found in findings_of((TINY + "#" + "x" * (room + 1) + "\n").encode())] == ["TW-Y001"]


def test_a_file_of_very_many_parts_is_refused_before_it_is_read_for_minutes() -> None:
    begun = time.perf_counter()
    assert [found.code for found in findings_of("a: [" + "1," * (MOST_PARTS + 1) + "]")] == ["TW-Y001"]
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize(
    "text", ["[" * 3000, "{a: " * 3000, "- " * 3000, "? " * 3000, "a:\n" + "".join(" " * n + "- b:\n" for n in range(1, 400))]
)
def test_deep_nesting_is_a_finding_and_no_recursion(text: str) -> None:
    assert {found.code for found in findings_of(text)} <= {"TW-Y009", "TW-Y003"}
    assert findings_of(text)


def test_nesting_deeper_than_the_limit_is_named_at_its_place() -> None:
    found = findings_of("notes: " + "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1))[0]
    assert (found.code, found.place.line, found.place.column) == ("TW-Y009", 1, 8 + DEEPEST)


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"trialwright: 1\nstudy: \xff\n", "TW-Y002", 2),
        (b"", "TW-Y004", 1),
        (b"# nothing but a comment\n", "TW-Y004", 1),
        (b"- a\n- list\n", "TW-Y004", 1),
        (b"just words\n", "TW-Y004", 1),
        (b"trialwright: 1\n---\ntrialwright: 1\n", "TW-Y003", 2),
        (b"%YAML 1.1\n---\ntrialwright: 1\n", "TW-Y003", 1),
        (b"trialwright: 1\nstudy: {id: a\n", "TW-Y003", 3),
    ],
)
def test_what_is_no_protocol_at_all_is_said_in_one_finding(content: bytes, code: str, line: int) -> None:
    found = findings_of(content)
    assert [(one.code, one.place.line) for one in found] == [(code, line)]


def test_an_alias_is_refused_where_its_anchor_stands() -> None:
    found = findings_of(edited("  phase: 2\n", "  phase: &p 2\n  acronym: *p\n"))
    assert {one.code for one in found} == {"TW-Y007"}


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.yaml", tmp_path):
        assert [found.code for found in read_protocol(path).findings] == ["TW-Y012"]


def test_of_very_many_findings_the_first_are_shown_and_the_rest_are_counted() -> None:
    keys = "".join(f"k{number}: 1\n" for number in range(MOST_FINDINGS + 20))
    found = findings_of(TINY + keys)
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1].code == "TW-S099"
    assert "20 further findings" in found[-1].title


def test_every_mistake_of_one_kind_is_told_and_not_only_the_first() -> None:
    text = edited(
        "receives: [drug]", "receives: [drugg]", edited("codes: disease}", "codes: diseas}", edited("or: rescue", "or: rescu"))
    )
    assert [found.code for found in findings_of(text)].count("TW-S004") == 3


def test_a_derivation_may_read_the_baseline_and_the_previous_value() -> None:
    protocol = tiny(edited("derive: wbc * share", "derive: wbc - baseline wbc"))
    assert list(protocol.derivations) == ["part"]


def test_derivations_stand_in_an_order_in_which_each_reads_what_is_there() -> None:
    extra = "  double: {type: quantity, unit: 10*9/L, derive: part * 2}\n"
    protocol = tiny(edited("  wbc: {label: WBC", extra + "  wbc: {label: WBC"))
    assert list(protocol.derivations) == ["part", "double"]
    assert protocol.valid_days.get("double") is None


def test_a_derived_value_is_good_for_as_long_as_the_first_of_its_parts() -> None:
    text = edited(
        "wbc: {label: WBC, type: quantity, unit: 10*9/L}", "wbc: {label: WBC, type: quantity, unit: 10*9/L, valid_for: 5 d}"
    )
    text = edited('unit: "%"}', 'unit: "%", valid_for: 2 d}', text)
    assert tiny(text).valid_days["part"] == 2


def test_decimals_stay_decimals_from_the_file_to_the_levels_and_limits() -> None:
    protocol = tiny(edited("levels: 100, 200, 300, 400 mg/d", "levels: 0.1, 100, 300, 400 mg/d"))
    assert protocol.regimens["drug"].levels == (Decimal("0.1"), Decimal(100), Decimal(300), Decimal(400))
    assert protocol.scope.variables["cells"].kind is Kind.QUANTITY


@pytest.mark.parametrize(
    "section",
    [
        "schedule",
        "dosing",
        "consent",
        "responses",
        "states",
        "adverse_events",
        "populations",
        "objectives",
        "medications",
        "parameters",
    ],
)
def test_a_protocol_that_lacks_a_section_is_read_or_says_what_it_lacks(section: str) -> None:
    kept: list[str] = []
    skipping = False
    for line in TINY.splitlines(keepends=True):
        if not line.startswith((" ", "}")):
            skipping = line.startswith(f"{section}:")
        if not skipping:
            kept.append(line)
    reading = parse_protocol("".join(kept), "tiny.yaml")
    assert isinstance(reading.protocol, Protocol) or {found.code for found in reading.findings} <= {
        "TW-S004",
        "TW-E002",
        "TW-E010",
    }
