"""What deploy/ says is checked with the tools of its trade, offline; nothing is built or run."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from ruamel.yaml import YAML

from deploy.health import problem
from services.runtime.config import Settings
from services.runtime.metrics import Metrics, MetricsServer
from tests.fixtures.prometheus import binary

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"


def passes(*command: str | Path) -> None:
    done = subprocess.run(
        command, cwd=DEPLOY, capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def script(name: str) -> Path:
    return Path(sysconfig.get_path("scripts"), name)


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path)


def test_the_compose_file_fits_the_specification() -> None:
    passes(script("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")


def test_the_dockerfile_passes_its_linter() -> None:
    passes(script("hadolint"), "Dockerfile")


def test_the_dockerfile_copies_what_exists_and_is_let_through() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text()
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)

    for source in " ".join(copies).split():
        assert (ROOT / source).exists(), source
        assert f"\n!{source}\n" in ignored, source


def test_prometheus_is_configured_well() -> None:
    passes(binary("promtool"), "check", "config", "prometheus/prometheus.yml")


def test_alerts_fire_when_they_should_and_only_then() -> None:
    passes(binary("promtool"), "check", "rules", "prometheus/rules.yml")
    passes(binary("promtool"), "test", "rules", "prometheus/rules_test.yml")


def test_every_alert_is_tested_and_has_a_runbook() -> None:
    rules = [rule for group in read(RULES)["groups"] for rule in group["rules"]]
    alerts = {rule["alert"]: rule for rule in rules if "alert" in rule}
    operating = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    tested = (DEPLOY / "prometheus" / "rules_test.yml").read_text()
    headings = re.findall(r"^#+ (.+)$", operating, re.MULTILINE)

    for name, rule in alerts.items():
        assert f"alertname: {name}\n" in tested
        assert name in headings, f"docs/operating.md has no heading {name}"
        assert rule["annotations"]["runbook"] == f"docs/operating.md#{name.lower()}"


def test_prometheus_scrapes_every_service_where_it_serves_metrics() -> None:
    services = read(DEPLOY / "compose.yaml")["services"]
    jobs = read(DEPLOY / "prometheus" / "prometheus.yml")["scrape_configs"]
    scraped = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}

    served = {
        name: [f"{name}:{service['environment']['ZONECARBON_METRICS_LISTEN'].rsplit(':')[-1]}"]
        for name, service in services.items()
        if service["image"].startswith("zonecarbon")
    }

    assert scraped == served


def test_every_setting_is_one_that_the_services_know() -> None:
    known = {f"ZONECARBON_{name.upper()}" for name in Settings.model_fields}

    for name, service in read(DEPLOY / "compose.yaml")["services"].items():
        given = {key for key in service.get("environment", {}) if key.startswith("ZONECARBON_")}
        assert given <= known, name


def test_no_secret_has_a_default() -> None:
    example = (DEPLOY / "zonecarbon.env.example").read_text()
    compose = (DEPLOY / "compose.yaml").read_text()
    secrets = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", example))
    uses = re.findall(r"\$\{([A-Z_]+)([^}]*)\}", compose)

    assert set(secrets.values()) == {""}
    assert {name for name, _ in uses} == set(secrets)
    for name, otherwise in uses:
        assert otherwise == ":-" or otherwise.startswith(":?"), name
        assert name != "POSTGRES_PASSWORD" or otherwise.startswith(":?")


def test_the_health_check_tells_a_serving_server_from_the_others() -> None:
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        servicer.set("", health_pb2.HealthCheckResponse.SERVING)
        assert problem(address) is None

        servicer.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        assert problem(address) == f"{address}: NOT_SERVING"
    finally:
        server.stop(grace=None).wait()
    assert "UNAVAILABLE" in (problem(address) or "")


def test_the_health_check_asks_over_http_where_it_is_given_a_url() -> None:
    server = MetricsServer(Metrics(), "127.0.0.1:0", lambda: well)
    url = f"http://{server.address}/healthz"
    try:
        well = True
        assert problem(url) is None
        well = False
        assert "503" in (problem(url) or "")
    finally:
        server.stop()
    assert "refused" in (problem(url) or "")


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.y*ml")), ids=lambda path: path.name)
def test_no_image_is_taken_by_a_moving_name(path: Path) -> None:
    assert not re.search(r":latest\b", path.read_text())
