"""A bar on standard error while long work goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def progress(text: str) -> Iterator[Callable[..., None]]:
    """Gives a function (done, total[, what]) that moves the bar and says what goes on; silent where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(text, total=None)

        def moved(done: int, total: int, what: str = "") -> None:
            shown.update(task, completed=done, total=total, description=f"{text}: {what}" if what else text)

        yield moved
