"""``/api/v2/studies``, one study, and the bulk download, in the shapes of the official OpenAPI document."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlencode

from trialwright.exchange.ctgov.csv import COLUMNS, Column, columns_named, csv_text
from trialwright.exchange.ctgov.fhir import fhir_study
from trialwright.exchange.ctgov.legacy import with_legacy_markup
from trialwright.exchange.ctgov.ris import TAGS, ris_text
from trialwright.registry.catalogue import Edition
from trialwright.registry.index import Found, Request
from trialwright.registry.language import canonical_nct
from trialwright.registry.record import Record
from trialwright.registry.record_parts import Json
from trialwright.registry.requests import (
    MARKUPS,
    ParameterError,
    Params,
    listed,
    one_of,
    page_token,
    read_fields,
    read_studies_call,
    refuse_unknown,
    shown,
    with_canonical_keys,
)
from trialwright.registry.structure import select, selection
from trialwright.web.api.answers import CSV, Call, Missing, Reply, as_json
from trialwright.web.api.visible import visible
from trialwright.web.editions import MOST_OWN, find, own_records

ONE_FORMATS = ("json", "csv", "json.zip", "fhir.json", "ris")
ZIP = "application/zip"
_ONLY_NUMBER = ("NCTId",)


def studies(call: Call) -> Reply:
    """A page of the studies that match (``listStudies``)."""
    asked = read_studies_call(call.params)
    columns = _columns(asked.fields) if asked.format == "csv" else ()
    found, more = _page(call.edition, asked.request)
    token = page_token(asked.request.offset + len(found.hits)) if more else None
    total = found.total if asked.first_page and asked.request.count else None
    if asked.format == "csv":
        return _csv_page(csv_text(_records(call.edition, found), columns, asked.first_page), total, token)
    lines = list(_json_lines(call.edition, found, asked.fields, asked.markup))
    head = f'"totalCount":{total},' if total is not None else ""
    tail = f',"nextPageToken":{json.dumps(token)}' if token else ""
    body = b"{" + head.encode() + b'"studies":[\n' + b",\n".join(lines) + b"\n]" + tail.encode() + b"}"
    return Reply(body)


def _page(edition: Edition, request: Request) -> tuple[Found, bool]:
    """A page of what is found among studies that have a number of the registry, and whether more follow."""
    confined = with_canonical_keys(visible(edition, request), lambda number: _key(edition, number))
    if request.offset >= edition.count + MOST_OWN:  # a forged token must cost nothing
        total = find(edition, replace(confined, offset=0, limit=0)).total if request.count else None
        return Found((), total), False
    found = find(edition, replace(confined, limit=request.limit + 1))
    return replace(found, hits=found.hits[: request.limit]), len(found.hits) > request.limit


def _key(edition: Edition, number: str) -> str | None:
    return number if number in own_records() else edition.resolve(number)


def _csv_page(text: str, total: int | None, token: str | None) -> Reply:
    headers = {"Content-Disposition": "attachment; filename=ctg-studies.csv"}
    if total is not None:
        headers["x-total-count"] = str(total)
    if token:
        headers["x-next-page-token"] = token
    return Reply(text.encode(), CSV, headers)


def _columns(names: tuple[str, ...] | None) -> tuple[Column, ...]:
    if names is None:
        return COLUMNS
    if not names:
        raise ParameterError("Parameter 'fields' must not be empty", parameter="fields")
    found = columns_named(names)
    if isinstance(found, str):
        raise ParameterError(f"Parameter 'fields' contains invalid CSV column name: '{shown(found)}'", parameter="fields")
    return found


def _records(edition: Edition, found: Found) -> Iterator[Json]:
    own = own_records()
    for hit in found.hits:
        yield own[hit.key].raw if hit.key in own else json.loads(edition.raw(hit.address))


def _json_lines(edition: Edition, found: Found, fields: tuple[str, ...] | None, markup: str) -> Iterator[bytes]:
    """Each study on its line. Asked for whole, its text goes out as it was filed, without being parsed."""
    if fields == _ONLY_NUMBER:
        yield from (_number_alone(hit.key) for hit in found.hits)
        return
    if fields is None and markup == "markdown":
        own = own_records()
        yield from (_dump(own[hit.key].raw) if hit.key in own else edition.raw(hit.address) for hit in found.hits)
        return
    shape = _shape(fields, markup)
    yield from (_dump(shape(record)) for record in _records(edition, found))


def _shape(fields: tuple[str, ...] | None, markup: str) -> Callable[[Json], Json]:
    tree = None if fields is None else selection(fields)

    def shaped(raw: Json) -> Json:
        cut = raw if tree is None else select(raw, tree)
        return with_legacy_markup(cut) if markup == "legacy" else cut

    return shaped


def _number_alone(key: str) -> bytes:
    return _dump({"protocolSection": {"identificationModule": {"nctId": key}}})


def _dump(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def study(call: Call, number: str) -> Reply:
    """One study (``fetchStudy``); an alias leads on to the record that took it over."""
    refuse_unknown(call.params, {"format", "markupFormat", "fields"})
    nct = canonical_nct(number.strip())
    if nct is None:
        raise ParameterError(f"Parameter `nctId` has incorrect format: '{shown(number)}'", parameter="nctId")
    form = one_of(call.params, "format", ONE_FORMATS)
    markup = one_of(call.params, "markupFormat", MARKUPS)
    key, own = call.edition.resolve(nct), own_records()
    if nct not in own and (key is None or canonical_nct(key) is None):
        raise Missing(f"NCT number {nct} not found")
    if nct not in own and key is not None and key != nct:
        return Reply(b"", headers={"Location": _moved(call.params, key)}, status=301, tagged=False)
    stored = None if nct in own else call.edition.index.stored(nct)
    raw = _dump(own[nct].raw) if stored is None else call.edition.raw(stored.address)
    return _one(call, nct, raw, form, markup)


def _moved(params: Params, key: str) -> str:
    query = urlencode(params, doseq=True)
    return f"/api/v2/studies/{key}" + (f"?{query}" if query else "")


def _one(call: Call, nct: str, raw: bytes, form: str, markup: str) -> Reply:
    if form == "csv":
        return _csv_page(csv_text([json.loads(raw)], _columns(listed(call.params, "fields"))), None, None)
    if form == "ris":
        tags = listed(call.params, "fields")
        _refuse_tags(tags)
        text = ris_text(json.loads(raw), call.edition.manifest.data_timestamp.date(), tags)
        return _file(text.encode(), "application/x-research-info-systems", f"{nct}.ris")
    if form == "fhir.json":
        if listed(call.params, "fields") is not None:
            raise ParameterError("Parameter 'fields' is not applicable to format `fhir.json`", parameter="fields")
        return replace(as_json(fhir_study(Record(json.loads(raw)))), kind="application/fhir+json")
    fields = read_fields(call.params)
    shape = _shape(fields, markup if form == "json" else "markdown")
    body = raw if fields is None and markup == "markdown" else _dump(shape(json.loads(raw)))
    if form == "json":
        return Reply(body)
    return _file(b"".join(zipped(iter([(f"{nct}.json", body)]))), ZIP, f"{nct}.json.zip")


def _refuse_tags(tags: tuple[str, ...] | None) -> None:
    for tag in tags or ():
        if tag not in TAGS:
            raise ParameterError(f"Parameter 'fields' contains invalid RIS tag: '{shown(tag)}'", parameter="fields")


def _file(body: bytes, kind: str, name: str) -> Reply:
    return Reply(body, kind, {"Content-Disposition": f"attachment; filename={name}"})


def download(call: Call) -> Reply:
    """Every study in one archive, a file each in folders by the last two digits, sent while it is being made."""
    refuse_unknown(call.params, {"format"})
    one_of(call.params, "format", ("json.zip",))
    name = {"Content-Disposition": "attachment; filename=ctg-studies.json.zip"}
    return Reply(zipped(_every(call.edition)), ZIP, name)


def _every(edition: Edition) -> Iterator[tuple[str, bytes]]:
    own = dict(own_records())
    for one in edition.index.everything():
        if canonical_nct(one.key):
            mine = own.pop(one.key, None)
            yield _member(one.key), _dump(mine.raw) if mine else edition.raw(one.address)
    yield from ((_member(key), _dump(record.raw)) for key, record in own.items() if canonical_nct(key))


def _member(key: str) -> str:
    return f"{key[-2:]}/{key}.json"


def zipped(files: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
    """An archive of files, in pieces as they come; holds one file at a time."""
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in files:
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
            yield out.taken()
    yield out.taken()


class _Pieces(io.RawIOBase):
    """A file that cannot be wound back; what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload]  # any buffer, as RawIOBase takes
        self._parts.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole
