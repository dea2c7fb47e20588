"""The one writer of an index folder. Never reads a pack, and never searches but to see whether a key is there."""

from __future__ import annotations

from pathlib import Path

from tantivy import Index
from tantivy import IndexWriter as TantivyWriter

from trialwright.registry.index.analysis import TOKENIZER, analyzer
from trialwright.registry.index.document import document
from trialwright.registry.index.schema import schema
from trialwright.registry.index.site_parts import PartWriter
from trialwright.registry.index.stored import Stored
from trialwright.registry.record import Record

HEAP_BYTES = 256_000_000
THREADS = 2
_SWEEPER_BYTES = 15_000_000  # the least that a writer takes


def open_index(folder: Path | None) -> Index:
    """Open the index in a folder; an empty folder becomes an empty index, no folder one in memory."""
    index = Index(schema(), path=str(folder), reuse=True) if folder is not None else Index(schema())
    index.register_tokenizer(TOKENIZER, analyzer())
    return index


class IndexWriter:
    """Adds, replaces and deletes studies; what was done is seen after ``commit``, all of it at once.

    Close it before the folder is copied or linked: until then merging may go on.

    Args:
        folder: Where the index stands; made if it is not there.
        threads: Threads that index.
        heap_bytes: Memory that they share before a segment is written.
    """

    def __init__(self, folder: Path, threads: int = THREADS, heap_bytes: int = HEAP_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._index = open_index(folder)
        self._writer: TantivyWriter | None = self._index.writer(heap_bytes, threads)
        self._before = self._index.searcher()
        self._added: set[str] = set()
        self._sites = PartWriter(folder)

    def add(self, record: Record, stored: Stored) -> None:
        """Add a study; one that has the same key is replaced."""
        text, sites = document(record, stored)
        self._forget(stored.key)
        self._open.add_json(text)
        self._added.add(stored.key)
        for site in sites:
            self._sites.add(site)

    def delete(self, key: str) -> None:
        """Take a study out; a key that is not there is passed over."""
        self._forget(key)
        self._added.discard(key)

    def commit(self) -> None:
        """Make everything since the last commit visible and durable."""
        self._sites.flush()
        self._open.commit()
        self._index.reload()
        self._before = self._index.searcher()
        self._added.clear()

    def close(self) -> None:
        """Drop what was not committed, wait for merging, and leave the folder at rest.

        A rollback would begin another round of merging and forget the one under way, which then goes on unwaited for;
        so the writer is ended first, and a second one that knows only what was committed clears the rest away.
        """
        writer, self._writer = self._writer, None
        if writer is None:
            return
        writer.wait_merging_threads()
        sweeper = open_index(self._folder).writer(_SWEEPER_BYTES, 1)
        sweeper.garbage_collect_files()
        sweeper.wait_merging_threads()

    @property
    def _open(self) -> TantivyWriter:
        if self._writer is None:
            raise ValueError("the writer is closed")
        return self._writer

    def _forget(self, key: str) -> None:
        if key in self._added or self._before.doc_freq("key", key):
            self._open.delete_documents_by_term("key", key)
