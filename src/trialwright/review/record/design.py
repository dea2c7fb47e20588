"""The design fields of a record against each other and against its titles: allocation, arms, masking, phase, type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialwright.review.record.subject import DESIGN, ELIGIBILITY, Margin, Subject, quoted
from trialwright.vocabulary.findings import Finding

_BLIND = re.compile(r"\b(?:single|double|triple|quadruple)[\s-]*(?:blind\w*|mask\w*)", re.IGNORECASE)
_OPEN = re.compile(r"\bopen[\s-]*label\w*", re.IGNORECASE)
_NOT_THIS_STUDY = re.compile(
    r"\b(?:follow(?:ed|ing|s)?|extension|roll-?over|after|completed|previous|continu\w+|long[\s-]?term)\b", re.I
)
_RANDOMIZED = re.compile(r"(?<!non-)(?<!non )(?<!non)(?<!not )\brandomi[sz]ed\b", re.IGNORECASE)
_NON_RANDOMIZED = re.compile(r"\bnon-?\s?randomi[sz]ed\b", re.IGNORECASE)
_MENDELIAN = re.compile(r"mendelian", re.IGNORECASE)
_PHASE = re.compile(
    r"\bphase[\s-]*(?P<first>iv|iii|ii|i|[1-4])(?:[ab])?(?:\s*(?:/|-|and|&|to|or)\s*(?P<second>iv|iii|ii|i|[1-4])(?:[ab])?)?\b",
    re.I,
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
_PREGNANCY = re.compile(
    r"\b(?:pregnan\w+|lactating|breast-?\s?feeding|child-?\s?bearing|menopaus\w+|nursing (?:women|mothers?))\b", re.I
)
_PARTNER = re.compile(
    r"\b(?:partners?|wives|wife|spouses?|father\w*|contracepti\w+|female sexual|relationship|contacts?|household)\b",
    re.IGNORECASE,
)


def check_design(subject: Subject) -> Iterator[Finding]:
    """Allocation against arms, masking against titles, phase against titles and type, sex against criteria."""
    if subject.is_interventional:
        yield from _allocation(subject)
        yield from _randomized_words(subject)
        yield from _masking(subject)
    yield from _phase(subject)
    yield from _sex(subject)


def _allocation(subject: Subject) -> Iterator[Finding]:
    record, margin = subject.record, Margin(subject)
    place = f"{DESIGN}.designInfo.allocation"
    arms = len(subject.arms)
    single = record.intervention_model == "SINGLE_GROUP" and arms <= 1
    if record.allocation == "NON_RANDOMIZED" and (single or arms == 1):
        yield margin.warning(
            "TW-R060",
            place,
            "The study is said to be non-randomized, and it has a single group",
            "Allocation speaks of how participants are divided among arms; with one arm nobody is divided.",
            ("set the allocation to not applicable",),
        )
    if record.allocation == "RANDOMIZED" and (single or arms == 1):
        yield margin.warning(
            "TW-R061",
            place,
            "The study is said to be randomized, and it has a single group",
            f"The record lists {arms or 'no'} arm{'' if arms == 1 else 's'} and the model {_spoken(record.intervention_model)}.",
            ("list every arm", "correct the allocation"),
        )
    if record.intervention_model == "SINGLE_GROUP" and arms > 1:
        labels = ", ".join(quoted(arm.label or "without a name", 40) for arm in subject.arms[:4])
        yield margin.note(
            "TW-R062",
            f"{DESIGN}.designInfo.interventionModel",
            f"The model is a single group, and {arms} arms are listed",
            f"The arms are {labels}{' and more' if arms > 4 else ''}.",
            ("state the model that fits the arms", "describe cohorts as one arm"),
        )
    if record.intervention_model in ("PARALLEL", "FACTORIAL") and arms == 1:
        yield margin.warning(
            "TW-R062",
            f"{DESIGN}.designInfo.interventionModel",
            f"The model is {_spoken(record.intervention_model)}, and one arm is listed",
            "Groups treated side by side need at least two arms.",
            ("list the other arms", "set the model to a single group"),
        )


def _randomized_words(subject: Subject) -> Iterator[Finding]:
    record, titles = subject.record, subject.titles
    place = f"{DESIGN}.designInfo.allocation"
    if record.allocation in ("NON_RANDOMIZED", "NA") and _RANDOMIZED.search(titles) and not _MENDELIAN.search(titles):
        if not _NOT_THIS_STUDY.search(titles) and not _NON_RANDOMIZED.search(titles):
            yield Margin(subject).error(
                "TW-R063",
                place,
                f"The title says randomized, the field says {_spoken(record.allocation)}",
                quoted(record.official_title or record.brief_title or ""),
                ("correct the field or the title",),
            )
    elif record.allocation == "RANDOMIZED" and _NON_RANDOMIZED.search(titles) and not _RANDOMIZED.search(titles):
        yield Margin(subject).error(
            "TW-R063",
            place,
            "The title says non-randomized, the field says randomized",
            quoted(record.official_title or record.brief_title or ""),
            ("correct the field or the title",),
        )


def _masking(subject: Subject) -> Iterator[Finding]:
    record, titles, margin = subject.record, subject.titles, Margin(subject)
    place = f"{DESIGN}.designInfo.maskingInfo.masking"
    blind, opened = _BLIND.search(titles), _OPEN.search(titles)
    if record.masking == "NONE" and blind and not opened and not _NOT_THIS_STUDY.search(titles):
        yield margin.error(
            "TW-R064",
            place,
            f"The title says {blind[0].lower()}, the field says that nobody is masked",
            quoted(record.official_title or record.brief_title or ""),
            ("correct the field or the title",),
        )
    elif record.masking in ("DOUBLE", "TRIPLE", "QUADRUPLE") and opened and not blind:
        yield margin.warning(
            "TW-R064",
            place,
            f"The title says {opened[0].lower()}, the field says {_spoken(record.masking)} masking",
            quoted(record.official_title or record.brief_title or ""),
            ("correct the field or the title", "say who is masked in a study whose treatment is open"),
        )
    placebo = [arm for arm in subject.arms if arm.kind in ("PLACEBO_COMPARATOR", "SHAM_COMPARATOR")]
    if record.masking == "NONE" and placebo:
        yield margin.warning(
            "TW-R065",
            place,
            "One arm is of the placebo or sham type, and the field says that nobody is masked",
            f"The arm is {quoted(placebo[0].label or 'without a name', 60)}. "
            "A placebo that everybody knows of controls for nothing.",
            ("state who is masked", "give the arm another type"),
        )
    if record.masking in ("DOUBLE", "TRIPLE", "QUADRUPLE") and len(subject.arms) == 1:
        yield margin.warning(
            "TW-R066",
            place,
            f"Masking is {_spoken(record.masking)}, and there is one arm",
            "With one arm participants and staff know what is given.",
            ("list the other arms", "correct the masking"),
        )


def _phase(subject: Subject) -> Iterator[Finding]:
    record, margin = subject.record, Margin(subject)
    real = {phase.removeprefix("EARLY_").removeprefix("PHASE") for phase in record.phases if phase != "NA"}
    if record.study_type == "OBSERVATIONAL" and real:
        yield margin.warning(
            "TW-R067",
            f"{DESIGN}.phases",
            "An observational study has no phase",
            f"The record says {', '.join(record.phases)}.",
            ("leave the phase out", "correct the study type"),
        )
    found = list(_PHASE.finditer(record.official_title or record.brief_title or ""))
    if not subject.is_interventional or len(found) != 1 or not record.phases:
        return
    said = {_ROMAN.get(part.lower(), part) for part in found[0].groups() if part}
    if real and not said & real:
        yield margin.error(
            "TW-R068",
            f"{DESIGN}.phases",
            f"The title says {found[0][0].lower()}, the field says {_phases(record.phases)}",
            quoted(record.official_title or record.brief_title or ""),
            ("correct the field or the title",),
        )


def _sex(subject: Subject) -> Iterator[Finding]:
    record = subject.record
    if record.sex != "MALE":
        return
    for criterion in subject.criteria:
        found = _PREGNANCY.search(criterion.text)
        if found and not _PARTNER.search(criterion.text):
            yield Margin(subject).note(
                "TW-R069",
                criterion,
                "Only men may take part, and a criterion speaks of pregnancy, breast-feeding or menopause",
                f"{subject.name_of(criterion).capitalize()}: {quoted(criterion.text)}.",
                ("drop the criterion", f"correct the field {ELIGIBILITY.rpartition('.')[2]}.sex"),
            )
            return


def _phases(phases: tuple[str, ...]) -> str:
    return " and ".join(phase.replace("EARLY_PHASE", "early phase ").replace("PHASE", "phase ") for phase in phases)


def _spoken(term: str | None) -> str:
    return {None: "not stated", "NA": "not applicable"}.get(term) or (term or "").lower().replace("_", "-")
