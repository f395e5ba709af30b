"""Accounting: activity becomes emissions, emissions become inventories, inventories the zone's.

The way of one number, module by module:

    wire.report        the row as it came, or the errors it has
    domain.row         is it whole in itself
    domain.binding     the factors its method takes, found by the registry or brought by the caller
    domain.report      is it known, does it fit what is stored: accepted or refused
    domain.posting     what accepted rows make of the books: new versions of lines and inventories
    domain.line        source × month × binding: exact sums, converted and multiplied once
    domain.emission    the formula, step by step, and the one rounding
    domain.inventory   lines added up for a year; what is missing
    domain.zone        inventories added up for a zone; what members pass to each other taken out
    domain.quality     how well a total is known; what is missing or odd in what it is made of
    domain.explanation the same way backwards
"""

from __future__ import annotations
