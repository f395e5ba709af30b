from __future__ import annotations

import itertools

import pytest

from services.kernel.trust import Status, from_confidence, lowest

ORDER = (Status.UNVERIFIED, Status.SECONDARY, Status.DRAFT, Status.OFFICIAL)


def test_statuses_compare_by_trust_not_by_letters() -> None:
    assert tuple(sorted(Status)) == ORDER
    for (i, a), (j, b) in itertools.product(enumerate(ORDER), repeat=2):
        assert (a < b, a <= b, a > b, a >= b) == (i < j, i <= j, i > j, i >= j)


def test_a_result_is_trusted_like_the_least_of_its_parts() -> None:
    for parts in itertools.product(ORDER, repeat=3):
        assert lowest(*parts) is min(parts)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("official text read", Status.OFFICIAL),
        ("A", Status.OFFICIAL),
        ("A (threshold)", Status.OFFICIAL),
        ("official text read (draft text)", Status.DRAFT),
        ("secondary page", Status.SECONDARY),
        ("secondary page (agrees with MEE 2025 summary, official text read)", Status.SECONDARY),
        ("package", Status.SECONDARY),
        ("B", Status.SECONDARY),
        ("C", Status.SECONDARY),
        ("A-", Status.SECONDARY),
        ("A (clause) / C (operationalisation is ours)", Status.SECONDARY),
        ("memory", Status.UNVERIFIED),
        ("from memory - unverified", Status.UNVERIFIED),
        ("D", Status.UNVERIFIED),
        ("A (threshold) / D (denominator)", Status.UNVERIFIED),
        ("A (existence) / GAP (indicators)", Status.UNVERIFIED),
        (
            "official text read for the notice number; guide number from memory - unverified",
            Status.UNVERIFIED,
        ),
        ("", Status.UNVERIFIED),
        ("somebody said so", Status.UNVERIFIED),
    ],
)
def test_the_words_of_the_sources_become_the_four_of_the_house(said: str, status: Status) -> None:
    assert from_confidence(said) is status
