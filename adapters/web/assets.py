"""The page's own script, styles and icon, read once. No other host is asked for anything."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file. `digest` changes with its bytes, so that a browser may keep it for ever."""

    body: bytes
    content_type: str
    digest: str

    @classmethod
    def read(cls, path: Path) -> "Asset":
        """The asset at `path`; KeyError for a kind of file that is never served."""
        body = path.read_bytes()
        return cls(body, TYPES[path.suffix], hashlib.sha256(body).hexdigest()[:12])


ASSETS = {path.name: Asset.read(path) for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}


def address(name: str) -> str:
    """Where the page finds the asset of that name; KeyError when there is none."""
    return f"/static/{name}?v={ASSETS[name].digest}"
