"""What is recorded for simulated power cuts: a server of two workers, people who answer, mixing, seals, and the close.

``python -m tests.reliability.power_scene INSTANCE PORT CODE …``
"""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import threading
from pathlib import Path

from werkzeug.wrappers import Response

from survey import closing, create_app, mixing, seals, wave
from survey.clock import now
from survey.config import load
from survey.store import DRAFT_MIGRATIONS, Store
from tests.journeys.respondent import Respondent
from tests.served import Wire, wait_for

CLIENTS = 4


class PlainWire(Wire):
    """Asks for pages as they are, so that a record of what was sent can be read."""

    def open(self, target: str, **asked: object) -> Response:  # type: ignore[override]
        """Ask; the driver gets it packed, as it likes it."""
        answer = super().open(target, **(asked | {"headers": {}}))  # type: ignore[arg-type]
        answer.set_data(gzip.compress(answer.get_data()))
        answer.headers["Content-Encoding"] = "gzip"
        return answer


def play(instance: Path, port: int, codes: list[str]) -> None:
    """Answer with every code, and close the wave."""
    settings = load(instance)
    app, store = create_app(settings), Store(settings.database)
    command = [sys.executable, "-m", "survey.cli", "--instance", str(instance), "serve", "--workers", "2"]
    server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL, text=True)  # noqa: S603
    assert wait_for(f"http://127.0.0.1:{port}/readyz", server) == 200

    def answer() -> None:
        while codes:
            try:
                code = codes.pop()
            except IndexError:  # another was faster
                return
            person = Respondent(app, code)
            person.client = PlainWire(port)  # type: ignore[assignment]
            person.fill_to_check()
            person.fill()

    crew = [threading.Thread(target=answer) for _ in range(CLIENTS)]
    for member in crew:
        member.start()
    while any(member.is_alive() for member in crew):
        mixing.mix(store, "demo", 5)
        seals.seal(store, now, wave.get(store, "demo"))
        for member in crew:
            member.join(0.2)
    server.send_signal(signal.SIGTERM)
    server.wait()
    closing.close(store, Store(settings.drafts, DRAFT_MIGRATIONS), now, wave.get(store, "demo"), who="scene")


if __name__ == "__main__":
    play(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
