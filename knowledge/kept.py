"""What was worked out for a policy, kept for the policies in use."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from knowledge.clauses import Policy

T = TypeVar("T")


class Kept(Generic[T]):
    """The newest `size` results, by policy. Of several threads that ask for the same one works it out, and the
    others wait: thirty people ask at once when a school opens. Whoever asks for another does not wait."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._found: OrderedDict[str, T] = OrderedDict()
        self._making: dict[str, Lock] = {}
        self._lock = Lock()

    def __contains__(self, policy: Policy) -> bool:
        with self._lock:
            return _name(policy) in self._found

    def of(self, policy: Policy, make: Callable[[Policy], T]) -> T:
        """What is kept of this policy, or what `make` makes of it. Raises what that raises."""
        name = _name(policy)
        with self._lock:
            if name in self._found:
                self._found.move_to_end(name)
                return self._found[name]
            making = self._making.setdefault(name, Lock())
        with making:
            with self._lock:
                if name in self._found:
                    return self._found[name]
            made = make(policy)
            with self._lock:
                self._found[name] = made
                self._making.pop(name, None)
                if len(self._found) > self._size:
                    self._found.popitem(last=False)
            return made


def _name(policy: Policy) -> str:
    return f"{policy.school}-{policy.digest}"
