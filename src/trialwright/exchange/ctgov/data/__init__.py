"""Reference data of this room; sources in SOURCES.md."""
