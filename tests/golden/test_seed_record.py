"""The seed's protocol file gives back its registry record, whole."""

import json
from pathlib import Path

from trialwright.exchange.ctgov.from_protocol import record_of
from trialwright.protocol import read_protocol

SEED = Path(__file__).parents[2] / "trials/nilg-hes1-03"


def test_the_protocol_gives_back_the_record_member_by_member() -> None:
    protocol = read_protocol(SEED / "protocol.yaml").protocol
    assert protocol is not None
    record = json.loads((SEED / "record/NCT00787384.v2.json").read_text(encoding="utf-8"))
    assert record_of(protocol.file.study) == record
