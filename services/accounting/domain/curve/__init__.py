"""Curves of meters: points as they were measured, added up exactly to days and months.

curve   what the points of a meter measure
register   cumulative registers: readings become what flowed between them
block   points of days of curves, as they are sent: sums, and what is wrong with them
readings   readings of registers, as they are sent: they become a block
draft   what a block makes of the days that are stored, and of the months of the books
"""
