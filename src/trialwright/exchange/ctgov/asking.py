"""Ask a v2 API for its pages: politely, again where an answer is broken, and never without end.

Time and chance are arguments. Knows nothing of records or the catalogue (that is ``sync``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_MOST_OF_AN_ERROR = 300  # characters of a server's message that are told
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server is asked.

    Args:
        page_size: Studies a page; the registry gives at most 1,000.
        requests_per_second: At most so many.
        tries: Of one question, before giving up.
        first_pause_seconds: After the first failure; doubled after each further one.
        longest_pause_seconds: No pause is longer, also where the server asks for more.
        timeout_seconds: Of connecting, and between two pieces of an answer.
        page_bytes: Of one answer, unpacked.
    """

    page_size: int = 500
    requests_per_second: float = 2.0
    tries: int = 8
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 120.0
    timeout_seconds: float = 60.0
    page_bytes: int = 512_000_000


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Time and chance, from the door.

    Args:
        seconds: A clock that only goes forward.
        sleep: Waits so many seconds.
        chance: A number from 0 to 1 each time, so that many mirrors do not ask in step.
    """

    seconds: Callable[[], float]
    sleep: Callable[[float], None]
    chance: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its studies as parsed JSON, the token of the next, and how many there are in all (first page)."""

    studies: list[Any]
    token: str | None
    total: int | None


class Unanswered(Exception):  # noqa: N818 - the word for what happened
    """The server gave no usable answer; ``code`` is the finding's, the message says what came last."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


class _Broken(Exception):  # noqa: N818
    """An answer that may be better next time; after so many seconds, where the server says."""

    def __init__(self, message: str, after_seconds: float | None = None) -> None:
        self.after_seconds = after_seconds
        super().__init__(message)


class Asker:
    """Questions to one v2 API.

    Args:
        address: Of the API, ending in ``/api/v2``.
        manners: How it is asked.
        surroundings: Time and chance.
        agent: What the program calls itself.
    """

    def __init__(self, address: str, manners: Manners, surroundings: Surroundings, agent: str) -> None:
        self._address = address.rstrip("/")
        self._manners = manners
        self._around = surroundings
        self._last: float | None = None
        headers = {"User-Agent": agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._client = httpx.Client(timeout=manners.timeout_seconds, headers=headers, follow_redirects=True, max_redirects=5)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def data_timestamp(self) -> str | None:
        """What the server says of how fresh its data are; ``None`` where it does not say."""
        try:
            found = self._parsed("/version", {})
        except (Unanswered, _Broken):
            return None
        stamp = found.get("dataTimestamp")
        return stamp if isinstance(stamp, str) else None

    def pages(self, params: dict[str, str]) -> Iterator[Page]:
        """All pages of a question, one after another.

        Raises:
            Unanswered: TW-K004 where the server gives no answer; TW-K005 where a page or token comes a second time.
        """
        asked = {**params, "pageSize": str(self._manners.page_size), "countTotal": "true"}
        tokens: set[str] = set()
        contents: set[bytes] = set()
        while True:
            page = self._page(asked, tokens, contents)
            yield page
            if page.token is None:
                return
            asked["pageToken"] = page.token

    def _page(self, asked: dict[str, str], tokens: set[str], contents: set[bytes]) -> Page:
        def ask() -> Page:
            page = _page_of(self._parsed("/studies", asked))
            if page.token is not None and page.token in tokens:
                raise _Broken("the token of the next page came a second time")
            if page.studies and _print_of(page) in contents:
                raise _Broken("a page came a second time")
            return page

        page = self._patiently(ask, "TW-K005" if tokens else "TW-K004")
        contents.add(_print_of(page))
        if page.token is not None:
            tokens.add(page.token)
        return page

    def _parsed(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        return self._patiently(lambda: _mapping(self._get(path, params)), "TW-K004")

    def _patiently(self, ask: Callable[[], T], code: str) -> T:
        pause = self._manners.first_pause_seconds
        for left in range(self._manners.tries - 1, -1, -1):
            try:
                return ask()
            except _Broken as broken:
                if left == 0:
                    raise Unanswered(code, str(broken)) from broken
                wait = broken.after_seconds
                jittered = pause * (0.5 + 0.5 * self._around.chance())
                self._around.sleep(min(max(wait or 0.0, jittered), self._manners.longest_pause_seconds))
                pause = min(2 * pause, self._manners.longest_pause_seconds)
        raise AssertionError("unreachable")

    def _get(self, path: str, params: dict[str, str]) -> bytes:
        self._keep_the_pace()
        try:
            with self._client.stream("GET", self._address + path, params=params) as answer:
                if answer.status_code in _AGAIN:
                    raise _Broken(f"the server answered {answer.status_code}", _retry_after(answer))
                body = self._bounded(answer)
                if answer.status_code != httpx.codes.OK:
                    said = " ".join(body[:_MOST_OF_AN_ERROR].decode("utf-8", "replace").split())
                    raise Unanswered("TW-K004", f"the server answered {answer.status_code}: {said}")
                return body
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _Broken(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        except (httpx.TooManyRedirects, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise Unanswered("TW-K004", str(error)) from error

    def _bounded(self, answer: httpx.Response) -> bytes:
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > self._manners.page_bytes:
                told = f"a page is longer than {self._manners.page_bytes:,} bytes; ask for fewer studies at a time"
                raise Unanswered("TW-K004", told)
        return bytes(body)

    def _keep_the_pace(self) -> None:
        if self._last is not None:
            wait = self._last + 1 / self._manners.requests_per_second - self._around.seconds()
            if wait > 0:
                self._around.sleep(wait)
        self._last = self._around.seconds()


def _mapping(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _Broken(f"the answer is no JSON that can be read, of {len(body):,} bytes") from error
    if not isinstance(found, dict):
        raise _Broken("the answer is JSON, but no object")
    return found


def _page_of(found: dict[str, Any]) -> Page:
    studies, token, total = found.get("studies"), found.get("nextPageToken"), found.get("totalCount")
    if not isinstance(studies, list) or not (token is None or isinstance(token, str)):
        raise _Broken("the answer is no page of studies")
    return Page(studies, token or None, total if isinstance(total, int) else None)


def _print_of(page: Page) -> bytes:
    return hashlib.sha256(json.dumps(page.studies, sort_keys=True).encode()).digest()


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds that the server wants us to wait: a number, or a date set against the server's own clock."""
    text = answer.headers.get("Retry-After", "")
    if text.strip().isdecimal():
        return float(text[:9])
    try:
        wanted, present = parsedate_to_datetime(text), parsedate_to_datetime(answer.headers.get("Date", ""))
        return min(max((wanted - present).total_seconds(), 0.0), _DAY_SECONDS)
    except (TypeError, ValueError):
        return None
