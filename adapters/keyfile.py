"""Where the master keys come from: the environment, or a file in the home that its owner alone can read."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from adapters.settings import Settings
from adapters.store.crypto import BadKey, Keys


class CannotChangeKeys(Exception):
    """Why the keys stay as they are, and what would be right."""


def keys(settings: Settings) -> Keys:
    """The keys of the environment, or those in the home's key file, made on first use."""
    if settings.keys:
        return Keys.from_text(settings.keys)
    path = settings.folder / "keys"
    if not path.exists():
        _write_private(path, Keys.generate().to_text())
    return Keys.from_text(path.read_text(encoding="ascii").strip())


@contextlib.contextmanager
def fitting(settings: Settings) -> Iterator[Keys]:
    """`keys`, for as long as it is looked whether they belong to the database. A file that was made for it now
    does not stay where they do not: somebody would take it for the one that is missing."""
    path = settings.folder / "keys"
    made = not settings.keys and not path.exists()
    try:
        yield keys(settings)
    except BadKey:
        if made:
            path.unlink(missing_ok=True)
        raise


def change(settings: Settings, wanted: Keys) -> None:
    """Put these keys in the home's key file, whole or not at all. CannotChangeKeys where they come from the
    environment, which is not this program's to change."""
    if settings.keys:
        raise CannotChangeKeys("The keys come from POLICYCLERK_KEYS: change them there.")
    path = settings.folder / "keys"
    draft = _draft(path, wanted.to_text())
    os.replace(draft, path)


def _write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, whole or not at all; one that stands there already wins."""
    draft = _draft(path, text)
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)


def _draft(path: Path, text: str) -> str:
    """Written out beside `path`, safe from a loss of power."""
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it readable by its owner alone
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft
