"""Trends: how a figure moves over the years, alone and against what is produced."""
