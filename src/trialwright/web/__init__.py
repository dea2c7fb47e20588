"""The web door: pages of one home folder, read-only. It adds no rule: every sentence and number comes from the rooms below."""
