"""The search language, row by row: an expression, how it is read, what it means; and the errors with place and suggestion.

The tables are the reference: ``make docs`` writes docs/reference/search-language.md from them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from trialwright.registry.language import ExpressionError, check_names, format_expression, hints, parse_expression
from trialwright.registry.structure import areas

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "search-language.md"

READ: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Terms": (
        ("heart attack", "heart attack", "one term: both words, best side by side"),
        ('"back pain"', '"back pain"', "a phrase: the words in this order, together"),
        ('"sleep" "wake"', '"sleep" AND "wake"', "phrases side by side must both occur"),
        ("(head or neck)", "head or neck", "a lower-case `or` is a word like any other"),
        (r"\MISSING", r"\MISSING", "a backslash makes an operator a word"),
        (r"\[177Lu\]Lu-PSMA-617", r"\[177Lu\]Lu-PSMA-617", "brackets that belong to the text"),
        (r'"\Merck Sharp & Dohme \LLC"', '"Merck Sharp & Dohme LLC"', "a needless backslash does no harm"),
        (r'"the \"gold\" standard"', r'"the \"gold\" standard"', "a quotation mark inside a phrase"),
    ),
    "AND, OR, NOT": (
        ("youth OR teen", "youth OR teen", "either, or both"),
        ("heart AND attack", "heart AND attack", "both"),
        ("bethesda NOT maryland", "bethesda AND NOT maryland", "an operand beside another joins it by AND"),
        ("(head OR neck) AND pain NOT cancer", "(head OR neck) AND pain AND NOT cancer", "brackets bind first"),
        ("heart attack OR stroke AND dizziness", "heart attack OR stroke AND dizziness", "AND binds tighter than OR"),
        ("NOT a AND b", "NOT a AND b", "NOT binds tighter than AND"),
        ("NOT (a OR b)", "NOT (a OR b)", "neither"),
    ),
    "Where to look: AREA, SEARCH": (
        ("AREA[InterventionName]aspirin", "AREA[InterventionName]aspirin", "in one piece of the study"),
        (
            "AREA[ConditionSearch]lung cancer",
            "AREA[ConditionSearch]lung cancer",
            "in a search area: any of its pieces, by weight",
        ),
        ("AREA[EligibilityModule]pregnant", "AREA[EligibilityModule]pregnant", "in any piece below a branch"),
        (
            "AREA[OverallStatus]Active, not recruiting",
            "AREA[OverallStatus]Active, not recruiting",
            "a value of an enumeration, by its own or its classic spelling",
        ),
        ("AREA[StartDate]2022", "AREA[StartDate]2022", "a date within the year"),
        ("AREA[HasResults]true", "AREA[HasResults]true", "a truth value"),
        ("AREA[Phase:size]2", "AREA[Phase:size]2", "a list of this length"),
        (
            "NOT AREA[Phase]PHASE1 OR PHASE2",
            "NOT AREA[Phase]PHASE1 OR PHASE2",
            "an area covers what stands right of it, up to AND or OR",
        ),
        ("AREA[Phase](PHASE1 OR PHASE2)", "AREA[Phase](PHASE1 OR PHASE2)", "brackets let it cover more"),
        (
            "SEARCH[Location](AREA[LocationCity]Portland AND AREA[LocationState]Maine)",
            "SEARCH[Location](AREA[LocationCity]Portland AND AREA[LocationState]Maine)",
            "both at one and the same site",
        ),
    ),
    "How to match: EXPANSION, COVERAGE, TILT": (
        ("EXPANSION[None]SLE", "EXPANSION[None]SLE", "the letters as written, case and accents included"),
        ("EXPANSION[Term]tumour", "EXPANSION[Term]tumour", "plurals and spellings, no other names"),
        ("EXPANSION[Concept]heart attack", "EXPANSION[Concept]heart attack", "other names of the concept too"),
        ("EXPANSION[Lossy]heart disease", "EXPANSION[Lossy]heart disease", "some of the words are enough"),
        (
            'AREA[LeadSponsorName]COVERAGE[FullMatch]"Merck Sharp & Dohme LLC"',
            'AREA[LeadSponsorName]COVERAGE[FullMatch]"Merck Sharp & Dohme LLC"',
            "the whole value and nothing else",
        ),
        (
            "AREA[BriefTitle]COVER[StartsWith]Study of",
            "AREA[BriefTitle]COVERAGE[StartsWith]Study of",
            "`COVER` is short for `COVERAGE`",
        ),
        ('TILT[StudyFirstPostDate]"heart attack"', 'TILT[StudyFirstPostDate]"heart attack"', "later studies further up"),
    ),
    "Values: RANGE, MISSING, ALL, DISTANCE": (
        (
            "AREA[ResultsFirstPostDate]RANGE[01/01/2015, MAX]",
            "AREA[ResultsFirstPostDate]RANGE[01/01/2015, MAX]",
            "on or after a day",
        ),
        ("AREA[StartDate]RANGE[2020-01,2020-12]", "AREA[StartDate]RANGE[2020-01, 2020-12]", "from the first day to the last"),
        (
            "AREA[MinimumAge]RANGE[MIN, 16 years]",
            "AREA[MinimumAge]RANGE[MIN, 16 years]",
            "ages with units: 18 months are more than 1 year",
        ),
        ("AREA[EnrollmentCount]RANGE[500,MAX]", "AREA[EnrollmentCount]RANGE[500, MAX]", "numbers"),
        ("AREA[NumArmGroups]RANGE[3, MAX]", "AREA[NumArmGroups]RANGE[3, MAX]", "three arms or more"),
        ("AREA[WhyStopped]RANGE[MIN, MAX]", "AREA[WhyStopped]RANGE[MIN, MAX]", "any value at all"),
        ("AREA[Phase]MISSING", "AREA[Phase]MISSING", "no value (`NA` is a value)"),
        ("ALL", "ALL", "every study"),
        (
            "AREA[LocationGeoPoint] DISTANCE[39.0019296, -77.1044561, 25km]",
            "AREA[LocationGeoPoint]DISTANCE[39.0019296, -77.1044561, 25.0km]",
            "a site within 1 to 500 mi (805 km); `mi` where no unit stands",
        ),
    ),
}

WRONG: tuple[tuple[str, str, int, str | None], ...] = (
    ("AREA[Conditon]cancer", "Unknown area name: 'Conditon'", 0, "did you mean Condition?"),
    ("AREA[X]cancer", "Unknown area name: 'X'", 0, None),
    ("AREA[LeadSponsorName]COV[FullMatch]Merck", "mismatched input '['", 24, "did you mean COVER[…]?"),
    ("AREA[LeadSponsorName]COVERAGE[FullMatc]Merck", "Invalid coverage: FullMatc", 21, "did you mean FullMatch?"),
    ("EXPANSION[Synonyms]SLE", "Invalid expansion: Synonyms", 0, "one of None, Term, Concept, Relaxation, Lossy"),
    ("SEARCH[Site]Bergamo", "Unknown search document: 'Site'", 0, "one of Study, Location"),
    (
        "AREA[OverallStatus]RECRUTING",
        "Allowed values for enum field `protocolSection.statusModule.overallStatus` are "
        "`ACTIVE_NOT_RECRUITING`, `COMPLETED`, `ENROLLING_BY_INVITATION`, `NOT_YET_RECRUITING`, `RECRUITING`, `SUSPENDED`, "
        "`TERMINATED`, `WITHDRAWN`, `AVAILABLE`, `NO_LONGER_AVAILABLE`, `TEMPORARILY_NOT_AVAILABLE`, `APPROVED_FOR_MARKETING`, "
        "`WITHHELD`, `UNKNOWN`",
        19,
        "did you mean RECRUITING?",
    ),
    ("AREA [Phase]PHASE2", "mismatched input '['", 5, "no space between AREA and ["),
    ("[177Lu]Lu-PSMA-617", "extraneous input '['", 0, r"write \[ for a bracket that belongs to the text"),
    ("DISTANCE(45.69,9.67,50km)", "mismatched input '('", 8, "DISTANCE takes square brackets: DISTANCE[…]"),
    (
        "DISTANCE[45.69,9.67,50km]",
        "DISTANCE is not applicable to 'BasicSearch'",
        0,
        "write AREA[LocationGeoPoint] before DISTANCE[…]",
    ),
    ("AREA[LocationGeoPoint]DISTANCE[45.69, 9.67, 600mi]", "distance must be from 1 to 500 miles (805 kilometers)", 22, None),
    ("(early onset", "missing ')' at '<EOF>'", 12, "the bracket opened at 1 is not closed"),
    ("early onset)", "extraneous input ')'", 11, r"there is no open bracket to close; write \) for one that belongs to the text"),
    ("(diabetes AND", "inner bool query clause cannot be null", 13, r"something must follow AND, or write \AND for the word"),
    ("OR diabetes", "extraneous input 'OR'", 0, r"something must stand before OR; write \OR for the word"),
    (
        'AREA[ConditionSearch]"bad"quote"',
        "token recognition error at: '\"'",
        31,
        r"close the quotation mark, or write \" for one that belongs to the text",
    ),
    ("AREA[Phase PHASE2", "missing ']' at '<EOF>'", 17, "close the bracket of AREA["),
    (
        "AREA[StartDate]soon",
        "Invalid value for partial date field `protocolSection.statusModule.startDateStruct.date`: 'soon'",
        15,
        "2022-03-31, 2022-03, 2022 or 03/31/2022",
    ),
    ("AREA[StartDate]RANGE[2023-02-30, MAX]", "Invalid range value: '2023-02-30'", 15, "2022-03-31, 2022-03, 2022 or 03/31/2022"),
    (
        "AREA[BriefTitle]RANGE[a, b]",
        "RANGE is not applicable to 'BriefTitle'",
        16,
        "name a date, a number or an age: AREA[StartDate]RANGE[…]",
    ),
    ("RANGE[2020]", "RANGE needs two values", 0, "RANGE[2020-01-01, MAX]"),
    (
        "SEARCH[Location]AREA[Phase]PHASE2",
        "Area 'Phase' does not belong to Location",
        16,
        "put AREA[Phase] outside SEARCH[Location]",
    ),
    ("TILT[BriefTitle]cancer", "Unsupported tilt field: 'BriefTitle'", 0, "use a date or a number, such as StudyFirstPostDate"),
    ("AREA[BriefTitle:size]2", "Area 'BriefTitle' is not a list", 0, "AREA[BriefTitle] without :size"),
)

ROWS = [row for rows in READ.values() for row in rows]


@pytest.mark.parametrize(("text", "written", "_meaning"), ROWS, ids=[row[0] for row in ROWS])
def test_an_expression_is_read_as_the_reference_says(text: str, written: str, _meaning: str) -> None:
    node = parse_expression(text)
    check_names(node)
    assert format_expression(node) == written
    assert parse_expression(written) == node


@pytest.mark.parametrize(("text", "message", "position", "suggestion"), WRONG, ids=[row[0] for row in WRONG])
def test_an_error_says_what_where_and_what_instead(text: str, message: str, position: int, suggestion: str | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        check_names(parse_expression(text))
    assert (caught.value.message, caught.value.position, caught.value.suggestion) == (message, position, suggestion)
    assert str(caught.value) == message


def test_the_registrys_own_examples_are_read() -> None:
    for text in (
        "AREA[LastUpdatePostDate]RANGE[2023-01-15,MAX]",
        "AREA[MinimumAge]RANGE[MIN, 16 years] AND AREA[MaximumAge]RANGE[16 years, MAX]",
        "(acetaminophen OR aspirin) AND NOT (heart failure OR heart attack)",
        "heart attack AND SEARCH[Location](AREA[LocationCountry]United States AND AREA[LocationStatus]Recruiting)",
        "heart attack AND AREA[LocationCountry]United States AND AREA[LocationStatus]Recruiting",
        "EXPANSION[Concept] NOT (exhaustion OR sleep deprivation)",
        "heart attack AND SEARCH[Location](AREA[LocationCity] Bethesda AND AREA[LocationState] Maryland)",
        "RANGE[MIN,MAX]",
    ):
        check_names(parse_expression(text))


def code(text: str) -> str:
    text = text.replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def render() -> str:
    """The page, from the tables above and the areas."""
    lines = [INTRODUCTION]
    for title, rows in READ.items():
        lines += [f"## {title}", "", "| expression | read as | meaning |", "|---|---|---|"]
        lines += [
            f"| {code(text)} | {code(written) if written != text else 'the same'} | {meaning} |"
            for text, written, meaning in rows
        ]
        lines.append("")
    lines += [
        "## What is refused, and what to try instead",
        "",
        ERRORS,
        "",
        "| expression | message | at | suggestion |",
        "|---|---|---|---|",
    ]
    for text, message, position, suggestion in WRONG:
        short = message if len(message) <= 120 else message[: message.index(" are ") + 5] + "…"
        told = suggestion.replace("|", "\\|") if suggestion else ""
        lines.append(f"| {code(text)} | {code(short)} | {position + 1} | {told} |")
    hint = hints("heart or lung")[0]
    lines += ["", f"Some slips are no errors but get a hint: in `heart or lung`, “{hint.message}” (`{hint.instead}`).", ""]
    lines += [
        "## The 19 search areas",
        "",
        AREAS,
        "",
        "| area | parameter | searched as | pieces with their weights |",
        "|---|---|---|---|",
    ]
    for area in areas().values():
        weights = ", ".join(f"{piece} {weight:g}" for piece, weight in area.weights.items())
        param = f"`query.{area.param}`" if area.param else ""
        lines.append(f"| `{area.name}` | {param} | {area.ui_label or ''} | {weights} |")
    return "\n".join(lines) + "\n"


INTRODUCTION = r"""# The search language

