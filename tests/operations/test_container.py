"""Dockerfile and compose file, as far as they can be held against the product without an engine."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from survey import config
from tests.house.commands_in_pages import wrong
from tests.operations.proxies import SHIPPED

HERE = SHIPPED / "container"
ROOT = SHIPPED.parents[1]
DOCKERFILE = (HERE / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("init", "public", "desk")
NGINX = (SHIPPED / "nginx.conf").read_text("utf-8")
# A tag, and nothing before the name that would be a host: a dot, a port.
PINNED = re.compile(r"[a-z][a-z0-9-]*:[0-9]+(\.[0-9]+)*(-[a-z0-9.-]+)?\Z")


def told(instruction: str) -> list[str]:
    return re.findall(rf"(?m)^{instruction} +(.+)$", DOCKERFILE)


def test_images_have_a_tag_and_no_host() -> None:
    bases = [each.split(" AS ")[0] for each in told("FROM")]
    images = [each["image"] for each in SERVICES.values()]
    assert len(bases) == 2 and set(bases) == {bases[0]}
    assert [image for image in (*bases, *images) if image != "phieu" and not PINNED.match(image)] == []
    assert "://" not in DOCKERFILE.replace("http://127.0.0.1:8000/readyz", "")
    assert not PINNED.match("index.example.org/python:3.12") and not PINNED.match("python:latest")


def test_the_image_is_not_root_and_holds_what_is_needed() -> None:
    assert told("USER") == ["10001:10001"] and "--uid 10001" in DOCKERFILE
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    copied = [word for line in told("COPY") if "--from" not in line for word in line.split()[:-1]]
    assert {"forms", "analysis", "survey", "requirements.lock", "pyproject.toml"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert not {"instance", "."} & set(copied), "an instance, or whatever lies about, is no part of the image"
    sent = (HERE / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert "*" in sent and {line[1:] for line in sent if line.startswith("!")} == set(copied)
    (check,) = told("HEALTHCHECK")
    assert "http://127.0.0.1:8000/readyz" in check
    entry, command = json.loads(told("ENTRYPOINT")[0]), json.loads(told("CMD")[-1])
    assert entry == ["phieu"] and wrong(command) == ""


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_no_root_and_writes_only_where_it_may(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] not in ("root", "0", "0:0") and service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service and "cap_add" not in service
    mounts = [each for each in service["volumes"] if not each.endswith(":ro")]
    assert [each for each in mounts if each.partition(":")[0] not in COMPOSE["volumes"]] == [], "a host's folder"


@pytest.mark.parametrize("name", OURS)
def test_our_commands_exist_and_read_what_the_file_sets(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = SERVICES[name]
    assert wrong([str(word) for word in service["command"]]) == ""
    given = {key: str(value) for key, value in service["environment"].items()}
    assert set(given) == {"PHIEU_INSTANCE", "PHIEU_BASE_URL", "PHIEU_DATABASE", "PHIEU_WORKERS", "PGPASSFILE"}
    assert given["PHIEU_BASE_URL"].startswith("${PHIEU_BASE_URL:?")  # compose stops when nobody says it
    given["PHIEU_BASE_URL"] = "https://khaosat.example.vn"
    (tmp_path / "phieu.toml").write_text("", "utf-8")
    settings = config.load(tmp_path, given)
    assert settings.server is not None and settings.workers == 2 and settings.base_url == given["PHIEU_BASE_URL"]
    assert f"//phieu@{'database'}/phieu" in given["PHIEU_DATABASE"] and "database" in SERVICES
    target = given["PGPASSFILE"].rpartition("/")
    assert target[0] == "/run/secrets" and target[2] in service["secrets"]
    assert f"{given['PHIEU_INSTANCE']}" in {each.partition(":")[2] for each in service["volumes"]}


def test_secrets_are_files_and_stand_nowhere_else() -> None:
    used = {each if isinstance(each, str) else each["source"] for one in SERVICES.values() for each in one["secrets"]}
    assert used == set(COMPOSE["secrets"]) and all(set(each) == {"file"} for each in COMPOSE["secrets"].values())
    database = SERVICES["database"]["environment"]
    assert database["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_password"  # noqa: S105
    assert "POSTGRES_PASSWORD" not in database and "POSTGRES_HOST_AUTH_METHOD" not in database


def test_the_database_is_reached_from_inside_alone_and_keeps_no_log_that_joins() -> None:
    service = SERVICES["database"]
    assert service["networks"] == ["inside"] and "ports" not in service
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "--encoding=UTF8 --locale=C" in service["environment"]["POSTGRES_INITDB_ARGS"]
    asked = (ROOT / "docs" / "anonymity.md").read_text("utf-8").split("## On PostgreSQL")[1].split("\n## ")[0]
    wanted = {f"{name}={value}" for name, value in re.findall(r"`(\w+) = ([\w-]+)`", asked.split("\nSo: ")[1])}
    assert len(wanted) == 8 and wanted <= set(service["command"])


def test_proxy_and_servers_meet_where_the_shipped_file_says() -> None:
    assert SERVICES["proxy"]["network_mode"] == SERVICES["desk"]["network_mode"] == "service:public"
    for name in ("public", "desk"):
        command = [str(word) for word in SERVICES[name]["command"]]
        port = command[command.index("--port") + 1]
        assert command[command.index("--only") + 1] == name and command[command.index("--host") + 1] == "127.0.0.1"
        assert f"upstream phieu_{name}" in NGINX and f"server 127.0.0.1:{port};" in NGINX
    check = SERVICES["desk"]["healthcheck"]["test"]
    assert "http://127.0.0.1:8001/readyz" in check[-1]
    assert [word.partition(":")[0] for word in SERVICES["public"]["ports"]] == ["80", "443"]
    for each in SERVICES["proxy"]["secrets"]:
        assert f" {each['target']};" in NGINX, "certificates lie where nginx.conf looks"
    (mounted,) = SERVICES["proxy"]["volumes"]
    assert (HERE / mounted.partition(":")[0]).resolve() == SHIPPED / "nginx.conf"
    assert "/var/log/nginx" in NGINX and any("/var/log/nginx" in each for each in SERVICES["proxy"]["tmpfs"])


def test_what_was_not_checked_is_said_where_people_look() -> None:
    page = (HERE / "README.md").read_text("utf-8")
    assert "Nobody has built this image" in page and "NOT checked" in DOCKERFILE
    assert "NOT" in (HERE / "compose.yaml").read_text("utf-8").split("services:")[0]
    lines = re.findall(r"docker compose run --rm init (.+)", page)
    assert lines and [fault for line in lines if (fault := wrong(shlex.split(line.strip("`").split("`")[0])))] == []
