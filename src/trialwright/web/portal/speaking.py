"""In which language a page of the portal speaks: the one that its address says. Translates nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.urls import translate_url
from django.utils.translation import get_language

from trialwright.report.study_page import LANGUAGES, spoken

NAMES = {"en": "English", "it": "Italiano"}


def language() -> str:
    """``en`` or ``it``."""
    chosen = (get_language() or "en").split("-")[0]
    return chosen if chosen in LANGUAGES else "en"


def speaking(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let the words of the study page speak the language of the address while a view answers."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        with spoken(language()):
            return view(request, *args, **kwargs)

    return answered


def other_languages(request: HttpRequest) -> tuple[tuple[str, str, str], ...]:
    """Code, name and address of this page in each other language; empty where it has only one."""
    here = request.get_full_path()
    found = ((code, name, translate_url(here, code)) for code, name in NAMES.items() if code != language())
    return tuple((code, name, address) for code, name, address in found if address != here)
