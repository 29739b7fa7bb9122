"""The documents importers are tested on: our own, and the originals where they are present."""

from pathlib import Path

from knowledge.importers import Preview, import_document

OWN = sorted(
    path for path in (Path(__file__).parent / "documents").iterdir() if path.suffix in (".txt", ".md")
)
POLICIES = Path(__file__).resolve().parents[2].parent / "shared" / "policies"
ORIGINALS = sorted(POLICIES.glob("*.txt"))
NO_ORIGINALS = f"the policies' originals are not in {POLICIES}"


def imported(path: Path) -> Preview:
    return import_document(path.read_bytes(), path.name)
