"""``phieu serve``: the production server."""

from __future__ import annotations

import errno
import logging
import socket
import sys
from pathlib import Path

import click

from forms.faults import Faults
from survey import logs, traces
from survey.config import Settings, load
from survey.sides import Side
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Store


def address_from_outside() -> str:
    """This machine's address in its network; asking which way a packet would go sends none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def require_free(host: str, port: int) -> None:
    """Raise Faults unless this address can be listened on and nobody does.

    The server's own sockets may share a port among its workers (SO_REUSEPORT), so that a second server would silently
    take half of the first one's requests; the one tried here may not.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that just ended are no obstacle
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Faults(
                f"port {port} of {host} is in use: stop what listens there, or choose another --port"
            ) from None
        raise Faults(f"port {port} of {host} cannot be listened on: {error.strerror}") from error


def require_schema(settings: Settings) -> None:
    """Raise Faults where the database is of another version: pages would fail one by one."""
    for path, migrations in ((settings.database, MIGRATIONS), (settings.drafts, DRAFT_MIGRATIONS)):
        store = Store(path, migrations)
        try:
            version = store.version() if store.exists() else 0
        finally:
            store.close()
        if not version:
            raise Faults(f"{path} is missing or empty: {traces.mend(settings, path)}")
        if version != len(migrations):
            run = f"run `phieu --instance {settings.instance} upgrade` first"
            if version > len(migrations):
                run = "it comes from a newer one: use that, or restore a backup of before"
            raise Faults(f"{path} has schema {version} where this version of Phiếu needs {len(migrations)}: {run}")


def announcement(host: str, port: int, base_url: str, only: Side | None = None) -> str:
    """Where to look, in words."""
    everywhere = host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    start = "/desk/" if only is Side.DESK else "/"
    lines = [f"Phiếu listens on http://{'127.0.0.1' if everywhere else host}:{port}{start}"]
    if everywhere:
        lines.append(f"From a phone in the same network: http://{address_from_outside()}:{port}{start}")
    if only is Side.DESK:
        lines.append("This server has the desk alone; respondents' pages are served by another.")
        return "\n".join([*lines, "Ctrl-C stops it; what is under way is finished."])
    if only is Side.PUBLIC:
        lines.append("This server has no desk.")
    lines.append(f"Slips and links lead to {base_url}/P/… (base_url in phieu.toml, or PHIEU_BASE_URL).")
    lines.append("Type a code on the first page to see a questionnaire. Ctrl-C stops it; answers under way are kept.")
    return "\n".join(lines)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes (default: workers in phieu.toml).")
@click.option(
    "--only",
    type=click.Choice([side.value for side in Side]),
    help="Serve one side on this port: public (no /desk route) or desk (no respondent's page).",
)
@click.pass_obj
def serve(instance: Path, host: str, port: int, workers: int | None, only: str | None) -> None:
    """Serve the respondents' pages and the desk, and mix submitted answers beside it."""
    settings = load(instance)
    # Imported here: the settings' faults are said before the server's machinery is loaded.
    from survey.serving import serve as serve_until_stopped

    require_schema(load(instance))
    require_free(host, port)
    side = Side(only) if only else None
    if sys.stderr.isatty():
        click.echo(announcement(host, port, settings.base_url, side), err=True)
    else:
        logs.begin()
        said = logs.event("server.begins", address=f"http://{host}:{port}/", links=f"{settings.base_url}/P/", only=only)
        logging.getLogger("phieu").info("the server begins", extra=said)
    serve_until_stopped(settings, host, port, workers or settings.workers, side)
