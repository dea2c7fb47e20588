"""A revision: the next generation being built beside the present one, and swapped in whole when it is done.

Nothing is built before the first change, so a revision that finds nothing new leaves no generation behind. A revision
that is killed leaves the old generation; what it had checkpointed is gone on from by the next revision of the same
purpose, and thrown away by any other.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Literal

from trialwright.registry.catalogue.edition import Edition
from trialwright.registry.catalogue.folder import Layout, link_tree, sync_folder, write_whole
from trialwright.registry.catalogue.manifest import Manifest, Source
from trialwright.registry.catalogue.packs import Packs, PackWriter
from trialwright.registry.catalogue.versions import Version, pack_history, posted_date, unpack_history
from trialwright.registry.index import IndexWriter, Stored, StudyIndex
from trialwright.registry.json_text import parse_text
from trialwright.registry.record import Record

_NOTE = "building.json"
_NCT = re.compile(r"NCT\d{8}", re.IGNORECASE | re.ASCII)
_LONGEST_KEY = 200

Outcome = Literal["new", "changed", "unchanged"]


def key_of(record: Record) -> str | None:
    """What a record is filed under: its NCT number, else its organisation's number; ``None`` where it has neither.

    An NCT number is written in capitals; a number of more than 200 letters is none.
    """
    key = (record.nct_id or record.org_study_id or "").strip()
    if _NCT.fullmatch(key):
        return key.upper()
    return key if 0 < len(key) <= _LONGEST_KEY else None


def canonical(record: Record) -> bytes:
    """A record as JSON on one line, members in their order, in UTF-8.

    Raises:
        ValueError: A number is not finite.
        UnicodeError: A text holds half a surrogate pair.
    """
    return json.dumps(record.raw, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class _Build:
    """The parts of a build that has begun: its folder, its pack and its index."""

    def __init__(self, layout: Layout, number: int, pack: int) -> None:
        self.folder = layout.building(number)
        self.pack = PackWriter(layout.packs, pack)
        self.writer = IndexWriter(self.folder / "index")

    def close(self) -> None:
        self.writer.close()
        self.pack.close()


class Revision:
    """The next generation in the making; made by ``Catalogue.revision``, which ends it.

    Args:
        layout: Where the catalogue stands.
        present: The present edition.
        on: The instant of this revision.
        purpose: What the revision is for; a broken-off one is gone on from only under the same purpose.
    """

    def __init__(self, layout: Layout, present: Edition, on: datetime, purpose: str) -> None:
        self._layout = layout
        self._present = present
        self._on = on
        self._purpose = purpose
        self._known: StudyIndex = present.index
        self._packs = Packs(layout.packs)
        self._fresh: dict[str, Stored | None] = {}
        self._removed = dict(present.removed)
        self._build: _Build | None = None
        self._tally = {"new": 0, "changed": 0, "unchanged": 0, "removed": 0}
        self.data_timestamp: datetime | None = None
        self.resumed = self._resume()

    def put(self, record: Record, source: str, text: bytes | None = None) -> Outcome:
        """File a record.

        A text that is the same as the present one, or as any earlier version with the same date, changes nothing. A
        record that is dated before the present one is filed as an earlier version and does not take its place.

        Args:
            record: The record; it must have a key (see ``key_of``).
            source: Where it came from, in a word or two.
            text: The record's own JSON, where it came as such; kept to the byte if it is one line of UTF-8.

        Raises:
            ValueError: The record has no key, or holds a number that is not finite.
        """
        key = key_of(record)
        if key is None:
            raise ValueError("a record without any identifier cannot be filed")
        content = text if text is not None and _is_one_line(text) else canonical(record)
        digest = hashlib.sha256(content).digest()[:16]
        before = self._stored(key)
        if before is not None and before.digest == digest:
            return self._counted("unchanged")
        versions = unpack_history(before.history if before is not None else self._gone(key))
        posted = posted_date(record)
        if before is not None and (_seen(versions, digest, posted) or self._says_the_same(record, versions, posted)):
            return self._counted("unchanged")
        version = Version(self._begun().pack.append(content), self._on, posted, digest, source)
        self._file(key, record, version, versions)
        return self._counted("changed" if before is not None else "new")

    def remove(self, key: str) -> bool:
        """Take a record out; its versions stay in the history. False where there is none."""
        before = self._stored(key)
        if before is None:
            return False
        self._begun().writer.delete(key)
        self._fresh[key] = None
        self._removed[key] = before.history.decode()
        self._tally["removed"] += 1
        return True

    def checkpoint(self) -> None:
        """Make all that was filed so far durable, so that a revision broken off after this need not do it again."""
        if self._build is None:
            return
        self._build.pack.sync()
        self._write_removed(self._build)
        self._build.writer.commit()
        self._known = StudyIndex(self._build.folder / "index")
        self._write_note(self._build.folder, self._build.pack.number, resumable=True)
        self._fresh.clear()

    @property
    def tally(self) -> dict[str, int]:
        """What was done so far: new, changed, unchanged, removed."""
        return dict(self._tally)

    def commit(self) -> int:
        """End the revision: swap in the new generation where anything changed; its number, or the present one's."""
        if self._build is None:
            return self._present.generation
        self.checkpoint()
        build, self._build = self._build, None
        build.close()
        self._known = StudyIndex(build.folder / "index")  # opened again as it stands at rest, before anybody else does
        number = self._present.generation + 1
        old = self._present.manifest
        manifest = Manifest(
            generation=number,
            stamp=self._on,
            data_timestamp=self.data_timestamp or self._on,
            count=self._known.count,
            packs=(*old.packs, build.pack.number),
            sources=(*old.sources, Source(label=self._purpose, on=self._on, **self._tally)),
        )
        manifest.write(build.folder)
        self._layout.swap(number)
        self._layout.prune(set(manifest.packs))
        return number

    def abandon(self) -> None:
        """End the revision and leave the present generation; what was checkpointed stays for another try."""
        if self._build is not None:
            self._build.close()
            self._build = None

    # within --------------------------------------------------------------------------------------------------------

    def _counted(self, outcome: Outcome) -> Outcome:
        self._tally[outcome] += 1
        return outcome

    def _gone(self, key: str) -> bytes:
        """The history of a record that was removed and now comes back; empty for one that was never there."""
        return self._removed.pop(key, "").encode()

    def _stored(self, key: str) -> Stored | None:
        return self._fresh[key] if key in self._fresh else self._known.stored(key)

    def _file(self, key: str, record: Record, version: Version, earlier: tuple[Version, ...]) -> None:
        """Put a version in its place among the earlier ones, and the newest of all into the index."""
        build = self._begun()
        if earlier:
            build.writer.delete(key)
        after = next((index for index, one in enumerate(earlier) if one.rank <= version.rank), len(earlier))
        versions = (*earlier[:after], version, *earlier[after:])
        first = versions[0]
        stored = Stored(key, first.address, digest=first.digest, history=pack_history(versions))
        build.writer.add(record if after == 0 else Record(parse_text(self._text(first))), stored)
        self._fresh[key] = stored

    def _says_the_same(self, record: Record, versions: tuple[Version, ...], posted: str | None) -> bool:
        """Whether a version says the same in another spelling (spaces, escapes, order of members)."""
        same_date = [one for index, one in enumerate(versions) if index == 0 or (posted and one.last_update_posted == posted)]
        return any(one.last_update_posted == posted and parse_text(self._text(one)) == record.raw for one in same_date)

    def _text(self, version: Version) -> bytes:
        if self._build is not None and version.address.pack == self._build.pack.number:
            self._build.pack.flush()
        return self._packs.read(version.address)

    def _begun(self) -> _Build:
        if self._build is None:
            number = self._present.generation + 1
            folder = self._layout.building(number)
            pack = max(self._present.manifest.packs, default=0) + 1
            link_tree(self._present.folder / "index", folder / "index")
            self._write_note(folder, pack, resumable=False)
            sync_folder(folder.parent)
            self._build = _Build(self._layout, number, pack)
        return self._build

    def _resume(self) -> bool:
        """Go on from a broken-off revision of the same purpose; clear any other away."""
        following = self._layout.building(self._present.generation + 1)
        resumed = False
        for folder in self._layout.builds():
            if folder == following and self._is_ours(folder):
                resumed = self._reopened(folder)
            if not resumed or folder != following:
                (folder / _NOTE).unlink(missing_ok=True)  # first, so that a half-cleared build is never gone on from
                shutil.rmtree(folder)
        if not resumed:
            self._layout.prune(set(self._present.manifest.packs))
        return resumed

    def _write_note(self, folder: Path, pack: int, *, resumable: bool) -> None:
        count = self._known.count if resumable else 0
        note = {"after": self._present.generation, "pack": pack, "purpose": self._purpose, "resumable": resumable, "count": count}
        write_whole(folder / _NOTE, json.dumps(note, ensure_ascii=False).encode())

    def _is_ours(self, folder: Path) -> bool:
        try:
            note = json.loads((folder / _NOTE).read_bytes())
        except (OSError, ValueError):
            return False
        return bool(note["resumable"] and note["after"] == self._present.generation and note["purpose"] == self._purpose)

    def _reopened(self, folder: Path) -> bool:
        """Open a broken-off build; false where it is damaged and must be done again."""
        try:
            known = StudyIndex(folder / "index")
            if known.count != json.loads((folder / _NOTE).read_bytes())["count"]:
                return False
            build = _Build(self._layout, self._present.generation + 1, max(self._present.manifest.packs, default=0) + 1)
        except (OSError, ValueError):
            return False
        self._known, self._build = known, build
        removed = folder / "removed.json"
        if removed.is_file():
            self._removed = json.loads(removed.read_bytes())
        return True

    def _write_removed(self, build: _Build) -> None:
        if self._removed or self._present.removed:
            write_whole(build.folder / "removed.json", json.dumps(self._removed, ensure_ascii=False).encode())


def _is_one_line(text: bytes) -> bool:
    """Whether a text can be kept as it is; NUL would mean another encoding than UTF-8."""
    return text[:1] == b"{" and not any(mark in text for mark in (b"\n", b"\r", b"\0"))


def _seen(versions: tuple[Version, ...], digest: bytes, posted: str | None) -> bool:
    """Whether a dated text was seen before. Without dates only the present text counts, so a record may go back."""
    return posted is not None and any(one.digest == digest for one in versions)
