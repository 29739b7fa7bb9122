"""Starts processes of the program within a second: everything is imported once, and each process is a fork of
this one. What is forked runs the command line as it is installed, has its own environment, and dies by its own
number.

    python -m tests.chaos.nursery

One order a line, in JSON: `{"words": [...], "env": {...}, "log": "..."}`; the answer is the process's number.
"""

import json
import os
import signal
import sys

from adapters.cli import app


def live(words: list[str], env: dict[str, str], log: str) -> None:
    """The rest of a forked process's life."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(env)
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(source, target)
    status = 1
    try:
        app(words)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        os._exit(status)


def main() -> None:
    """Fork whatever is asked for, until nobody asks any more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            live(order["words"], order["env"], order["log"])
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
