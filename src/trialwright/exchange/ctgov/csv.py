"""Registry records as the CSV that the public registry offers: thirty columns, several values in a cell parted by bars.

Source: the registry's list of columns and the data fields of each (``csv_columns_to_pieces`` of the API's documentation,
so "Results First Posted" holds ResultsFirstSubmitDate, as there). Text is given as registered, markup included.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from trialwright.registry.record_parts import Json, count_at, member, nodes_at, text_at, texts_at

STUDY_ADDRESS = "https://clinicaltrials.gov/study/"
DOCUMENT_ADDRESS = "https://cdn.clinicaltrials.gov/large-docs/"
_P = "protocolSection"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its name and what stands in it for a record."""

    name: str
    cell: Callable[[Json], str]


def columns_named(names: Sequence[str]) -> tuple[Column, ...] | str:
    """The columns of those names, in the table's own order; or the first name that is none.

    >>> [column.name for column in columns_named(["Sponsor", "NCT Number"])]
    ['NCT Number', 'Sponsor']
    """
    known = {column.name: column for column in COLUMNS}
    unknown = next((name for name in names if name not in known), None)
    return unknown if unknown is not None else tuple(column for column in COLUMNS if column.name in names)


def csv_text(records: Iterable[Json], columns: Sequence[Column], header: bool = True) -> str:
    """A table of records.

    Args:
        records: Records in v2 shape.
        columns: Of ``COLUMNS``.
        header: Whether the first row names the columns.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow([column.name for column in columns])
    writer.writerows([column.cell(record) for column in columns] for record in records)
    return out.getvalue()


def _text(*path: str) -> Callable[[Json], str]:
    return lambda record: text_at(record, _P, *path) or ""


def _texts(*path: str) -> Callable[[Json], str]:
    return lambda record: "|".join(texts_at(record, _P, *path))


def _joined(parts: Iterable[str | None], mark: str = ", ") -> str:
    return mark.join(part for part in parts if part)


def _nct(record: Json) -> str:
    return text_at(record, _P, "identificationModule", "nctId") or ""


def _address(record: Json) -> str:
    return STUDY_ADDRESS + _nct(record)


def _results(record: Json) -> str:
    return "YES" if member(record, "hasResults") is True else "NO"


def _interventions(record: Json) -> str:
    nodes = nodes_at(record, _P, "armsInterventionsModule", "interventions")
    return "|".join(_joined((text_at(node, "type"), text_at(node, "name")), ": ") for node in nodes)


def _outcomes(name: str) -> Callable[[Json], str]:
    def cell(record: Json) -> str:
        nodes = nodes_at(record, _P, "outcomesModule", name)
        return "|".join(_joined(text_at(node, key) for key in ("measure", "description", "timeFrame")) for node in nodes)

    return cell


def _collaborators(record: Json) -> str:
    nodes = nodes_at(record, _P, "sponsorCollaboratorsModule", "collaborators")
    return "|".join(text_at(node, "name") or "" for node in nodes)


def _ages(record: Json) -> str:
    return ", ".join(texts_at(record, _P, "eligibilityModule", "stdAges"))


def _enrollment(record: Json) -> str:
    count = count_at(record, _P, "designModule", "enrollmentInfo", "count")
    return "" if count is None else str(count)


def _design(record: Json) -> str:
    info = member(record, _P, "designModule", "designInfo")
    who = ", ".join(texts_at(info, "maskingInfo", "whoMasked"))
    masking = text_at(info, "maskingInfo", "masking")
    parts = {
        "Allocation": text_at(info, "allocation"),
        "Intervention Model": text_at(info, "interventionModel"),
        "Observational Model": text_at(info, "observationalModel"),
        "Time Perspective": text_at(info, "timePerspective"),
        "Masking": f"{masking} ({who})" if masking and who else masking,
        "Primary Purpose": text_at(info, "primaryPurpose"),
    }
    return "|".join(f"{name}: {value}" for name, value in parts.items() if value)


def _other_ids(record: Json) -> str:
    module = member(record, _P, "identificationModule")
    return _joined(
        (text_at(module, "orgStudyIdInfo", "id"), *(text_at(node, "id") for node in nodes_at(module, "secondaryIdInfos"))), "|"
    )


def _locations(record: Json) -> str:
    keys = ("facility", "city", "state", "zip", "country")
    nodes = nodes_at(record, _P, "contactsLocationsModule", "locations")
    return "|".join(_joined(text_at(node, key) for key in keys) for node in nodes)


def _documents(record: Json) -> str:
    nct = _nct(record)
    folder = f"{DOCUMENT_ADDRESS}{nct[-2:]}/{nct}/"
    nodes = nodes_at(record, "documentSection", "largeDocumentModule", "largeDocs")
    return "|".join(_joined((text_at(node, "label"), folder + (text_at(node, "filename") or ""))) for node in nodes)


def _date(name: str) -> Callable[[Json], str]:
    return _text("statusModule", f"{name}Struct", "date")


_CELLS: Mapping[str, Callable[[Json], str]] = {
    "NCT Number": _nct,
    "Study Title": _text("identificationModule", "briefTitle"),
    "Study URL": _address,
    "Acronym": _text("identificationModule", "acronym"),
    "Study Status": _text("statusModule", "overallStatus"),
    "Brief Summary": _text("descriptionModule", "briefSummary"),
    "Study Results": _results,
    "Conditions": _texts("conditionsModule", "conditions"),
    "Interventions": _interventions,
    "Primary Outcome Measures": _outcomes("primaryOutcomes"),
    "Secondary Outcome Measures": _outcomes("secondaryOutcomes"),
    "Other Outcome Measures": _outcomes("otherOutcomes"),
    "Sponsor": _text("sponsorCollaboratorsModule", "leadSponsor", "name"),
    "Collaborators": _collaborators,
    "Sex": _text("eligibilityModule", "sex"),
    "Age": _ages,
    "Phases": _texts("designModule", "phases"),
    "Enrollment": _enrollment,
    "Funder Type": _text("sponsorCollaboratorsModule", "leadSponsor", "class"),
    "Study Type": _text("designModule", "studyType"),
    "Study Design": _design,
    "Other IDs": _other_ids,
    "Start Date": _date("startDate"),
    "Primary Completion Date": _date("primaryCompletionDate"),
    "Completion Date": _date("completionDate"),
    "First Posted": _date("studyFirstPostDate"),
    "Results First Posted": _text("statusModule", "resultsFirstSubmitDate"),
    "Last Update Posted": _date("lastUpdatePostDate"),
    "Locations": _locations,
    "Study Documents": _documents,
}
COLUMNS: tuple[Column, ...] = tuple(Column(name, cell) for name, cell in _CELLS.items())
