"""The containers of the deploy kit: files that compose takes, that name what is there, and settings that the
program and PostgreSQL know.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from surveys.settings import PREFIX, Settings, read_settings
from tests.databases import server as databases
from tests.deployed.kit import DEPLOY, unit

CONTAINERS = DEPLOY / "containers"
FILES = ("compose.yaml", "compose.postgresql.yaml")
SCHEMA = json.loads((Path(__file__).parent / "compose-spec.json").read_text("utf-8"))


def read(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((CONTAINERS / name).read_text("utf-8")))


def together(*names: str) -> dict[str, dict[str, Any]]:
    """The services of several files: a later one's values go over an earlier one's, lists follow them."""
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        for service, says in read(name)["services"].items():
            held = found.setdefault(service, {})
            for key, value in says.items():
                before = held.get(key)
                if isinstance(before, dict) and isinstance(value, dict):
                    held[key] = before | value
                else:
                    held[key] = before + value if isinstance(before, list) and key != "command" else value
    return found


@pytest.mark.parametrize("name", FILES)
def test_the_file_has_the_form_of_the_compose_specification(name: str) -> None:
    errors = [
        f"{error.json_path}: {error.message}" for error in Draft7Validator(SCHEMA).iter_errors(read(name))
    ]
    assert errors == []


def test_a_misspelt_word_is_found_out() -> None:
    wrong = read("compose.yaml")
    wrong["services"]["site"]["healthchek"] = {}
    assert list(Draft7Validator(SCHEMA).iter_errors(wrong))


@pytest.mark.parametrize("names", [FILES[:1], FILES], ids=["files", "postgresql"])
def test_compose_itself_takes_them(names: tuple[str, ...]) -> None:
    for program in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(program[0])
            and not subprocess.run([*program, "version"], capture_output=True, check=False).returncode
        ):
            files = [each for name in names for each in ("-f", str(CONTAINERS / name))]
            call = [*program, *files, "--env-file", str(CONTAINERS / "env.example"), "config", "--quiet"]
            done = subprocess.run(call, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            return
    pytest.skip("COMPOSE ITSELF DID NOT READ THE FILES: docker compose is not installed")


@pytest.mark.parametrize("names", [FILES[:1], FILES], ids=["files", "postgresql"])
def test_everything_that_is_named_is_there(names: tuple[str, ...]) -> None:
    services = together(*names)
    volumes = {each for name in names for each in read(name)["volumes"]}
    networks = set(read("compose.yaml")["networks"])
    variables = set(re.findall(r"(?m)^(\w+)=", (CONTAINERS / "env.example").read_text("utf-8")))
    for says in services.values():
        for volume in says["volumes"]:
            source = re.sub(r"\$\{\w+:\?[^}]*\}", "$", volume).split(":")[0]
            assert source in volumes or source == "$" or (CONTAINERS / source).resolve().is_file(), volume
        assert set(says.get("networks", ())) <= networks
        assert set(says.get("depends_on", ())) <= set(services)
    for name in names:
        assert set(re.findall(r"\$\{(\w+)", (CONTAINERS / name).read_text("utf-8"))) <= variables


def test_the_settings_are_the_programs_and_the_services_those_of_the_units() -> None:
    known = {f"{PREFIX}{field.name.upper()}" for field in dataclasses.fields(Settings)}
    services = together(*FILES)
    for name, serve in (("site", "site"), ("booth", "voter")):
        given = services[name]["environment"]
        assert {key for key in given if key.startswith(PREFIX)} <= known
        assert read_settings(given).serve == serve
        assert f"{PREFIX}SERVE={serve}" in unit(f"tin-nhiem-{name}.service")["Environment"]
        (way,) = unit(f"tin-nhiem-{name}.socket")["ListenStream"]
        assert given["GUNICORN_CMD_ARGS"] == f"--bind unix:{way}"
        assert "keyring:/etc/tin-nhiem:ro" in services[name]["volumes"]
    assert services["booth"]["network_mode"] == "none"
    assert "ports" not in services["site"]


def test_the_check_of_health_tells_a_service_that_answers_from_one_that_does_not(tmp_path: Path) -> None:
    (_, program, option, code) = read("compose.yaml")["services"]["site"]["healthcheck"]["test"]
    for line, healthy in (b"HTTP/1.1 200 OK\r\n\r\n", True), (b"HTTP/1.1 500 No\r\n\r\n", False):
        path = tmp_path / f"{healthy}.sock"
        with socket.socket(socket.AF_UNIX) as service:
            service.bind(str(path))
            service.listen()

            def answer(service: socket.socket = service, line: bytes = line) -> None:
                visitor, _ = service.accept()
                with visitor:
                    assert visitor.recv(1000).startswith(b"GET /healthz HTTP/1.0\r\n")
                    visitor.sendall(line)

            answering = threading.Thread(target=answer)
            answering.start()
            done = subprocess.run(
                [shutil.which("python3") or program, option, code],
                env={"GUNICORN_CMD_ARGS": f"--bind unix:{path}"},
                capture_output=True,
                check=False,
            )
            answering.join()
        assert (done.returncode == 0) is healthy


def test_the_proxys_container_changes_the_user_and_nothing_else(tmp_path: Path) -> None:
    (script,) = together(*FILES)["nginx"]["command"]
    line, last = script.strip().splitlines()
    assert last == "exec nginx -c /run/nginx.conf -g 'daemon off;'"
    line = line.replace("/etc/nginx/tin-nhiem.conf", str(DEPLOY / "nginx.conf")).replace(
        "/run/", f"{tmp_path}/"
    )
    subprocess.run(["/bin/sh", "-ec", line], check=True)
    ours, theirs = (DEPLOY / "nginx.conf").read_text("utf-8"), (tmp_path / "nginx.conf").read_text("utf-8")
    assert ours != theirs == ours.replace("user www-data;", "user nginx;")


def test_the_image_is_made_of_what_lies_in_the_folder_and_runs_as_nobody_in_particular() -> None:
    text = (CONTAINERS / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    said = [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    assert said[0] == ["FROM", "docker.io/library/python:3.11-slim-bookworm"]
    steps = dict(said[1:])
    assert steps["USER"] == "10001:10001"
    (command,) = (json.loads(rest) for word, rest in said if word == "CMD")
    assert command == [
        "gunicorn",
        "--config",
        "/usr/local/etc/tin-nhiem/gunicorn.conf.py",
        "app:create_app()",
    ]
    (copied,) = (rest.split() for word, rest in said if word == "COPY")
    assert (DEPLOY / copied[0]).is_file()
    assert copied[1] == command[2]
    (installing,) = (rest for word, rest in said if word == "RUN" and "pip install" in rest)
    assert {"--no-index", "--require-hashes"} <= set(installing.split())
    allowed = (CONTAINERS / "Containerfile.dockerignore").read_text("utf-8").split()
    assert allowed == ["*", "!wheels/", "!gunicorn.conf.py"]
    given = dict(re.findall(r"(TIN_NHIEM_\w+)=(\S+)", steps["ENV"]))
    assert read_settings(given).keyring == Path("/etc/tin-nhiem/keyring.json")


def test_the_tests_of_the_stores_run_on_postgresql_with_the_settings_of_the_file() -> None:
    says = together(*FILES)["postgresql"]
    given = dict(each.removeprefix("--").split("=") for each in says["command"][1:])
    assert given.pop("unix_socket_directories") == "/run/postgresql"
    assert int(given.pop("max_connections")) <= int(databases.SETTINGS["max_connections"])
    assert given.items() <= databases.SETTINGS.items()
    assert given["wal_level"] == "minimal"
    assert "--locale=C" in says["environment"]["POSTGRES_INITDB_ARGS"]
    for name in ("site", "booth"):
        assert read_settings(together(*FILES)[name]["environment"]).database.endswith("?host=/run/postgresql")
