"""What an attacker, a broken proxy or a new version of a platform makes of a body: cut off, torn, swollen, of
other types, with values that break parsers. `mutated` takes its choices from the random it is given."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

OVERSIZED = 300 * 1024
DEEP = ("@deep", "@deeper")
"""Stand for lists in lists, as many as parsers give up at."""

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**64, 10**400, 1e308, "", " ", "0", "null", [], {}, [[]], [None], {"": None},
    "\0", "a\0b", "\ud800", "\u202e\u2066", "ﷺ" * 500, "é" * 3000, "x" * 40_000, "٣", "../../etc/passwd",
    "'; DROP TABLE requests; --", "{{7*7}}", "<!channel> <@U1>", "<script>alert(1)</script>", "%00%ff", "\r\nX: y",
    "a:b:c:d:e", "/", "//", "aet.headteacher", "AET-7KM3Q", "https://" + "a." * 500, "2026-02-31", "NaN", *DEEP,
)  # fmt: skip
TORN = (
    b"\0",
    b"\xff\xfe",
    b"\xc3\x28",
    b"{",
    b"}",
    b'"',
    b"\\u",
    b"\\ud800",
    b"&",
    b"=",
    b"%",
    b"%zz",
    b"[" * 2000,
)


def mutated(shape: bytes, random: Random, fresh: dict[str, Callable[[], str]]) -> bytes:
    """The recorded body, spoiled. `fresh`: names whose values are made anew first, so that what comes is not
    taken for a repetition."""
    if random.random() < 0.25:
        return _torn(shape, random)
    form = not shape.lstrip().startswith(b"{")
    fields = dict(parse_qsl(shape.decode(), keep_blank_values=True)) if form else {}
    inner = json.loads(fields["payload"]) if "payload" in fields else fields if form else json.loads(shape)
    _renewed(inner, fresh)
    for _ in range(random.randint(1, 3)):
        _spoil(inner, random)
    if random.random() < 0.01:
        inner["more"] = "x" * OVERSIZED
    if "payload" in fields:
        return urlencode({"payload": _json(inner)}).encode()
    if form:
        return urlencode({name: _text(value) for name, value in inner.items()}).encode()
    return _json(inner).encode()


def _json(value: Any) -> str:
    text = json.dumps(value)
    for name, depth in zip(DEEP, (900, 5000), strict=True):
        text = text.replace(f'"{name}"', "[" * depth + "]" * depth)
    return text


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else _json(value)
    return text.encode("utf-8", "replace").decode()


def _torn(body: bytes, random: Random) -> bytes:
    """Spoiled as bytes."""
    start, end = sorted((random.randrange(len(body) + 1), random.randrange(len(body) + 1)))
    match random.randrange(6):
        case 0:
            return body[:start]
        case 1:
            return body[:start] + body[end:]
        case 2:
            return body[:start] + random.choice(TORN) + body[start:]
        case 3:
            return body[:end] + body[start:]
        case 4:
            return bytes(random.randrange(256) for _ in range(random.randrange(200)))
        case _:
            return body + b" " * (OVERSIZED if random.random() < 0.2 else 1) + random.choice(TORN)


def _renewed(value: Any, fresh: dict[str, Callable[[], str]]) -> None:
    for name, one in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if name in fresh:
            value[name] = fresh[name]()
        elif isinstance(one, dict | list):
            _renewed(one, fresh)


def _spoil(whole: Any, random: Random) -> None:
    """Change one place of it: another value, none, one more, or that of another place."""
    places = list(_places(whole))
    if not places:
        return
    inside, name = random.choice(places)
    other_inside, other = random.choice(places)
    match random.randrange(6):
        case 0:
            del inside[name]
        case 1:
            inside[name] = [inside[name]]
        case 2 if other in (other_inside if isinstance(other_inside, dict) else range(len(other_inside))):
            inside[name] = json.loads(json.dumps(other_inside[other]))
        case 3 if isinstance(inside, dict):
            inside[random.choice(("type", "value", "id", "", "\0", "__proto__"))] = copy.deepcopy(
                random.choice(HOSTILE)
            )
        case _:
            inside[name] = copy.deepcopy(random.choice(HOSTILE))


def _places(value: Any) -> Any:
    for name, one in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, name
        if isinstance(one, dict | list):
            yield from _places(one)
