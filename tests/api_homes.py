"""A home folder whose registry holds the fixture records, and calls of its interface, for the tests of the API."""

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import quote

from tests.web_homes import web_client

from trialwright.registry.catalogue import Catalogue
from trialwright.registry.record import Record

ROOT = Path(__file__).parent
RECORDS = ROOT / "fixtures/registry/v2"
OAS = ROOT / "contracts/data/ctg-oas-v2.0.5.yaml"
ALIAS, ALIASED = "NCT09999991", "NCT00000410"
NOWHERE = "NCT99999999"
UNNUMBERED = "GROUP-OWN-7"
PROCESSED = datetime(2026, 8, 14, 9, 0, 5, tzinfo=UTC)


@cache
def raws() -> dict[str, dict[str, Any]]:
    """The records of the home by number, as registered, but for the alias that one of them is given."""
    found = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(RECORDS.glob("NCT*.json"))}
    found[ALIASED]["protocolSection"]["identificationModule"]["nctIdAliases"] = [ALIAS]
    return found


def unnumbered() -> dict[str, Any]:
    """A group's own study that is not registered yet."""
    raw = copy.deepcopy(raws()[ALIASED])
    module = raw["protocolSection"]["identificationModule"]
    del module["nctId"], module["nctIdAliases"]
    module |= {"briefTitle": "An own study, not registered yet", "orgStudyIdInfo": {"id": UNNUMBERED}}
    return raw


def fill(home: Path, records: list[dict[str, Any]], on: datetime = PROCESSED) -> Path:
    """File records in a home's registry."""
    with Catalogue(home / "registry").revision(on, "tests") as revision:
        for raw in records:
            revision.put(Record(raw), "v2 JSON")
    return home


@cache
def api_home() -> Path:
    """One home for every test of this run that only reads it."""
    return fill(Path(mkdtemp(prefix="trialwright-api-")) / "home", [*raws().values(), unnumbered()])


def get(address: str, params: dict[str, str] | None = None, home: Path | None = None, **headers: str) -> Any:
    """The answer to a call below ``/api``; ``v2`` addresses may leave that out."""
    base = "/api" if address.startswith("/api/") else "/api/v2"
    path = address.removeprefix("/api")
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in (params or {}).items())
    client = web_client(home or api_home(), peer="203.0.113.7", host="trials.example")
    return client.get(f"{base}{path}" + (f"?{query}" if query else ""), headers=headers)


def found(params: dict[str, str] | None = None, home: Path | None = None) -> list[str]:
    """The numbers of the studies that a call of ``/studies`` finds, up to 1,000."""
    answer = get("/studies", {"fields": "NCTId", "pageSize": "1000", **(params or {})}, home)
    assert answer.status_code == 200, answer.content
    return [one["protocolSection"]["identificationModule"]["nctId"] for one in answer.json()["studies"]]


def refused(params: dict[str, str], address: str = "/studies") -> str:
    """The words with which a call is refused."""
    answer = get(address, params)
    assert answer.status_code == 400, (params, answer.status_code)
    assert answer["content-type"] == "text/plain; charset=UTF-8"
    return str(answer.content.decode())
