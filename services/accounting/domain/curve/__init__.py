"""Curves of meters: points as they were measured, added up exactly to days and months.

curve   what the points of a meter measure
block   points of days of curves, as they are sent: sums, and what is wrong with them
draft   what a block makes of the days that are stored, and of the months of the books
"""
