"""One entry as one line of bytes: its exact spelling, its digests, and what is wrong with a line that is not one.

The bytes are described in docs/reference/log-format.md. Shapes are checked by hand instead of with pydantic: verifying
100,000 lines may take ten times what ``json.loads`` takes, and no more. Never repairs a line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from trialwright.log.canonical import NotCanonicalError, canonical_text, quoted, read_strict, to_utf8
from trialwright.log.entry import Actor, Entry
from trialwright.log.salts import SALT_BYTES
from trialwright.vocabulary.dates import DateError, format_instant, parse_instant

FORMAT = 1
LONGEST_LINE = 16 * 1024 * 1024

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]*", re.ASCII)


@lru_cache(maxsize=4096)
def is_field_name(name: str) -> bool:
    """Whether a name is a word of up to 64 ASCII letters, digits and underscores, and so needs no escape in JSON."""
    return _FIELD.fullmatch(name) is not None


def commitment(salt: bytes, name: str, value_text: str) -> str:
    """SHA-256 over the salt and the canonical bytes of ``[name, value]``; the value comes as canonical text."""
    return hashlib.sha256(salt + to_utf8(f'["{name}",{value_text}]')).hexdigest()


def digest_of(text: str) -> str:
    """SHA-256 over an entry's body in canonical text."""
    return hashlib.sha256(to_utf8(text)).hexdigest()


def body_of(entry: Entry) -> dict[str, Any]:
    """The part of an entry that its digest covers."""
    actor = entry.actor
    return {
        "actor": {"id": actor.id, "role": actor.role, "site": actor.site},
        "commitments": entry.commitments,
        "key": entry.key,
        "kind": entry.kind,
        "log": FORMAT,
        "previous": entry.previous,
        "protocol": entry.protocol,
        "recorded_at": format_instant(entry.recorded_at),
        "rest": entry.rest,
        "sequence": entry.sequence,
        "trial": entry.trial,
        "version": entry.version,
    }


_BODY_KEYS = frozenset(
    ("actor", "commitments", "key", "kind", "log", "previous", "protocol", "recorded_at", "rest", "sequence")
) | {"trial", "version"}
_ACTOR_KEYS = frozenset(("id", "role", "site"))
_ENTRY_KEYS = frozenset(("body", "digest", "fields", "salts"))


def malformed_body(body: Any) -> str:
    """Why a body is not one, as a clause; empty where it is well formed (``recorded_at`` is looked at apart)."""
    if type(body) is not dict or body.keys() != _BODY_KEYS:
        return "the body does not have exactly its twelve parts"
    if body["log"] != FORMAT or type(body["log"]) is not int:
        return f"the log's format is {str(body['log'])[:20]!r}, and this program reads {FORMAT}"
    actor, commitments = body["actor"], body["commitments"]
    if type(actor) is not dict or actor.keys() != _ACTOR_KEYS or set(map(type, actor.values())) != {str}:
        return "the actor is not an id, a role and a site"
    if {type(body["key"]), type(body["kind"]), type(body["protocol"]), type(body["trial"])} != {str}:
        return "key, kind, protocol or trial is not text"
    if {type(body["rest"]), type(body["sequence"]), type(body["version"])} != {int}:
        return "rest, sequence or version is not a whole number"
    if body["rest"] < 0 or body["sequence"] < 0 or body["version"] < 0:
        return "rest, sequence or version is below 0"
    if not (body["key"] and body["kind"] and body["trial"]):
        return "key, kind or trial is empty"
    return _malformed_digests(body["previous"], commitments)


def _malformed_digests(previous: Any, commitments: Any) -> str:
    if type(previous) is not str or not _DIGEST.fullmatch(previous):
        return "previous is not a digest of 64 hexadecimal digits"
    if type(commitments) is not dict or not set(map(type, commitments.values())) <= {str}:
        return "the commitments are not digests by name"
    if not all(map(_FIELD.fullmatch, commitments)):
        return "a field's name is not a word"
    return ""


def malformed_instant(text: Any) -> str:
    """Why a text is not the instant of recording, as a clause; empty where it is."""
    try:
        parse_instant(text if type(text) is str else "")
    except DateError as error:
        return f"recorded_at: {error}"
    return ""


