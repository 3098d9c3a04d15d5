"""What ``phieu doctor`` looks at: each finding says what was checked, what is wrong and how to mend it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

from forms.faults import Faults
from survey import audit, guarded, links, originals, placed_key, seals, surroundings, traces, wave
from survey.clock import Clock, now
from survey.config import Settings
from survey.counter import equipment
from survey.finding import Finding
from survey.keying import keyers
from survey.keys import Keyring
from survey.metrics import access
from survey.setup import uploads
from survey.store import DRAFT_MIGRATIONS, MIGRATIONS, Place, Store, StoreError

BESIDE = 10  # connections to a database server: the mixer's, a job's, a command's


def examine(settings: Settings, clock: Clock = now) -> list[Finding]:
    """Look at everything; changes nothing."""
    findings = [
        *guarded.files(settings),
        guarded.instance_key(settings),
        *_password(settings),
        *_metrics(settings),
        *_uploads(settings, clock),
        *surroundings.around(settings, clock),
    ]
    for path, migrations in ((settings.database, MIGRATIONS), (settings.drafts, DRAFT_MIGRATIONS)):
        findings.append(_database(settings, path, migrations))
    findings += _server(settings)
    if not any(finding.fault for finding in findings if finding.what == str(settings.database)):
        findings += _collected(settings, clock)
    return findings


def _uploads(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Lists with contacts that were sent in at the desk lie no longer than a day."""
    folder = settings.instance / "uploads"
    if not folder.is_dir():
        return
    yield guarded.mode(folder, 0o700)
    before = (clock() - uploads.KEPT).timestamp()
    old = [str(each) for each in uploads.folders(settings) if each.stat().st_mtime < before]
    fault = f"{len(old)} lists with contacts lie there for more than a day, never imported" if old else ""
    yield Finding(str(folder), fault, f"import them at the desk, or rm -r {shlex.join(old)}" if old else "")


def _password(settings: Settings) -> Iterator[Finding]:
    """The mail server's password is where the configuration says."""
    if settings.smtp is not None and settings.smtp.password_file:
        file = settings.instance / settings.smtp.password_file
        try:
            there = file.is_file()
        except OSError as error:
            fault = f"cannot be looked at: {error.strerror}"
            yield Finding("password of [smtp]", fault, guarded.taken_back(settings, file.parent))
            return
        if there:
            yield guarded.mode(file, 0o600)
        else:
            yield Finding("password of [smtp]", "is not there", f"put it into {file}, mode 0600")


def _metrics(settings: Settings) -> Iterator[Finding]:
    """Who may read the figures holds a token that nobody guesses, nor reads here."""
    if not (settings.metrics.enabled and settings.metrics.token_file):
        return
    file = access.file(settings)
    if access.token(settings) is None:
        fault = f"{file} holds no token of {access.SHORTEST} characters or more: /metrics is answered to nobody"
        yield Finding("token of [metrics]", fault, f"umask 077; openssl rand -hex 32 > {file}")
    else:
        yield guarded.mode(file, 0o600)


def _database(settings: Settings, path: Place, migrations: tuple[Path, ...]) -> Finding:
    store = Store(path, migrations)
    try:
        if not store.exists():
            return Finding(str(path), "is missing", traces.mend(settings, path))
        version, damage = store.version(), store.check_integrity()
        if version == len(migrations) and not damage:
            store.check_writable()
    except StoreError as error:
        return Finding(str(path), f"cannot be used: {error}", "check disk and owner; else restore a backup")
    finally:
        store.close()
    if damage:
        return Finding(str(path), f"is damaged: {damage[0]}", "stop the server and restore the last backup")
    if version != len(migrations):
        fault = f"has schema {version} where this version of Phiếu needs {len(migrations)}"
        mend = f"phieu --instance {settings.instance} upgrade" if version else traces.mend(settings, path)
        newer = "it comes from a newer version: use that one, or restore a backup of before"
        return Finding(str(path), fault, newer if version > len(migrations) else mend)
    return Finding(str(path))


def _server(settings: Settings) -> Iterator[Finding]:
    """What a database server does with what it was told."""
    store = Store(settings.database)
    try:
        at_once = settings.server.connections if settings.server else 0
        for what, fault, mend in store.check_server(settings.workers * at_once + BESIDE):
            yield Finding(f"server: {what}", fault, mend)
    except StoreError:
        return  # said of the database itself
    finally:
        store.close()


def _datasets(settings: Settings, store: Store) -> Iterator[Finding]:
    """Opened answers, where the freezes left them or a move of the instance brought them, as far as they are there."""
    with store.read() as tx:
        rows = [(row["wave"], json.loads(row["detail"])) for row in tx.audit_all() if row["action"] == audit.FROZEN]
    logged = [(wave, Path(detail["folder"])) for wave, detail in rows if "folder" in detail]
    moved = [settings.instance / "datasets" / str(wave) / folder.name for wave, folder in logged]
    for folder in dict.fromkeys([*(folder for _, folder in logged), *moved]):
        if folder.is_dir():
            yield guarded.mode(folder, 0o700)
            yield from (guarded.mode(file, 0o600) for file in sorted(folder.iterdir()))


