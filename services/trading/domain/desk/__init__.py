"""The desk's work by four eyes: instructions, limits, trusted counterparties, trades, checks."""
