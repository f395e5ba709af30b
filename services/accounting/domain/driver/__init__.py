"""Drivers: what moved a figure from one year to another, by how much, and at whom."""
