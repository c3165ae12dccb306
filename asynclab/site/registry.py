"""Registry: files of PyPI and npm, each with the hash that it must have, fetched once."""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import httpx
from packaging.markers import Marker
from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from .errors import SiteError

__all__ = ["Artifact", "cache_folder", "fetch", "locked"]

AT_ONCE = 6
TIMEOUT = 60.0  # seconds without a byte


@dataclass(frozen=True)
class Artifact:
    """A file of a registry.

    Attributes:
        package: the name of its package.
        url: where it is.
        digest: its hash in hexadecimal digits.
        size: in bytes.
        algorithm: of the hash, as :mod:`hashlib` calls it.
    """

    package: str
    url: str
    digest: str
    size: int
    algorithm: str = "sha256"

    @property
    def path(self) -> Path:
        """Where it is kept on this machine; the hash is part of the path."""
        return cache_folder() / self.digest[:16] / self.url.rpartition("/")[2]


def cache_folder() -> Path:
    """Where fetched files are kept: ``asynclab`` in this system's folder for caches."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "~/AppData/Local")
    elif sys.platform == "darwin":
        base = "~/Library/Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    return Path(base).expanduser() / "asynclab" / "site"


def locked(lock: Path, tags: Iterable[Tag], environment: dict[str, str]) -> list[Artifact]:
    """The wheels of a lock file that one platform needs.

    Args:
        lock: a file in the format of PEP 751.
        tags: the platform's wheel tags.
        environment: the platform's values of environment markers, where they are not those of
            this machine.

    Raises:
        SiteError: a package has no wheel for the platform.
    """
    accepted = frozenset(tags)
    packages = tomllib.loads(lock.read_text("utf-8"))["packages"]
    return [
        _wheel(package, accepted, lock)
        for package in packages
        if "marker" not in package or Marker(package["marker"]).evaluate(environment)
    ]


def _wheel(package: dict, accepted: frozenset[Tag], lock: Path) -> Artifact:
    for wheel in package["wheels"]:
        name = wheel["url"].rpartition("/")[2]
        if accepted & parse_wheel_filename(name)[3]:
            digest = wheel["hashes"]["sha256"]
            return Artifact(package["name"], wheel["url"], digest, wheel["size"])
    raise SiteError(
        f"{lock.name} names no wheel of {package['name']} {package['version']} for this machine: "
        "build the site on Linux, macOS or Windows, on an x86-64 or ARM64 processor."
    )


def fetch(artifacts: Iterable[Artifact], on_bytes: Callable[[int], None]) -> None:
    """Fetch what is not yet kept on this machine, several at a time.

    Args:
        artifacts: what is needed.
        on_bytes: called with the number of bytes that have arrived since its last call.

    Raises:
        SiteError: a registry cannot be reached, or what it sends has another hash.
    """
    missing = [artifact for artifact in artifacts if not artifact.path.exists()]
    if not missing:
        return
    try:
        asyncio.run(_fetch_all(missing, on_bytes))
    except* SiteError as group:
        raise group.exceptions[0] from None


async def _fetch_all(missing: list[Artifact], on_bytes: Callable[[int], None]) -> None:
    limit = asyncio.Semaphore(AT_ONCE)

    async def one(client: httpx.AsyncClient, artifact: Artifact) -> None:
        async with limit:
            await _fetch(client, artifact, on_bytes)

    async with (
        httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=True) as client,
        asyncio.TaskGroup() as tasks,
    ):
        for artifact in missing:
            tasks.create_task(one(client, artifact))


async def _fetch(
    client: httpx.AsyncClient, artifact: Artifact, on_bytes: Callable[[int], None]
) -> None:
    """Fetch one file; it takes its place only once its hash is right."""
    found = hashlib.new(artifact.algorithm)
    path = artifact.path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            async with client.stream("GET", artifact.url) as response:
                response.raise_for_status()
                async for block in response.aiter_bytes():
                    file.write(block)
                    found.update(block)
                    on_bytes(len(block))
        if found.hexdigest() != artifact.digest:
            raise SiteError(
                f"{artifact.url} is not the file that this course was tested with: its hash "
                "differs, and nothing of it is used. Try again from another network; if it "
                "persists, report it."
            )
        part.replace(path)
    except httpx.HTTPStatusError as error:
        raise SiteError(
            f"{artifact.url} answers {error.response.status_code}: try again later."
        ) from None
    except httpx.HTTPError as error:
        raise SiteError(
            f"{httpx.URL(artifact.url).host} cannot be reached ({type(error).__name__}). The first "
            "build needs a network, for files of PyPI and npm: connect this machine and try again; "
            "what has arrived is kept."
        ) from None
    finally:
        part.unlink(missing_ok=True)
