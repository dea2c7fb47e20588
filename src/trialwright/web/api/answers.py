"""How every call is answered: what it may ask, errors as plain text, entity tags, compression, any origin. Knows no study."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import wraps
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase

from trialwright.registry.catalogue import Edition
from trialwright.registry.index import RequestError
from trialwright.registry.requests import ParameterError, Params
from trialwright.web.editions import edition, own_digest

JSON, TEXT, CSV = "application/json", "text/plain; charset=UTF-8", "text/csv; charset=UTF-8"
EXPOSED = "etag, x-next-page-token, x-total-count, x-error-position, x-error-suggestion"
_SMALL = 1_000  # bytes; shorter answers are not worth compressing
_LEVEL = 1
_MOST_PARAMETERS = 200
_LONGEST_QUERY = 100_000
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:\s*,|\s*$))", re.IGNORECASE)


class Missing(Exception):  # noqa: N818 - the word for what happened
    """There is no such thing; the message says which."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call: its parameters, and the edition that answers it from beginning to end."""

    params: Params
    edition: Edition
    host: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Args:
        body: Its bytes, or pieces of them for a long one.
        kind: Media type.
        headers: Further headers.
        status: HTTP status.
        tagged: Whether it changes with the edition only, so that an entity tag holds for it.
    """

    body: bytes | Iterator[bytes]
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    tagged: bool = True


View = Callable[..., Reply]


def as_json(value: object, **headers: str) -> Reply:
    """A value as compact JSON."""
    return Reply(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), JSON, headers)


def plain(text: str, status: int = 200) -> Reply:
    """A sentence as plain text."""
    return Reply(text.encode("utf-8", "replace"), TEXT, status=status, tagged=False)


def answered(view: View) -> Callable[..., HttpResponseBase]:
    """A Django view of a function from a ``Call`` (and the address's parts) to a ``Reply``."""

    @wraps(view)
    def answer(request: HttpRequest, **parts: str) -> HttpResponseBase:
        if request.method == "OPTIONS":
            return _preflight()
        try:
            call = Call(_params(request), edition(), request.get_host())
            tag = entity_tag(call.edition)
            reply = view(call, **parts)
        except (ParameterError, RequestError) as error:
            return _sent(request, _refusal(error))
        except Missing as error:
            return _sent(request, plain(str(error), 404))
        if reply.tagged and reply.status == 200:
            if _matches(request.headers.get("If-None-Match", ""), tag):
                return _open(HttpResponse(status=304, headers={"ETag": tag}))
            reply = Reply(reply.body, reply.kind, {**reply.headers, "ETag": tag})
        return _sent(request, reply)

    return answer


def entity_tag(present: Edition) -> str:
    """The tag of everything that an edition answers, as the original service tags by data set and not by address."""
    return f'"{present.generation:x}-{own_digest()}/2.0.5/{int(present.stamp.timestamp() * 1000):x}"'


def _params(request: HttpRequest) -> Params:
    text = request.META.get("QUERY_STRING", "")
    if len(text) > _LONGEST_QUERY:
        raise ParameterError(f"The query is {len(text):,} characters long; at most {_LONGEST_QUERY:,} can be read")
    if text.count("&") >= _MOST_PARAMETERS:
        raise ParameterError(f"At most {_MOST_PARAMETERS} parameters can be read")
    query = QueryDict(text, encoding="utf-8")
    return {str(name): [str(value) for value in query.getlist(name)] for name in query}


def _refusal(error: ParameterError | RequestError) -> Reply:
    if not isinstance(error, ParameterError):
        return plain(str(error), 400)
    reply = plain(f"{error.text}\n{error.suggestion}" if error.suggestion else error.text, 400)
    headers = {}
    if error.position is not None:
        headers["x-error-position"] = str(error.position)
    if error.suggestion:
        headers["x-error-suggestion"] = quote(error.suggestion[:200], safe=" []():',")
    return Reply(reply.body, reply.kind, headers, 400, tagged=False)


def _matches(given: str, tag: str) -> bool:
    offered = {one.strip().removeprefix("W/") for one in given.split(",")}
    return "*" in offered or tag in offered


def _sent(request: HttpRequest, reply: Reply) -> HttpResponseBase:
    if not isinstance(reply.body, bytes):
        pieces = iter(()) if request.method == "HEAD" else reply.body
        return _open(StreamingHttpResponse(pieces, status=reply.status, content_type=reply.kind, headers=reply.headers))
    body, headers = reply.body, {**reply.headers, "Vary": "Accept-Encoding"}
    if len(body) > _SMALL and _GZIP.search(request.headers.get("Accept-Encoding", "")):
        body, headers["Content-Encoding"] = gzip.compress(body, _LEVEL, mtime=0), "gzip"
    headers["Content-Length"] = str(len(body))
    kept = b"" if request.method == "HEAD" else body
    return _open(HttpResponse(kept, status=reply.status, content_type=reply.kind, headers=headers))


def _preflight() -> HttpResponseBase:
    allowed = {
        "Allow": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "86400",
    }
    return _open(HttpResponse(status=200, content_type=TEXT, headers=allowed))


def _open(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
