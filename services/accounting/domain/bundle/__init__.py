"""An inventory as one archive with all it follows from, and its recomputation from that alone."""