def _collected(settings: Settings, clock: Clock) -> Iterator[Finding]:
    store, keyring = Store(settings.database), Keyring(settings)
    try:
        yield from _datasets(settings, store)
        broken = audit.verify(store)
        mend = "compare with the heads in the seals that witnesses hold" if broken else ""
        yield Finding("audit log", "; ".join(broken), mend)
        altered = originals.faults(store)
        mend = f"{originals.MEND}; compare with the plan and the questionnaires that were announced" if altered else ""
        yield Finding("plans and questionnaires", "; ".join(altered), mend)
        with store.read() as tx:
            states = {row["id"]: tx.invitation_wave_state(wave=row["id"]) for row in tx.invitation_waves()}
        yield from (_seals(store, identity) for identity, state in states.items() if state != "draft")
        if altered:
            return  # what else is looked at reads the plans
        yield from surroundings.within(settings, store, clock)
        for identity, state in states.items():
            yield from _wave(settings, store, keyring, identity, state)
        yield from _placed(settings, states)
        yield from _counters(settings, store, [identity for identity, state in states.items() if state == "open"])
        yield from _links(settings, store, [identity for identity, state in states.items() if state == "open"])
    finally:
        store.close()


def _placed(settings: Settings, states: dict[str, str]) -> Iterator[Finding]:
    """A private key is placed here for one freeze; afterwards it lies open to whoever has the server."""
    if (settings.instance / placed_key.FOLDER).is_dir():
        yield guarded.mode(settings.instance / placed_key.FOLDER, 0o700)
    for identity, state in states.items():
        file = placed_key.place(settings.instance, identity)
        if placed_key.look(settings.instance, identity) is placed_key.Placed.ABSENT:
            continue
        yield guarded.mode(file, 0o600)
        over = state == "frozen"
        fault = "the wave is frozen, and its private key still lies on the server" if over else ""
        yield Finding(f"placed key of {identity}", fault, f"move {file} off the server" if over else "")


def _counters(settings: Settings, store: Store, open_waves: list[str]) -> Iterator[Finding]:
    """Where dossiers are selected, slips can be printed or a tablet opens."""
    if settings.printers:
        gone = equipment.not_there(settings.printers)
        fault = f"commands that are not on this machine: {', '.join(gone)}" if gone else ""
        yield Finding("printers of counters", fault, "mend [counter] printer in phieu.toml" if gone else "")
    for registered in (wave.get(store, identity) for identity in open_waves):
        if registered.spec.counter_groups:
            without = equipment.places_without(settings.printers, store, registered)
            fault = f"neither printer nor tablet at {', '.join(without)}: nothing can be asked there" if without else ""
            mend = "name a printer in phieu.toml, or `phieu kiosk bind --place P`" if without else ""
            yield Finding(f"counters of {registered.spec.id}", fault, mend)


def _links(settings: Settings, store: Store, open_waves: list[str]) -> Iterator[Finding]:
    """Links of real waves that are open lead somewhere; before there is one, a warning in time for the printer."""
    registered = [wave.get(store, identity) for identity in open_waves]
    real = [each.spec.id for each in registered if not (each.pilot or each.spec.simulated)]
    nowhere = links.only_here(settings.base_url)
    told, mend = (
        f"{settings.base_url} opens on this machine alone",
        f"set base_url in {settings.instance / 'phieu.toml'}",
    )
    if real:
        fault = f"{told}, but {', '.join(real)} is open" if nowhere else ""
        yield Finding("base_url", fault, mend if nowhere else "")
    elif nowhere and not _only_simulated(store):
        yield Finding(
            "base_url", mend=f"{mend} before anything is printed", warning=f"{told}: nobody could open a slip"
        )


def _only_simulated(store: Store) -> bool:
    """Whether there are waves and everybody in them is made up: they may stay on this machine."""
    with store.read() as tx:
        names = [row["id"] for row in tx.wave_ids()]
    return bool(names) and all(wave.get(store, name).spec.simulated for name in names)


def _code_key(settings: Settings, keyring: Keyring, identity: str, state: str) -> Finding:
    what = f"code key of {identity}"
    try:
        missing = keyring.wave(identity) is None and state in ("draft", "open")
    except Faults as faults:
        return Finding(what, str(faults), guarded.taken_back(settings, settings.keys / f"{identity}.code"))
    fault = "is missing: no printed code can be recognised" if missing else ""
    return Finding(what, fault, "restore it from the backup of the keys" if missing else "")


def _wave(settings: Settings, store: Store, keyring: Keyring, identity: str, state: str) -> Iterator[Finding]:
    yield _code_key(settings, keyring, identity, state)
    registered = wave.get(store, identity)
    if registered.spec.on_paper:
        nobody = keyers.missing(store, registered)
        yield Finding(f"keyers of {identity}", nobody, keyers.MEND.format(wave=identity) if nobody else "")
    if state == "draft":
        return
    with store.read() as tx:
        twice = tx.board_repeated(wave=identity)
        fault = f"{twice} numbers stand on two invitations each" if twice else ""
        yield Finding(f"numbers of {identity}", fault, "revoke one of each two, and report it" if twice else "")
        wrong = tx.board_drift(wave=identity)
        fault = f"{wrong} counts of cells by state are not what counting gives" if wrong else ""
        yield Finding(
            f"counts of {identity}", fault, "the board is wrong, the dataset is not: report it" if wrong else ""
        )


def _seals(store: Store, identity: str) -> Finding:
    broken = seals.verify(store, identity)
    mend = "stop collecting, keep the files, and call the witnesses" if broken else ""
    return Finding(f"seals of {identity}", "; ".join(broken), mend)
