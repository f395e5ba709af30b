from __future__ import annotations

import pytest

from services.runtime import config
from services.runtime.config import Settings


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of ours stands in the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ZONECARBON_{name.upper()}", raising=False)


def test_without_variables_the_services_listen_on_loopback() -> None:
    settings = config.load()

    listening = (settings.registry_listen, settings.accounting_listen, settings.trading_listen)
    assert all(address.startswith("127.0.0.1:") for address in listening)
    assert len(set(listening)) == len(listening)


def test_variables_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONECARBON_REGISTRY_LISTEN", "0.0.0.0:7")
    monkeypatch.setenv("ZONECARBON_WORKER_THREADS", "4")

    settings = config.load()
    assert (settings.registry_listen, settings.worker_threads) == ("0.0.0.0:7", 4)


def test_an_unknown_variable_is_refused_with_the_known_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ZONECARBON_REGISTRY_LISTN", "127.0.0.1:1")

    with pytest.raises(SystemExit) as refused:
        config.load()
    assert "ZONECARBON_REGISTRY_LISTN" in str(refused.value)
    assert "'ZONECARBON_REGISTRY_LISTEN'" in str(refused.value)


def test_variables_of_the_command_line_may_stand_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONECARBON_CLI_KEY", "zc-secret")

    assert config.load() == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKER_THREADS", "many"),
        ("WORKER_THREADS", "0"),
        ("DRAIN_SECONDS", "-1"),
        ("FOLLOW_SECONDS", "0"),
    ],
)
def test_a_bad_value_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"ZONECARBON_{name}", value)
    monkeypatch.setenv("ZONECARBON_BOOTSTRAP_KEY", "zc-secret")

    with pytest.raises(SystemExit) as refused:
        config.load()
    assert f"ZONECARBON_{name}: " in str(refused.value)
    assert "zc-secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["DATABASE_URL", "BOOTSTRAP_KEY", "SERVICE_KEY"])
def test_secrets_are_printed_masked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"ZONECARBON_{name}", "postgresql://user:zc-secret@host/db")

    settings = config.load()
    assert "zc-secret" not in f"{settings} {settings!r}"
    assert getattr(settings, name.lower()).get_secret_value().count("zc-secret") == 1
