"""The follower: every version of an inventory reaches the obligation, once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from services.kernel.errors import NeighbourUnavailable
from services.runtime import auth, outbox, revision
from services.runtime.database import Database
from services.trading import store
from services.trading.domain.market import Sector
from services.trading.domain.obligation import Basis, Obligation
from services.trading.domain.versioned import Versioned
from services.trading.jobs import Follower
from services.trading.neighbours import Accounting
from tests.trading import builders
from tests.trading.stand import ScriptedAccounting
from zonecarbon.accounting.v1 import accounting_service_pb2_grpc, verification_service_pb2_grpc
from zonecarbon.client import channel


@pytest.fixture
def follower(accounting: tuple[ScriptedAccounting, str], database: Database) -> Iterator[Follower]:
    with channel(accounting[1]) as opened:
        stub = accounting_service_pb2_grpc.AccountingServiceStub(opened)
        verifications = verification_service_pb2_grpc.VerificationServiceStub(opened)
        yield Follower(database, Accounting(stub, verifications, "zc-service"))


@pytest.fixture
def script(accounting: tuple[ScriptedAccounting, str]) -> ScriptedAccounting:
    return accounting[0]


def create(database: Database, id_: str = "chp", sector: Sector = Sector.POWER) -> None:
    """What CreateAccount does to the tables."""
    with database.write() as connection:
        taken = revision.take(connection)
        store.accounts.add(connection, builders.account(id_, sector=sector), taken)
        store.obligations.follow_from(connection, 0)


def newest(database: Database, year: int = 2024, id_: str = "chp") -> Versioned[Obligation] | None:
    with database.read() as connection:
        account = store.accounts.get(connection, auth.EVERYONE, id_).value
        return store.obligations.newest(connection, account, year)


def state(database: Database) -> tuple[int, int, int]:
    """Where the follower stands: the cursor, trading's revision, how many obligations there are."""
    with database.read() as connection:
        count = sa.select(sa.func.count()).select_from(store.obligations.obligations)
        return (
            store.obligations.followed(connection),
            revision.newest(connection),
            connection.execute(count).scalar_one(),
        )


def published(database: Database) -> list[tuple[str, int]]:
    with database.read() as connection:
        return [(each.name, each.resource_version) for each in outbox.after(connection, 0, 1000)]


def test_a_new_version_becomes_an_obligation_and_is_published(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(1_500_000)

    follower.follow()

    found = newest(database)
    assert found is not None
    assert (found.value.allowance_count, found.value.inventory_version, found.version) == (2, 1, 1)
    assert published(database) == [("accounts/chp/obligations/2024", 1)]
    assert state(database) == (1, 2, 1)


def test_nothing_new_changes_nothing(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(1_500_000)
    follower.follow()
    before = state(database)

    follower.follow()

    assert state(database) == before


def test_each_version_makes_its_own_and_what_says_the_same_makes_none(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    for grams, missing in ((1, "June"), (2, "June"), (9_000_000, ""), (9_000_000, "")):
        script.report(grams, missing=missing)

    follower.follow()

    found = newest(database)
    assert found is not None
    assert (found.version, found.value.inventory_version) == (3, 3)
    assert found.value.allowance_count == 9
    assert published(database) == [("accounts/chp/obligations/2024", n) for n in (1, 2, 3)]


def test_an_account_that_comes_later_gets_what_was_reported_before(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(9_000_000)
    script.report(7_000_000, enterprise="steel", missing="process emissions")
    follower.follow()
    first = newest(database)

    create(database, "steel", Sector.STEEL)
    assert state(database)[0] == 0, "nothing is said to be current while something waits"
    follower.follow()

    late = newest(database, id_="steel")
    assert late is not None
    assert late.value.missing is not None
    assert newest(database) == first, "what was counted is not counted again"
    assert state(database)[0] == 2


def test_enterprises_outside_the_market_and_years_before_it_are_passed_over(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(1, enterprise="bakery")
    script.report(1, year=2020)
    script.idle_revision_count = 3

    follower.follow()

    assert script.asked == []
    assert state(database)[::2] == (5, 0)


def test_more_changes_than_a_page_are_followed_to_the_end(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    for _ in range(1500):
        script.report(1, enterprise="bakery")
    last = script.report(5_000_000)

    follower.follow()

    found = newest(database)
    assert found is not None
    assert found.value.allowance_count == 5
    assert state(database)[0] == last


def test_an_interrupted_page_is_done_again_whole(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(5_000_000)
    hidden = script.versions.pop("enterprises/chp/inventories/2024")
    with pytest.raises(NeighbourUnavailable):
        follower.follow()
    assert state(database) == (0, 1, 0)

    script.versions["enterprises/chp/inventories/2024"] = hidden
    follower.follow()

    assert newest(database) is not None


def test_an_account_created_while_a_page_is_under_way_is_not_forgotten(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    """The account appears after the follower has looked who is concerned."""
    create(database)
    script.report(7_000_000, enterprise="steel")
    script.report(5_000_000)
    script.interrupt = lambda: create(database, "steel", Sector.STEEL)

    follower.follow()

    assert newest(database, id_="steel") is not None
    assert newest(database) is not None
    assert state(database)[0] == 2
    assert state(database)[2] == 2


def test_two_followers_at_once_count_once(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(5_000_000)
    script.interrupt = follower.follow

    follower.follow()

    assert state(database)[::2] == (1, 1)
    assert published(database) == [("accounts/chp/obligations/2024", 1)]


def history(database: Database) -> list[tuple[str, int, str]]:
    """The versions of the plant's obligation of 2024: basis, tonnes, and what changed."""
    o = store.obligations.obligations.c
    query = sa.select(o.basis, o.allowance_count, o.change).order_by(o.version)
    with database.read() as connection:
        return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def test_estimate_report_verification_and_restatement_each_change_it_once_and_say_why(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(7_000_000)
    script.report(8_000_400, method="ets-power", reported_t="8")
    script.report(9, method="ets-steel", reported_t="9")
    script.verify()
    script.report(8_600_000, method="ets-power", reported_t="9")
    script.report(8_600_000, method="ets-power", reported_t="9")

    follower.follow()
    follower.follow()

    steps = history(database)
    assert [(basis, tonnes) for basis, tonnes, _ in steps] == [
        ("ESTIMATE", 7),
        ("REPORTED", 8),
        ("VERIFIED", 8),
        ("REPORTED", 9),
    ]
    assert "restated to version 2 after it was verified" in steps[3][2]
    assert "8 t (verified" in steps[3][2]


def test_a_verified_total_of_another_figure_is_what_is_owed(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(8_000_000, method="ets-power", reported_t="8")
    script.verify(
        conclusion="CONFORMING_WITH_CORRECTIONS", figures={"reported.total_t": ("8", "11")}
    )
    follower.follow()

    found = newest(database)
    assert found is not None
    assert (found.value.basis, found.value.allowance_count) == (Basis.VERIFIED, 11)


def test_what_was_followed_is_not_followed_again_after_a_new_account(
    database: Database, script: ScriptedAccounting, follower: Follower
) -> None:
    create(database)
    script.report(8_000_000, method="ets-power", reported_t="8")
    script.report(9_000_000, method="ets-power", reported_t="9")
    script.verify()
    follower.follow()
    before = history(database)

    create(database, "steel", Sector.STEEL)
    follower.follow()

    assert history(database) == before