def malformed_line(raw: Any) -> str:
    """Why parsed JSON is not an entry, as a clause; empty where it is well formed (its digests may still be wrong)."""
    if type(raw) is not dict or raw.keys() != _ENTRY_KEYS:
        return "an entry has exactly body, digest, fields and salts"
    fields, salts = raw["fields"], raw["salts"]
    if type(raw["digest"]) is not str or not _DIGEST.fullmatch(raw["digest"]):
        return "the digest is not 64 hexadecimal digits"
    if type(fields) is not dict or type(salts) is not dict:
        return "fields and salts are not objects"
    return malformed_body(raw["body"])


def malformed_salts(raw: Mapping[str, Any]) -> str:
    """Why fields, salts and commitments do not belong together, as a clause; empty where they do."""
    fields, salts = raw["fields"], raw["salts"]
    if fields.keys() != salts.keys():
        return "a field and its salt are kept together or erased together"
    if not fields.keys() <= raw["body"]["commitments"].keys():
        return "a field has no commitment in the body"
    if not set(map(type, salts.values())) <= {str} or not set(map(len, salts.values())) <= {2 * SALT_BYTES}:
        return f"a salt is not {SALT_BYTES} bytes in hexadecimal"
    if not _HEX.fullmatch("".join(salts.values())):
        return f"a salt is not {SALT_BYTES} bytes in hexadecimal"
    return ""


def body_text(body: Mapping[str, Any]) -> str:
    """The canonical text of a well-formed body, the same as ``canonical_text(body)`` and several times faster."""
    actor, commitments = body["actor"], body["commitments"]
    promised = ",".join([f'"{name}":"{commitments[name]}"' for name in sorted(commitments)])
    return (
        f'{{"actor":{{"id":{quoted(actor["id"])},"role":{quoted(actor["role"])},"site":{quoted(actor["site"])}}},'
        f'"commitments":{{{promised}}},"key":{quoted(body["key"])},"kind":{quoted(body["kind"])},"log":{FORMAT},'
        f'"previous":"{body["previous"]}","protocol":{quoted(body["protocol"])},'
        f'"recorded_at":"{body["recorded_at"]}","rest":{body["rest"]},"sequence":{body["sequence"]},'
        f'"trial":{quoted(body["trial"])},"version":{body["version"]}}}'
    )


def line_text(body: str, digest: str, fields: Mapping[str, str], salts: Mapping[str, str]) -> str:
    """The canonical text of a whole entry from its canonical parts (``fields``: name to canonical text of the value)."""
    values = ",".join([f'"{name}":{fields[name]}' for name in sorted(fields)])
    drawn = ",".join([f'"{name}":"{salts[name]}"' for name in sorted(salts)])
    return f'{{"body":{body},"digest":"{digest}","fields":{{{values}}},"salts":{{{drawn}}}}}'


def format_line(entry: Entry) -> bytes:
    """The entry as one line of the log, with its line feed."""
    fields = {name: canonical_text(value) for name, value in entry.fields.items()}
    return to_utf8(line_text(body_text(body_of(entry)), entry.digest, fields, entry.salts) + "\n")


def parse_line(line: bytes) -> Entry:
    """Read one line into an entry; digests are not checked here (``verify`` does).

    Raises:
        NotCanonicalError: Not an entry; the message says why, as a clause.
    """
    raw = read_line(line)
    reason = malformed_line(raw) or malformed_salts(raw)
    if reason:
        raise NotCanonicalError(reason)
    body = raw["body"]
    try:
        recorded_at = parse_instant(body["recorded_at"])
    except (DateError, TypeError) as error:
        raise NotCanonicalError(f"recorded_at: {error}") from error
    return Entry(
        body["sequence"], body["previous"], recorded_at, Actor(**body["actor"]), body["trial"],
        body["protocol"], body["key"], body["kind"], body["version"], body["rest"], raw["fields"], raw["salts"],
        body["commitments"], raw["digest"],
    )  # fmt: skip


def read_line(line: bytes) -> Any:
    """The JSON of one line.

    Raises:
        NotCanonicalError: Too long, not UTF-8, or not the log's JSON.
    """
    if len(line) > LONGEST_LINE:
        raise NotCanonicalError(f"the line is longer than {LONGEST_LINE} bytes")
    try:
        return read_strict(line.rstrip(b"\n").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotCanonicalError(f"byte {error.start + 1} of the line is not UTF-8") from error
