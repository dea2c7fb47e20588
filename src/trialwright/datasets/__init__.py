"""Tables derived from a trial's state: one row type per table, every column described, every row with its log entries.

Derived tables may be thrown away and derived again; nothing here decides, writes to the log or estimates.
"""

from trialwright.datasets.columns import Column
from trialwright.datasets.export import write_tables
from trialwright.datasets.tables import TABLES, Tables, derive_tables, describe

__all__ = ["TABLES", "Column", "Tables", "derive_tables", "describe", "write_tables"]
