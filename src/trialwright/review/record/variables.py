"""The numeric quantities that criteria speak of most: their names, units and the values that can be meant.

A closed table. Sources: the spellings found in published registry records; ranges are generous bounds of what can be
measured at all, so that a number meant otherwise (a year, a dose) is not taken for a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

YEARS = "years"


@dataclass(frozen=True, slots=True)
class Unit:
    """A spelling of a unit: what follows the number, the unit it stands for, and how many of that make one."""

    pattern: str
    name: str
    factor: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True)
class Variable:
    """A quantity that criteria speak of.

    Args:
        name: As a reader would say it.
        pattern: Its names, lower case.
        units: Spellings of its units, longest first; the first that fits counts.
        bare: The unit where none is written; empty when a number without unit is not understood.
        step: The smallest step of its values, where it takes whole values only.
        low: The least value that can be meant, in ``bare`` or the unit found; a smaller number is something else.
        high: The greatest.
    """

    name: str
    pattern: str
    units: tuple[Unit, ...]
    bare: str = ""
    step: Fraction | None = None
    low: int = 0
    high: int = 1_000_000


_TIMES = r"\s*(?:x|times|fold)?\s*(?:the\s+)?(?:institutional\s+|laboratory\s+|local\s+|age-adjusted\s+)?"
_ULN = Unit(
    _TIMES + r"(?:i?uln|unl|upper (?:limits?|level)s? (?:of )?(?:the )?(?:normal|institution\w*)|upper normal limits?|normal\b)",
    "× ULN",
)
_PER_UL = r"\s*(?:cells?|platelets?|plt)?\s*/\s*(?:mm\s*\^?\s*\(?3\)?|mm³|cu\.? ?mm|cmm|[uµμ]l|mcl|microlit\w*|cubic m\w*)"
_PER_CELL_UL = Unit(_PER_UL, "×10⁹/L", Fraction(1, 1000))
_THOUSAND_UL = Unit(r"\s*(?:x\s*10\s*\^?\s*\(?3\)?|k|,?000|thousand)" + _PER_UL, "×10⁹/L")
_GIGA_L = Unit(r"\s*(?:x\s*)?10\s*\^?\s*\(?(?:9|⁹)\)?\s*(?:cells?\s*)?/\s*l(?:iter|itre)?\b|\s*g(?:iga)?/l\b", "×10⁹/L")
_CELLS = (_THOUSAND_UL, _GIGA_L, _PER_CELL_UL)
_MG_DL = Unit(r"\s*mg\s*/?\s*(?:dl|%|100 ?ml)", "mg/dL")
_UMOL_L = Unit(r"\s*(?:[uµμ]mol|micromol\w*|mcmol)\s*/\s*l", "µmol/L")
_G_DL = Unit(r"\s*(?:g|gm|gms|grams?)\s*/?\s*(?:dl|%|100 ?ml)", "g/dL")
_G_L = Unit(r"\s*(?:g|gm)\s*/\s*l\b", "g/dL", Fraction(1, 10))
_ML_MIN = Unit(r"\s*(?:ml|cc)\s*(?:/|per)\s*min\w*(?:\s*/\s*1\.73\s*(?:m\^?2|m²|m\(2\)|m2|sq\.? ?m)?)?", "mL/min")
_PERCENT = Unit(r"\s*(?:%|percent)(?:\s*of predicted|\s*predicted)?", "%")
_MMHG = Unit(r"\s*mm\s*hg", "mmHg")
_AGES = (
    Unit(r"[\s-]*(?:years?|yrs?\.?|y\.?o\.?|y)\b", YEARS),
    Unit(r"[\s-]*(?:months?|mos?\.?)\b", YEARS, Fraction(1, 12)),
)

AGE = Variable("age", r"\bages?\b|\baged\b", _AGES, bare=YEARS, step=Fraction(1), high=120)
_WHOLE = Fraction(1)
VARIABLES: tuple[Variable, ...] = (
    AGE,
    Variable(
        "ECOG performance status",
        r"\b(?:ecog|zubrod|who/ecog|ecog/who)\b(?:\s*(?:performance status|ps))?|\beastern co-?operative oncology group\b",
        (),
        "points",
        _WHOLE,
        high=5,
    ),
    Variable("Karnofsky performance status", r"\b(?:karnofsky|kps)\b", (_PERCENT,), "%", Fraction(10), high=100),
    Variable("platelet count", r"\bplatelets?\b|\bthrombocytes?\b|\bplt\b", _CELLS, low=1, high=1000),
    Variable("neutrophil count", r"\b(?:absolute\s+)?(?:neutrophils?|granulocytes?)\b|\banc\b|\bagc\b", _CELLS, high=30),
    Variable("white cell count", r"\bwbcs?\b|\bwhite (?:blood )?cells?\b|\bleu[ck]ocytes?\b", _CELLS, high=500),
    Variable("haemoglobin", r"\bh(?:a?emoglobin|gb)\b|\bhb\b(?! *a1c|s)", (_G_DL, _G_L), low=1, high=25),
    Variable("total bilirubin", r"\bbilirubin\b", (_ULN, _MG_DL, _UMOL_L)),
    Variable("creatinine clearance", r"\b(?:creatinine clearance|crcl|clcr|ccr)\b", (_ML_MIN,), high=200),
    Variable("glomerular filtration rate", r"\be?gfr\b|\bglomerular filtration rate\b", (_ML_MIN,), high=200),
    Variable("creatinine", r"\bcreatinine\b(?!\s*(?:clearance|ratio|cl\b|kinase|phosphokinase))", (_ULN, _MG_DL, _UMOL_L)),
    Variable("ALT", r"\balt\b|\bsgpt\b|\balanine (?:amino)?transferase\b|\balat\b", (_ULN,)),
    Variable("AST", r"\bast\b|\bsgot\b|\baspartate (?:amino)?transferase\b|\basat\b", (_ULN,)),
    Variable("albumin", r"\b(?:serum )?albumin\b", (_G_DL, _G_L), low=0, high=7),
    Variable("INR", r"\binr\b|\binternational normali[sz]ed ratio\b", (), "ratio", high=10),
    Variable(
        "left ventricular ejection fraction", r"\blvef\b|\b(?:left ventricular )?ejection fraction\b", (_PERCENT,), high=100
    ),
    Variable(
        "body mass index",
        r"\bbmi\b|\bbody mass index\b",
        (Unit(r"\s*kg\s*/\s*(?:m\s*\^?\s*\(?2\)?|m²|sq\.? ?m\w*)", "kg/m²"),),
        "kg/m²",
        low=8,
        high=90,
    ),
    Variable(
        "body weight",
        r"\b(?:body ?)?weigh(?:t|s|ing)\b(?! (?:loss|gain|change))",
        (Unit(r"\s*(?:kgs?|kilograms?)\b(?!\s*/)", "kg"),),
        high=400,
    ),
    Variable(
        "HbA1c",
        r"\bhba1c\b|\bha?emoglobin a1c\b|\bglycosylated ha?emoglobin\b|\bglycated ha?emoglobin\b|\ba1c\b",
        (_PERCENT,),
        low=3,
        high=20,
    ),
    Variable("systolic blood pressure", r"\bsystolic (?:blood pressure|bp)\b|\bsbp\b", (_MMHG,), "mmHg", low=40, high=300),
    Variable("diastolic blood pressure", r"\bdiastolic (?:blood pressure|bp)\b|\bdbp\b", (_MMHG,), "mmHg", low=20, high=200),
    Variable("QTc interval", r"\bqtc[bf]?\b", (Unit(r"\s*(?:ms|msec|milliseconds?)\b", "ms"),), low=300, high=700),
    Variable(
        "life expectancy",
        r"\blife expectancy\b|\bexpected survival\b",
        (
            Unit(r"\s*(?:months?|mos?)\b", "months"),
            Unit(r"\s*weeks?\b", "weeks"),
            Unit(r"\s*years?\b", "months", Fraction(12)),
            Unit(r"\s*days?\b", "days"),
        ),
    ),
)
