"""Operating characteristics: what is made of tallies. Every number of it is simulated, and none is without its error."""
