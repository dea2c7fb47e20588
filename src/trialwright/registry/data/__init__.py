"""The registry's own data files: cities, regions and country outlines. Sources and licences: SOURCES.md beside it."""
