"""The registry's own description of a study record: fields, search areas, enumerations. Sources and licences: SOURCES.md."""
