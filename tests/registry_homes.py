"""A home folder for the tests of the portal: the bundled sample of real records as its registry, and one trial of its own."""

import json
import shutil
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.web_homes import build_home

from trialwright.registry.catalogue import Catalogue
from trialwright.registry.record import Record

ROOT = Path(__file__).parent.parent
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&"
EVIL_ID = "NCT09999999"
CHANGED_ID = "NCT09999998"


def evil_record() -> dict[str, Any]:
    """A record that tries to be markup in every text of it."""

    def evil(node: Any) -> Any:
        match node:
            case dict():
                return {key: evil(value) for key, value in node.items()}
            case list():
                return [evil(value) for value in node]
            case str() if " " in node:
                return f"{node} {EVIL}"
            case _:
                return node

    raw: dict[str, Any] = evil(_seed())
    raw["protocolSection"]["identificationModule"] |= {"nctId": EVIL_ID, "acronym": EVIL, "orgStudyIdInfo": {"id": EVIL}}
    raw["protocolSection"]["eligibilityModule"] |= {"minimumAge": "15 Years"}
    raw["protocolSection"]["conditionsModule"]["conditions"] = [EVIL, "Evilosis"]
    raw["protocolSection"]["contactsLocationsModule"]["locations"][0] |= {"city": EVIL, "country": EVIL, "facility": EVIL}
    raw["protocolSection"]["sponsorCollaboratorsModule"]["leadSponsor"]["name"] = EVIL
    return raw


def _seed() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ROOT / "trials/nilg-hes1-03/record/NCT00787384.v2.json").read_text())
    return found


@cache
def registry_home() -> Path:
    """One such home folder for every test of this run that only reads it."""
    home = build_home(Path(mkdtemp(prefix="trialwright-portal-")))
    catalogue = Catalogue(home / "registry")
    changed = _seed()
    changed["protocolSection"]["identificationModule"] |= {"nctId": CHANGED_ID, "briefTitle": "A study that changes"}
    with catalogue.revision(datetime(2026, 11, 1, tzinfo=UTC)) as revision:
        for path in sorted((ROOT / "tests/fixtures/registry/v2").glob("*.json")):
            revision.put(Record(json.loads(path.read_text())), "v2 JSON")
        revision.put(Record(_seed()), "v2 JSON")
        revision.put(Record(evil_record()), "v2 JSON")
        revision.put(Record(changed), "v2 JSON")
    later = json.loads(json.dumps(changed))
    later["protocolSection"]["statusModule"] |= {
        "overallStatus": "TERMINATED",
        "lastUpdatePostDateStruct": {"date": "2026-10-30"},
    }
    later["protocolSection"]["contactsLocationsModule"]["locations"].pop()
    with catalogue.revision(datetime(2026, 11, 10, tzinfo=UTC)) as revision:
        revision.put(Record(later), "v2 JSON")
    return home


def copied_home(folder: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(registry_home(), folder / "home"))
