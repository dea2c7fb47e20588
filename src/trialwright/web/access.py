"""Who is asking: the owner at this very computer, or anybody. There are no accounts in this door."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest

from trialwright.web.options import LOOPBACK

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


def is_owner(request: HttpRequest) -> bool:
    """True where the request comes from this computer itself, by its loopback name, and through no proxy."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    host = urlsplit(f"//{request.get_host()}").hostname
    return peer in LOOPBACK and host in LOOPBACK and not any(request.META.get(name) for name in _FORWARDED)
