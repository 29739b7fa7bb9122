"""Hear all that is logged, whatever levels an earlier test has left behind."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.logs import OURS


@contextmanager
def listening(handler: logging.Handler) -> Iterator[None]:
    """`handler` gets every line, at every level."""
    loggers = [logging.getLogger(name) for name in ("", *OURS)]
    levels = [logger.level for logger in loggers]
    loggers[0].addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        loggers[0].removeHandler(handler)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
