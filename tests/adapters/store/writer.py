"""A process that writes until it is told to stop, or killed: run by `test_engine.py`.

`python -m tests.adapters.store.writer ADDRESS KEYS NAME COUNT` opens the database, makes the
request `shared` unless it is there, then COUNT requests NAME-0, NAME-1, ..., and counts up
`shared` after each. It prints a request's id once it is committed, and `ready` before the first.
"""

import sys
from contextlib import suppress

from adapters.store.crypto import Keys
from adapters.store.engine import open_database
from adapters.store.requests import SqlStore
from bot.ports import AlreadySubmitted
from tests.adapters.store.samples import count_up, submitted


def say(word: str) -> None:
    """To the parent at once: what is said after a commit must not wait in a buffer."""
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(address: str, keys: str, name: str, count: str) -> None:
    store = SqlStore(open_database(address, patience_seconds=30), Keys.from_text(keys))
    with suppress(AlreadySubmitted):
        store.create(submitted("shared"), "shared")
    say("ready")
    for number in range(int(count)):
        request_id = f"{name}-{number}"
        store.create(submitted(request_id), request_id)
        say(request_id)
        count_up(store)


if __name__ == "__main__":
    main(*sys.argv[1:])
