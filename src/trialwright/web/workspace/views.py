"""The trial room's pages. A trial of real people is shown to the owner alone; findings always are."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, UNSAFE_INLINE
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.safestring import mark_safe

from trialwright.conduct.home import TrialFolder
from trialwright.vocabulary.opened import opened_number
from trialwright.web.access import is_owner
from trialwright.web.folders import existing, find_trial
from trialwright.web.pages import page
from trialwright.web.workspace.commands import Terminal
from trialwright.web.workspace.decisions import rule_in_file
from trialwright.web.workspace.estimate import estimate_page, size_rows
from trialwright.web.workspace.folder import LOG, REPORT, REPORT_PDF, Closed, Room, open_room, protocol_of, rooms
from trialwright.web.workspace.log_pages import log_page
from trialwright.web.workspace.overview import counts, look_rows, person_rows
from trialwright.web.workspace.participant import ParticipantPage, participant_page
from trialwright.web.workspace.review import reviewed
from trialwright.web.workspace.what_if import tries
from trialwright.web.workspace.words import called

REPORT_POLICY = {
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "font-src": ["data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}


def room(request: HttpRequest, name: str) -> HttpResponse:
    """Everybody in the trial, and where the log stands."""
    opened = _enter(request, name)
    if isinstance(opened, Closed):
        return _closed(request, opened)
    context = _about(request, opened) | {"rows": person_rows(opened), "counts": counts(opened), "looks": look_rows(opened)}
    return page(request, "workspace/room.html", context)


def participant(request: HttpRequest, name: str, person: str) -> HttpResponse:
    """One participant's course, with the reason of every dose and a what-if that writes nothing."""
    opened = _enter(request, name)
    if isinstance(opened, Closed):
        return _closed(request, opened)
    found = opened.state.participants.get(person)
    if found is None:
        raise Http404
    shown = participant_page(opened, found, request.GET.dict())
    about = _about(request, opened)
    return page(request, "workspace/participant.html", about | {"p": shown} | _around(opened, shown, about["commands"]))


def _around(opened: Room, shown: ParticipantPage, terminal: Terminal) -> dict[str, object]:
    """The figure, the rule that a what-if meets, what is worth trying, and the commands."""
    if shown.shown is None or shown.what_if is None:
        return {}
    regimen = opened.protocol.regimens[shown.shown.advice.intervention]
    imagined = shown.what_if.advice
    changes = shown.what_if.changes if imagined else ()
    drawn = shown.course.figure
    return {
        "figure": mark_safe(drawn.svg) if drawn else "",  # noqa: S308 - drawn and escaped by report
        "what_if_rule": rule_in_file(opened, regimen, imagined.rule) if imagined else None,
        "tries": tries(regimen, shown.what_if.fields),
        "explain": terminal.explain(shown.shown, changes),
        "record": terminal.record(opened.protocol, shown.shown, changes),
    }


def estimate(request: HttpRequest, name: str) -> HttpResponse:
    """The response rates, the rows behind them, and a correction that is only imagined."""
    opened = _enter(request, name)
    if isinstance(opened, Closed):
        return _closed(request, opened)
    shown = estimate_page(opened, request.GET.dict())
    about = _about(request, opened)
    site = opened.state.participants[shown.chosen].site if shown.chosen else ""
    context = {
        "e": shown,
        "chosen_name": called(shown.chosen),
        "alpha": f"{shown.size.alpha * 100:g}" if shown.size else "",
        "sizes": size_rows(shown.size) if shown.size else (),
        "record": about["commands"].correct(shown.command, site) if shown.command else "",
    }
    return page(request, "workspace/estimate.html", about | context)


def log(request: HttpRequest, name: str) -> HttpResponse:
    """The log, verified, entry by entry in plain words."""
    folder = _allowed(request, name)
    path = existing(folder, LOG)
    if path is None:
        raise Http404
    asked = request.GET.get("entry", request.GET.get("from", ""))
    start = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 12 else 0
    opened = open_room(folder)
    context = _about(request, opened) if isinstance(opened, Room) else _unopened(request, folder)
    shown = log_page(path, protocol_of(folder).protocol, start)
    return page(request, "workspace/log.html", context | {"log": shown, "asked": asked})


def report(request: HttpRequest, name: str) -> HttpResponse:
    """The report as it was written, which carries its own style and asks for nothing."""
    path = existing(_allowed(request, name), REPORT)
    if path is None:
        return page(request, "workspace/no_report.html", _unopened(request, _allowed(request, name)), status=404)
    response = HttpResponse(path.read_bytes(), content_type="text/html; charset=utf-8")
    response._csp_replace = REPORT_POLICY  # type: ignore[attr-defined]  # what csp.decorators.csp_replace sets
    return response


def report_pdf(request: HttpRequest, name: str) -> HttpResponse | FileResponse:
    """The report as PDF."""
    path = existing(_allowed(request, name), REPORT_PDF)
    if path is None:
        return page(request, "workspace/no_report.html", _unopened(request, _allowed(request, name)), status=404)
    return FileResponse(path.open("rb"), content_type="application/pdf", filename=f"{name}-report.pdf")


def _allowed(request: HttpRequest, name: str) -> TrialFolder:
    """The trial's folder, where this reader may see it; there is no difference between hidden and missing."""
    folder = find_trial(name)
    if folder is None or (not any(one.folder == folder for one in rooms(is_owner(request))) and not is_owner(request)):
        raise Http404
    return folder


def _enter(request: HttpRequest, name: str) -> Room | Closed:
    return open_room(_allowed(request, name))


def terminal_of(request: HttpRequest, folder: TrialFolder) -> Terminal:
    """The commands of a trial that was not opened; only the owner is told where the folder lies."""
    return Terminal(folder.name, _home_shown(request, folder))


def _home_shown(request: HttpRequest, folder: TrialFolder) -> str:
    return str(folder.path.parent.parent) if is_owner(request) else ""


def _closed(request: HttpRequest, closed: Closed) -> HttpResponse:
    return page(request, "workspace/closed.html", _unopened(request, closed.folder) | {"findings": closed.findings}, status=409)


def _unopened(request: HttpRequest, folder: TrialFolder) -> dict[str, Any]:
    """What can be said of a trial that was not opened."""
    return {"folder": folder, "commands": terminal_of(request, folder)}


def _about(request: HttpRequest, opened: Room) -> dict[str, Any]:
    """What every page of a room says of its trial."""
    home = _home_shown(request, opened.folder)
    return {
        "folder": opened.folder,
        "commands": Terminal(
            opened.folder.name, home, opened.protocol.id, opened.state.seed, len(opened.facts), opened_number(opened.state.title)
        ),
        "title": opened.state.title,
        "simulated": opened.state.simulated,
        "seed": opened.state.seed,
        "head": opened.verification.head,
        "verification": opened.verification,
        "protocol_digest": opened.protocol.digest,
        "has_report": existing(opened.folder, REPORT) is not None,
        "has_pdf": existing(opened.folder, REPORT_PDF) is not None,
    }


def findings(request: HttpRequest, name: str) -> HttpResponse:
    """What ``check`` says of the protocol, for its owner."""
    if not is_owner(request):
        raise Http404
    folder = _allowed(request, name)
    opened = open_room(folder)
    about = _about(request, opened) if isinstance(opened, Room) else _unopened(request, folder)
    return page(request, "workspace/findings.html", about | {"review": reviewed(folder)})
