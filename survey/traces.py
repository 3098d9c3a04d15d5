"""What to do where a database is not there, or empty: nobody is to make a new one over what was kept in the old."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from survey.config import Settings
from survey.store import Place

_WAVE_KEYS = ("*.code", "*.public", "*.private")
_BESIDE = ("drafts.db", "before-restore-*", "backups/*", "datasets/*")


def found(settings: Settings) -> list[str]:
    """What says that answers were kept here before: keys of waves, and what an instance leaves beside its database."""
    return list(_found(settings))


def _found(settings: Settings) -> Iterator[str]:
    try:
        waves = {file.stem for kind in _WAVE_KEYS for file in settings.keys.glob(kind)}
        if waves:
            yield f"keys of {', '.join(sorted(waves))} in {settings.keys}"
        for kind in _BESIDE:
            yield from sorted(str(file) for file in settings.instance.glob(kind))
    except OSError as error:  # what cannot be looked at may be all there is left
        yield f"{error.filename}, which cannot be looked at: {error.strerror}"


def mend(settings: Settings, place: Place) -> str:
    """What to do about a database of this instance without a schema."""
    init = f"`phieu --instance {settings.instance} init`"
    if isinstance(place, Path) and place == settings.drafts:
        return (
            f"forms that were begun and not sent were in it, and no backup holds them. Bring the file back, or run "
            f"{init}: it makes an empty one and leaves the rest as it is; whoever had begun begins anew"
        )
    traces = found(settings)
    if not traces:
        return f"run {init} first"
    file = isinstance(place, Path)
    where = "bring the file back" if file else "look whether its address is the right one"
    return (
        f"answers were kept here before ({'; '.join(traces)}). Do not run `init`, which would make an empty one: "
        f"{where}, or restore the last backup, `phieu --instance {settings.instance} restore FILE --yes`"
    )
