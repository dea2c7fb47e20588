"""The dosing policy explored exhaustively: every state and decision, each guarantee proved, refuted or left open."""
