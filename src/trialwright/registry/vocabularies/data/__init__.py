"""Data of the vocabularies room and what makes them; see SOURCES.md."""
