"""The command line: a door. Reads the clock, the disk and the operating system's randomness for the rooms behind it."""
