"""The files in deploy/ fit together, and name only what the app has."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit import config

from gatesviz.cli.commands import _parser

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PROXY = (DEPLOY / "haproxy.cfg").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_the_proxy_sends_browsers_to_the_servers_of_the_compose_file() -> None:
    servers = dict(re.findall(r'server (\w+) "\$\{GATESVIZ_[AB]-(\w+:\d+)\}" cookie \1', PROXY))
    assert servers == {name: f"{name}:8501" for name in servers}
    assert set(servers) == SERVICES.keys() - {"proxy", "database", "scheduler", "worker"}
    assert "EXPOSE 8501" in (ROOT / "Dockerfile").read_text()
    for name in servers:
        assert SERVICES[name]["depends_on"].keys() <= SERVICES.keys()


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_variable_is_one_that_is_read(path: Path) -> None:
    code = " ".join(each.read_text() for each in (ROOT / "gatesviz").rglob("*.py"))
    for name in set(re.findall(r"\bGATESVIZ_\w+", path.read_text())):
        assert f'"{name}"' in code or f"${{{name}-" in PROXY, name
    for name in set(re.findall(r"\bSTREAMLIT_SERVER_(\w+)", path.read_text())):
        key = re.sub("_(.)", lambda found: found[1].upper(), name.lower())
        config.get_option(f"server.{key}")  # it raises if there is none


def test_with_the_lines_for_tls_the_proxy_has_its_port_and_certificate() -> None:
    text = re.sub(r"# (.*  # TLS)", r"\1", (DEPLOY / "compose.yaml").read_text())
    services = yaml.safe_load(text)["services"]
    bind = re.search(r"# bind :(\d+) ssl crt (\S+)", PROXY)
    assert bind is not None
    assert f"{bind[1]}:{bind[1]}" in services["proxy"]["ports"]
    assert f"./gates.pem:{bind[2]}:ro" in services["proxy"]["volumes"]
    assert services["a"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"


def test_secrets_have_no_default() -> None:
    example = dict(
        line.split("=", 1)
        for line in (DEPLOY / "example.env").read_text().splitlines()
        if line and line[0] != "#"
    )
    assert [example[name] for name in ("POSTGRES_PASSWORD", "COOKIE_SECRET")] == ["", ""]
    used = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert used == example.keys()
    for published in (each for name, each in SERVICES.items() if name != "proxy"):
        assert "ports" not in published  # only the proxy can be reached


def test_the_unit_starts_the_app_with_options_that_it_has() -> None:
    unit = (DEPLOY / "gatesviz@.service").read_text()
    command = re.search("^ExecStart=(.*)$", unit, re.MULTILINE)
    assert command is not None
    options = _parser().parse_args(shlex.split(command[1].replace("%i", "8502"))[1:])
    assert (options.address, options.port) == ("127.0.0.1", 8502)


def test_kubernetes_takes_files_as_large_as_the_app_and_asks_its_own_address() -> None:
    deployment, service, ingress = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    annotations = ingress["metadata"]["annotations"]
    body = annotations["nginx.ingress.kubernetes.io/proxy-body-size"]
    settings = (ROOT / ".streamlit" / "config.toml").read_text()
    assert f"maxUploadSize = {body.removesuffix('m')}\n" in settings
    pod = deployment["spec"]["template"]
    [container] = pod["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/_stcore/health"
    assert "option httpchk GET /_stcore/health" in PROXY
    assert service["spec"]["selector"] == pod["metadata"]["labels"]
