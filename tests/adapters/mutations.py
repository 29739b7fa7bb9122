"""What an attacker, a broken proxy or a new version of a platform makes of a body: cut off, torn, swollen, of
other types, with values that break parsers; and of an address. `mutated` and `misdirected` take their choices from
the random they are given."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

OVERSIZED = 300 * 1024
DEEP = ("@deep", "@deeper")
"""Stand for lists in lists, as many as parsers give up at."""

HOSTILE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**64, 10**400, 1e308, "", " ", "0", "null", [], {}, [[]], [None], {"": None},
    "\0", "a\0b", "\ud800", "\u202e\u2066", "ﷺ" * 500, "é" * 3000, "x" * 40_000, "٣", "../../etc/passwd",
    "'; DROP TABLE requests; --", "{{7*7}}", "<!channel> <@U1>", "<script>alert(1)</script>", "%00%ff", "\r\nX: y",
    "a:b:c:d:e", "/", "//", "aet.headteacher", "AET-7KM3Q", "https://" + "a." * 500, "2026-02-31", "NaN", *DEEP,
)  # fmt: skip

LONG = ("<", "(", " ", "a. ", "@", "[](", "**", "<at ", "\n- a")
"""What a pattern without bounds takes for ever to read, often enough."""
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
    worse = _reworded if random.random() < 0.5 else _spoil
    for _ in range(random.choice((1, 1, 2, 3))):
        worse(inner, random)
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
    # Further in, an `id` says who somebody is, or where: only the outermost is of what happened.
    deeper = {name: make for name, make in fresh.items() if name != "id"}
    for name, one in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if name in fresh:
            value[name] = fresh[name]()
        elif isinstance(one, dict | list):
            _renewed(one, deeper)


def _reworded(whole: Any, random: Random) -> None:
    """Say something else in one place of it, which is still words: that gets past whoever reads the shape alone."""
    kinds = ("id", "kind", "type")
    places = [(at, name) for at, name in _places(whole) if isinstance(at[name], str) and name not in kinds]
    if not places:
        return
    inside, name = random.choice(places)
    other_inside, other = random.choice(places)
    words, others = inside[name], other_inside[other]
    hostile = random.choice([one for one in HOSTILE if isinstance(one, str)])
    if random.random() < 0.1:
        hostile = random.choice(LONG) * random.choice((2_000, 9_000, 60_000))
    inside[name] = random.choice((hostile, others, words + hostile, words[: len(words) // 2], words * 2))


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


def misdirected(line: bytes, random: Random, _: dict[str, Callable[[], str]]) -> bytes:
    """A request line, such as `GET /as/{school}/{user} HTTP/1.1`, with something hostile in each gap, torn, or with
    a query that nobody expects."""
    method, target, version = line.split(b" ")
    while b"{" in target:
        before, _, rest = target.partition(b"{")
        target = before + _part(random) + rest.partition(b"}")[2]
    match random.randrange(8):
        case 0:
            target = b"/" + _part(random) + target
        case 1:
            target += b"/" + _part(random)
        case 2:
            method = random.choice(
                (b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"CONNECT", b"TRACE", b"", b"G\0T", b"get")
            )
        case 3:
            return _torn(line, random)
    for sign in random.choice((b"", b"?", b"?&", b"?;#")):
        name = random.choice((b"v", b"code", b"state", b"invitation", b"error", b"", b"q"))
        target += bytes([sign]) + name + b"=" + _part(random)
    return b" ".join((method, target, version))


def _part(random: Random) -> bytes:
    """A part of an address: as it is, or in the codes of an address."""
    value = random.choice(("aet", "class-teacher", "app.js", "filtering-decisions", *HOSTILE))
    raw = str(value).encode("utf-8", "replace")[: random.choice((9, 300, 9000))]
    coded = quote(raw, safe="").encode()
    return random.choice(
        (coded, coded, raw.replace(b" ", b"+"), coded.replace(b"%", b"%25"), b"%" + coded[:1])
    )
