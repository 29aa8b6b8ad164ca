"""Declared paths and how they are found."""

from typing import Generic, Protocol, TypeVar


class Declared(Protocol):
    """What a table needs to know of an endpoint."""

    @property
    def path(self) -> str: ...

    @property
    def methods(self) -> frozenset[str]: ...


E = TypeVar("E", bound=Declared)


class Table(Generic[E]):
    """All declared endpoints of one platform by path; one that ends with ``*`` is a prefix."""

    def __init__(self) -> None:
        self._endpoints: dict[str, E] = {}

    def keep(self, endpoint: E) -> None:
        """Take an endpoint in.

        Raises:
            ValueError: its path is declared already.
        """
        if endpoint.path in self._endpoints:
            raise ValueError(f"{endpoint.path} is declared twice")
        self._endpoints[endpoint.path] = endpoint

    def find(self, path: str) -> E | None:
        endpoint = self._endpoints.get(path)
        if endpoint is None and (cut := path.find("/", 1)) > 0:
            endpoint = self._endpoints.get(f"{path[: cut + 1]}*")
        return endpoint

    def paths(self) -> list[str]:
        """Return every declared path but the files and articles below prefixes."""
        return sorted(path for path in self._endpoints if not path.endswith("*"))

    def listing(self) -> list[tuple[str, str]]:
        """Return (verbs, path) of everything, prefixes with their ``*`` included."""
        return [(" ".join(sorted(one.methods)), path) for path, one in sorted(self._endpoints.items())]
