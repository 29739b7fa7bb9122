"""Slack's own TypeScript types, asked by its own compiler: `node_modules` with @slack/types and typescript."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

Drawn = dict[str, Any]
STRICTLY = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"]


def refused_by_types(folder: Path, messages: Iterable[Drawn], views: Iterable[Drawn]) -> str:
    """What tsc says against messages and views; empty when nothing. Skips where there is no compiler."""
    modules = _node_modules()
    lines = ["import type { HomeView, KnownBlock, ModalView } from '@slack/types';"]
    lines += [
        f"export const m{n}: KnownBlock[] = {json.dumps(one['blocks'])};" for n, one in enumerate(messages)
    ]
    for n, view in enumerate(views):
        kind = "HomeView" if view["type"] == "home" else "ModalView"
        lines.append(f"export const v{n}: {kind} = {json.dumps(view)};")
    (folder / "drawn.ts").write_text("\n".join(lines))
    (folder / "node_modules").symlink_to(modules)
    command = [str(modules / ".bin" / "tsc"), *STRICTLY, "drawn.ts"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=170, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _node_modules() -> Path:
    """Where npm put @slack/types and typescript: POLICYCLERK_NODE_MODULES, or beside or in the checkout."""
    if shutil.which("node") is None:
        pytest.skip("no Node here")
    root = Path(__file__).resolve().parents[3]
    named = os.environ.get("POLICYCLERK_NODE_MODULES")
    places = [Path(named)] if named else [root / "node_modules", root.parent / "node_modules"]
    for place in places:
        if (place / "@slack" / "types").is_dir() and (place / ".bin" / "tsc").exists():
            return place.resolve()
    pytest.skip("no npm packages @slack/types and typescript: set POLICYCLERK_NODE_MODULES")
