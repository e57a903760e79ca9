"""Closed containers in an S3 bucket: whole objects, under names that are used once.

`<prefix><day>/<name>.agdpr` (`adapters.vault_names`). What is put is read back and its SHA-256 compared;
what bears the name already is never overwritten, and is found to be the same or an error. Deleting removes
every version and half an upload too, and looks whether anything is left.
Objects do not change, so pieces that were read are kept for a while: readers ask for little at a time.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from asterisk_gdpr.adapters.s3_requests import S3Place, S3Requests
from asterisk_gdpr.adapters.vault_names import MARKER, NAME, SUFFIX, place_of
from asterisk_gdpr.errors import Damaged, Unreachable
from asterisk_gdpr.ports import ContainerLocked

_SECONDS = 30
_PART = 8 << 20
"""Bytes that are uploaded in one request; more go up in parts, so that no container is in memory whole."""

_BLOCK = 1 << 18
_BLOCKS = 32
_PROBE = ".asterisk-gdpr-lock-"
_PROBED = timedelta(minutes=1)
"""By the clock of this machine, whatever the bucket's says: so a minute, and not a second."""


class BucketStore:
    """Containers in one bucket, all under `prefix` (empty, or ending in `/`)."""

    def __init__(self, place: S3Place, prefix: str = "", seconds: float = _SECONDS) -> None:
        self._prefix = prefix
        self._address = f"{place.endpoint}/{place.bucket}/{prefix}"
        self._requests = S3Requests(place, seconds)
        self._store = store_at(place, seconds)
        self._blocks: OrderedDict[tuple[str, int], bytes] = OrderedDict()
        self._sizes: dict[str, int] = {}
        self._lock = threading.Lock()

    def lay_out(self) -> None:
        """Make the bucket a vault, once, by a mark that no other has; one that bears it stays as it is."""
        if not self._head(self._prefix + MARKER):
            with bucket_answers():
                obstore.put(
                    self._store, self._prefix + MARKER, secrets.token_hex(16).encode(), use_multipart=False
                )

    def mark(self) -> str:
        """What tells this place from every other, under whatever name and address it is reached."""
        self._be_there()
        with bucket_answers():
            return bytes(obstore.get(self._store, self._prefix + MARKER).bytes()).decode() or self._address

    def put(self, name: str, pieces: Callable[[], Iterable[bytes]], size: int, sha256: bytes) -> None:
        """Bring a whole container; when this returns, it was read back and has this hash.

        Raises Damaged: `container-exists` when other bytes bear the name, which stay; Unreachable.
        """
        key, there = self._key(name), self.size(name)
        if there is None:
            with bucket_answers(), suppress(AlreadyExistsError):
                if size <= _PART:
                    whole = b"".join(pieces())
                    obstore.put(self._store, key, whole, mode="create", use_multipart=False)
                else:
                    parts = iter(pieces())
                    obstore.put(
                        self._store, key, parts, use_multipart=True, chunk_size=_PART, max_concurrency=1
                    )
        self._forget(name)
        if self._hash(name) != sha256:
            raise Damaged("The bucket holds other bytes under this name.", id="container-exists")

    def size(self, name: str) -> int | None:
        """Length in bytes; None when there is no such container."""
        found = self._head(self._key(name))
        if found is None:
            self._be_there()
        return found

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A range; shorter at the end."""
        size = self._sizes.get(name)
        if size is None:
            size = self.size(name)
            if size is None:
                raise Unreachable("There is no such container.", id="vault-unreachable")
            with self._lock:
                self._sizes = {**dict(list(self._sizes.items())[-1000:]), name: size}
        end = min(offset + length, size)
        if end - offset > 4 * _BLOCK:
            return self._get(name, offset, end)
        found = bytearray()
        for block in range(offset // _BLOCK, -(-end // _BLOCK) if end > offset else 0):
            start = block * _BLOCK
            found += self._block(name, block, size)[max(0, offset - start) : end - start]
        return bytes(found)

    def delete(self, name: str) -> None:
        """Delete every version of it, and look that none is left; none there is no error.

        Raises `ContainerLocked` when the bucket keeps a version until a time, and Unreachable.
        """
        key = self._key(name)
        self._forget(name)
        self._be_there()
        self._requests.abort_uploads(key)
        for version in self._requests.versions(key):
            if not self._requests.delete_version(key, version):
                until = self._requests.locked_until(key, version)
                if until is None:
                    raise Unreachable(
                        "The bucket forbids to delete.", hint="Look what our key may do.", id="bucket-refuses"
                    )
                raise ContainerLocked(until)
        if self._requests.versions(key):
            raise Unreachable("A version of the container is still there.", id="container-still-there")

    def names(self) -> Iterator[str]:
        """Every container that is there, in order of name."""
        self._be_there()
        found = []
        with bucket_answers():
            for page in obstore.list(self._store, self._prefix or None):
                for each in page:
                    name = each["path"].rpartition("/")[2].removesuffix(SUFFIX)
                    if NAME.fullmatch(name) and each["path"] == self._key(name):  # not of a vault within
                        found.append(name)
        yield from sorted(found)

    # --- Object Lock --------------------------------------------------------------------------

    def lock(self, name: str, until: datetime) -> bool:
        """Let nobody delete it before a time; False when the bucket will not."""
        key = self._key(name)
        whole_second = until.replace(microsecond=0) + timedelta(seconds=1)
        versions = self._requests.versions(key)
        return bool(versions) and all(self._requests.lock(key, each, whole_second) for each in versions)

    def lockable(self) -> bool:
        """Whether the bucket says that it has Object Lock; what it does about it, `prove_lock` finds out."""
        return self._requests.lockable()

    def prove_lock(self) -> bool:
        """Whether a bucket truly refuses to delete what is locked, and to shorten the lock.

        Both are tried on an object of no use, and what the bucket says of it afterwards counts.
        """
        self._be_there()
        if not self._requests.lockable():
            return False
        key = f"{self._prefix}{_PROBE}{secrets.token_hex(8)}"
        with bucket_answers():
            for page in obstore.list(self._store, self._prefix or None):
                for each in page:  # those of earlier proofs, whose time is over
                    if each["path"].startswith(self._prefix + _PROBE):
                        self._delete_probe(each["path"])
            version = obstore.put(self._store, key, b"probe", use_multipart=False)["version"] or "null"
        until = datetime.now(UTC).replace(microsecond=0) + _PROBED
        if not self._requests.lock(key, version, until):
            self._delete_probe(key)
            return False
        self._requests.lock(key, version, until - _PROBED / 2)
        kept = self._requests.locked_until(key, version)
        if kept is None or kept < until:
            return False
        refused = not self._requests.delete_version(key, version)
        return refused and version in self._requests.versions(key)

    def _delete_probe(self, key: str) -> None:
        for version in self._requests.versions(key):
            self._requests.delete_version(key, version)

    # --- inside -------------------------------------------------------------------------------

    def _key(self, name: str) -> str:
        return f"{self._prefix}{place_of(name)}"

    def _head(self, key: str) -> int | None:
        with bucket_answers():
            try:
                return int(obstore.head(self._store, key)["size"])
            except FileNotFoundError:
                return None

    def _be_there(self) -> None:
        """Say so when this is not the bucket, or not the prefix: then nothing in it is known to be gone."""
        if self._head(self._prefix + MARKER) is None:
            raise Unreachable(
                "The bucket is not there, or is not marked as a vault.",
                hint="Run `asterisk-gdpr vault lay-out` once, if it is the right one.",
                id="bucket-unmarked",
            )

    def _get(self, name: str, start: int, end: int) -> bytes:
        with bucket_answers():
            return bytes(obstore.get_range(self._store, self._key(name), start=start, end=end))

    def _block(self, name: str, block: int, size: int) -> bytes:
        with self._lock:
            if (kept := self._blocks.get((name, block))) is not None:
                self._blocks.move_to_end((name, block))
                return kept
        start = block * _BLOCK
        data = self._get(name, start, min(start + _BLOCK, size))
        with self._lock:
            self._blocks[name, block] = data
            while len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        return data

    def _forget(self, name: str) -> None:
        with self._lock:
            self._sizes.pop(name, None)
            for key in [key for key in self._blocks if key[0] == name]:
                del self._blocks[key]

    def _hash(self, name: str) -> bytes:
        digest = hashlib.sha256()
        with bucket_answers():
            for piece in obstore.get(self._store, self._key(name)).stream(min_chunk_size=1 << 20):
                digest.update(piece)
        return digest.digest()


def store_at(place: S3Place, seconds: float = _SECONDS) -> S3Store:
    """A client of the bucket, addressed by path; it gives up after so many seconds."""
    return S3Store(
        place.bucket,
        endpoint=place.endpoint,
        region=place.region,
        access_key_id=place.key_id,
        secret_access_key=place.secret,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": place.endpoint.startswith("http://"),
            "timeout": f"{seconds}s",
            "connect_timeout": f"{min(seconds, 5)}s",
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=seconds)},
    )


@contextmanager
def bucket_answers() -> Iterator[None]:
    """A bucket that is away is a state that passes; its own words hold addresses, and are not repeated."""
    try:
        yield
    except AlreadyExistsError:
        raise
    except (BaseError, OSError) as error:
        raise Unreachable(
            f"The bucket does not answer ({type(error).__name__}).", id="bucket-unreachable"
        ) from None
