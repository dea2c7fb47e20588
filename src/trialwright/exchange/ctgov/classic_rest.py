"""References, documents, data sharing and the history of unposted results of the classic XML, as v2 modules."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from trialwright.exchange.ctgov import terms
from trialwright.exchange.ctgov.classic import Classic, child_line, child_prose, compact, line_of, listed
from trialwright.exchange.ctgov.dates import v2_date

_RESULT_EVENTS = {"submitted": "RELEASE", "returned": "RESET", "submission_canceled": "UNRELEASE"}
_DOCUMENT_LETTERS = (("hasProtocol", "Prot"), ("hasSap", "SAP"), ("hasIcf", "ICF"))


def references(x: Classic) -> dict[str, object]:
    """The references module."""

    def reference(kind: str, element: Element) -> dict[str, object]:
        return {"pmid": child_line(element, "PMID"), "type": kind, "citation": child_line(element, "citation")}

    def link(element: Element) -> dict[str, object]:
        return {"label": child_prose(element, "description"), "url": child_line(element, "url")}

    def data_set(element: Element) -> dict[str, object]:
        parts = (("id", "doc_id"), ("type", "doc_type"), ("url", "doc_url"), ("comment", "doc_comment"))
        return {name: child_line(element, tag) for name, tag in parts}

    return {
        "references": [
            *listed(x.all("reference"), lambda element: reference("BACKGROUND", element)),
            *listed(x.all("results_reference"), lambda element: reference("RESULT", element)),
        ],
        "seeAlsoLinks": listed(x.all("link"), link),
        "availIpds": listed(x.all("study_docs/study_doc"), data_set),
    }


def ipd_sharing(x: Classic) -> dict[str, object]:
    """The module on sharing individual participant data."""
    shared = x.one("patient_data")
    if shared is None:
        return {}
    return {
        "ipdSharing": x.term(x.text("patient_data/sharing_ipd"), terms.IPD_SHARING, "sharing_ipd"),
        "description": child_prose(shared, "ipd_description"),
        "infoTypes": [x.term(text, terms.IPD_INFO, "ipd_info_type") for text in x.texts("patient_data/ipd_info_type")],
        "timeFrame": child_prose(shared, "ipd_time_frame"),
        "accessCriteria": child_prose(shared, "ipd_access_criteria"),
        "url": child_line(shared, "ipd_url"),
    }


def annotation_section(x: Classic) -> dict[str, object]:
    """The section that tells when results were submitted, returned or withdrawn before they were posted."""
    pending = x.one("pending_results")
    if pending is None:
        return {}

    def event(element: Element) -> dict[str, object]:
        text = line_of(element) or ""
        date = v2_date(text)
        return {"type": _RESULT_EVENTS.get(element.tag), "date": date, "dateUnknown": None if date else True}

    return {"annotationModule": {"unpostedAnnotation": {"unpostedEvents": listed(list(pending), event)}}}


def document_section(x: Classic) -> dict[str, object]:
    """The section that lists protocol, analysis plan and consent form where the record offers them."""

    def document(element: Element) -> dict[str, object]:
        has = {
            "hasProtocol": child_line(element, "document_has_protocol") == "Yes",
            "hasSap": child_line(element, "document_has_sap") == "Yes",
            "hasIcf": child_line(element, "document_has_icf") == "Yes",
        }
        url = child_line(element, "document_url") or ""
        return {
            "typeAbbrev": "_".join(letters for name, letters in _DOCUMENT_LETTERS if has[name]) or None,
            **has,
            "label": child_line(element, "document_type"),
            "date": v2_date(child_line(element, "document_date") or ""),
            "filename": url.rpartition("/")[2] or None,
        }

    documents = listed(x.all("provided_document_section/provided_document"), document)
    return compact({"largeDocumentModule": {"largeDocs": documents} if documents else None})