<!-- Written by `make docs` from the tables that tests/spec/test_search_language_reference.py runs. Change those. -->

The language that ClinicalTrials.gov calls Essie, as its page "Constructing Complex Search Queries" and its interface have
it. It serves `query.*`, `filter.advanced`, `trialwright registry search` and the expert field of the portal alike.

- **Precedence**, tightest first: terms and sources; `NOT`, `AREA`, `SEARCH`, `EXPANSION`, `COVERAGE`, `TILT`; `AND`;
  `OR`. Brackets bind first of all.
- **Operators are upper case.** In lower case they are words. A backslash before an operator, a bracket or a quotation
  mark makes it plain text; before anything else it does nothing.
- **Words side by side are one term.** Anything else side by side is joined by `AND`.
- **Square brackets follow their operator without a space.**
- Where nothing else is said, a term is looked for under `EXPANSION[Relaxation]` and `COVERAGE[Contains]`, in the area
  that belongs to the parameter: `BasicSearch` for `query.term` and for filters, `LocationSearch` inside
  `SEARCH[Location]`.
- **Names** of areas are search areas, pieces (`BriefTitle`), branches (`EligibilityModule`) or paths with points between
  (`protocolSection.statusModule.overallStatus`). They are spelt exactly.
- **Dates** are written `2022`, `2022-03`, `2022-03-31`, `03/2022` or `03/31/2022`; **ages** with a unit from years to
  minutes, where a year has 365.25 days and a month a twelfth of that; a number alone means years.
- **Bounds**: 20,000 characters, 100 brackets and operators inside each other, no control characters. Reading takes time
  in proportion to the length.

Not in the language: wildcards, words near each other, weights. The special characters are `[`, `]`, `(`, `)`, `"` and
the backslash.
"""

ERRORS = """Messages are the registry's own where they are known. Places are counted from 1. The interface answers 400 with the
message; the command line and the portal show the place and the suggestion too."""

AREAS = """From the registry's page "Search Areas". A match in a piece counts by its weight. `query.lead` searches the piece
`LeadSponsorName` alone."""


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
