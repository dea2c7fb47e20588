"""Who may take part: criteria, record fields and consent rules compared cell by cell, and solved together."""
