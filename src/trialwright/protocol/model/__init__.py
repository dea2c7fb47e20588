"""The typed protocol file: what may stand in it. Shapes only; meaning lives in the compiled protocol and in review."""
