"""Twenty questions that people ask of a registry, each in our language, in tantivy's own, and in SQLite's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bare import Bare
from fts import Fts, inside

from trialwright.registry.index import Expanded, Near, Profile, Request
from trialwright.registry.language import parse_expression

FACETS = ("status", "phase", "country")
BERGAMO, BOSTON = (45.698, 9.677), (42.36, -71.06)


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Args:
        kind: What it is an example of.
        ours: Makes the request anew, expression parsed and all.
        bare: The same by hand; gets a rewriter that adds the other names of a word.
        fts: The same in SQLite.
    """

    kind: str
    text: str
    ours: Callable[[bool], Request]
    bare: Callable[[Bare, Callable[[str], str]], object]
    fts: Callable[[Fts], object]

    @property
    def name(self) -> str:
        return f"{self.kind}: {self.text}"


def asked(text: str, area: str = "BasicSearch", **more: object) -> Callable[[bool], Request]:
    def request(synonyms: bool) -> Request:
        return Request(queries=((area, parse_expression(text)),), synonyms=synonyms, **more)  # type: ignore[arg-type]

    return request


def words(kind: str, text: str, match: str | None = None, area: str = "BasicSearch", field: str = "everything") -> Question:
    sought = match or text
    scoped = f"{field} : ({sought.replace('+leukemia -', 'leukemia NOT ')})"
    return Question(
        kind, text, asked(text, area), lambda bare, more: bare.search(more(sought), (field,)), lambda fts: fts.search(scoped)
    )


def faceted(text: str) -> Question:
    return Question(
        "three facets",
        text,
        asked(text, facets=FACETS),
        lambda bare, more: bare.search(more(text) if text != "ALL" else "*", facets=FACETS),
        lambda fts: fts.search(f"everything : ({text})" if text != "ALL" else None, facets=FACETS),
    )


def near(text: str | None, at: tuple[float, float], radius_km: float) -> Question:
    return Question(
        "place",
        f"{text or 'ALL'} within {radius_km} km",
        asked(text or "ALL", near=Near(*at, radius_km)),
        lambda bare, more: bare.near(more(text) if text else None, *at, radius_km),
        lambda fts: fts.search(f"everything : ({text})" if text else None, inside(*at, radius_km)),
    )


def filtered(text: str, expression: str, query: str, where: str) -> Question:
    return Question(
        "boolean over areas",
        f"{text} + {expression}",
        lambda synonyms: Request(
            queries=(("BasicSearch", parse_expression(text)),), filters=(parse_expression(expression),), synonyms=synonyms
        ),
        lambda bare, other: bare.search(f"{other(text)} AND {query}"),
        lambda fts: fts.search(f"everything : ({text})", where),
    )


QUESTIONS: tuple[Question, ...] = (
    words("single word", "imatinib"),
    words("single word", "diabetes"),
    words("single word", "cancer"),
    words("single word", "pembrolizumab"),
    words("words", "breast cancer", "breast AND cancer"),
    words("words", "metastatic colorectal cancer", "metastatic AND colorectal AND cancer"),
    words("phrase", '"heart failure"'),
    words("phrase", '"quality of life"'),
    words("or", "asthma OR bronchitis OR COPD OR emphysema"),
    words("or", "stroke OR aphasia OR hemiplegia OR thrombectomy OR thrombolysis"),
    words("not", "leukemia NOT lymphoma", "+leukemia -lymphoma"),
    words("one area", "asthma", area="ConditionSearch", field="condition"),
    words("one area", "placebo", area="InterventionSearch", field="intervention"),
    filtered("melanoma", "AREA[OverallStatus]RECRUITING", "status:RECRUITING", "study.status = 'RECRUITING'"),
    filtered(
        "lymphoma",
        "AREA[Phase]PHASE2 AND AREA[StartDate]RANGE[2018-01-01, 2022-12-31]",
        "phase:PHASE2 AND start:[17532 TO 19357]",
        "study.start BETWEEN 17532 AND 19357 AND study.id IN (SELECT id FROM phase WHERE value = 'PHASE2')",
    ),
    faceted("cancer"),
    faceted("ALL"),
    near(None, BERGAMO, 100),
    near("cancer", BOSTON, 80.5),
    Question(
        "by date",
        "diabetes, adult of 40, latest first",
        asked("diabetes", profile=Profile(40, "FEMALE"), sort=(("LastUpdatePostDate", True),)),
        lambda bare, more: bare.search(f"+({more('diabetes')}) +age_from:[* TO 40] +age_to:[40 TO *] -sex:MALE", by="updated"),
        lambda fts: fts.search(
            "everything : (diabetes)", "study.age_from <= 40 AND study.age_to >= 40 AND study.sex <> 'MALE'", "study.updated DESC"
        ),
    ),
)


def rewriter(expanded: tuple[Expanded, ...]) -> Callable[[str], str]:
    """Adds to each expanded stretch of a query its other names as phrases, as a user would by hand."""

    def rewrite(query: str) -> str:
        for one in expanded:
            others = " OR ".join(f'"{name}"' for name in one.variants)
            joined = " AND ".join(one.words.split())
            lowered = query.lower()
            for form in (f'"{one.words}"', joined.lower(), one.words):
                at = lowered.find(form)
                if at >= 0:
                    query = f"{query[:at]}(({query[at : at + len(form)]}) OR {others}){query[at + len(form) :]}"
                    break
        return query

    return rewrite
