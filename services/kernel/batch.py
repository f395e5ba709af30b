"""What every batch of a request keeps."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from services.kernel.errors import DuplicateRow


def check_each_once(field: str, keys: Iterable[Hashable]) -> None:
    """Raise DuplicateRow if two rows of the list `field` have the same key.

    >>> check_each_once("units", ["a", "b", "a"])
    Traceback (most recent call last):
    services.kernel.errors.fields.DuplicateRow: units[2] repeats units[0]. Each row may stand in a \
batch once: remove one of the two.
    """
    first: dict[Hashable, int] = {}
    for index, key in enumerate(keys):
        if key in first:
            raise DuplicateRow(field=f"{field}[{index}]", first=f"{field}[{first[key]}]")
        first[key] = index
