"""The app package that Teams is given: the manifest with a school's own ids and addresses, and two icons."""

import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

FOLDER = Path(__file__).resolve().parents[2] / "app_manifest" / "teams"
GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class CannotPackage(Exception):
    """What is missing or wrong, in words."""


def packaged(app_id: str, address: str, privacy: str, terms: str, developer: str) -> bytes:
    """The zip. CannotPackage says what Teams would refuse: each address must be https, the id a GUID, the
    name of at most 32 characters."""
    if not GUID.fullmatch(app_id):
        raise CannotPackage("TEAMS_APP_ID: set it to the app's (client) id, as in 1f2e3d4c-0000-...")
    for name, given in (("--address", address), ("--privacy", privacy), ("--terms", terms)):
        parts = urlsplit(given)
        if parts.scheme != "https" or not parts.hostname:
            raise CannotPackage(f"{name}: “{given}” is not a whole https address")
    if not 0 < len(developer) <= 32:
        raise CannotPackage("--developer: a name of at most 32 characters, such as your school's")
    manifest = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    manifest["id"] = app_id
    for holder in (*manifest["bots"], *manifest["composeExtensions"]):
        holder["botId"] = app_id
    manifest["developer"] = {
        "name": developer,
        "websiteUrl": address,
        "privacyUrl": privacy,
        "termsOfUseUrl": terms,
    }
    files = {"manifest.json": json.dumps(manifest, indent=2, ensure_ascii=False).encode()}
    files |= {name: (FOLDER / name).read_bytes() for name in manifest["icons"].values()}
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)  # the same input gives the same bytes
    return whole.getvalue()
