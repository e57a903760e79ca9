"""A reader written from docs/format.md alone: it shares no line with the product.

`python tests/seal/reader.py tests/golden` opens every golden container and says what it found.
Whatever is raised means that the file is damaged, unless it is a `NotRead` that says otherwise.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import sys
import unicodedata
from pathlib import Path
from typing import Any

import soundfile
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

LONGEST = {"H": 65536, "G": 4, "S": 4 + 4194304, "M": 16777216, "E": 65536}
FOLLOWS = {"": "H", "H": "G", "G": "GSM", "S": "GSM", "M": "E", "E": ""}
CHUNK = 16384
PLACE = ("generation", "index", "start_frame", "frames", "sha256")


class NotRead(Exception):
    """Why a file is not read: `damaged`, `unknown_version` or `unknown_key`."""


def need(condition: object, outcome: str = "damaged") -> None:
    """Refuse the file unless the condition holds."""
    if not condition:
        raise NotRead(outcome)


def digest(data: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(data).digest()


def to_json(value: object) -> bytes:
    """Section 3: the canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def is_plain(value: object, depth: int = 0) -> bool:
    """Section 3: plain keys, integers of 53 bits, nothing nested deeper than 16."""
    if isinstance(value, dict):
        plain_keys = all(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", key) for key in value)
        return plain_keys and is_plain(list(value.values()), depth)
    if isinstance(value, list):
        return depth < 16 and all(is_plain(inner, depth + 1) for inner in value)
    return isinstance(value, str | None) or (isinstance(value, int) and abs(value) < 2**53)


def from_json(data: bytes) -> dict[str, Any]:
    """Section 3: JSON in its canonical form."""
    value = json.loads(data.decode("ascii"))
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    need(isinstance(value, dict) and is_plain(value) and to_json(value) == data)
    return dict(value)


def open_sealed(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """Sections 5.3 and 5.4: what C2SP chunked-encryption gives, without its length and its padding."""
    body, plain = sealed[56:], b""
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + sealed[:24] + context
    okm = HKDFExpand(hashes.SHA512(), 32 + 12 + 32, info).derive(key)
    need(okm[44:] == sealed[24:56])
    for count, start in enumerate(range(0, len(body) + 1, CHUNK + 16)):
        nonce = int.from_bytes(okm[32:44]) ^ count
        plain += AESGCM(okm[:32]).decrypt(nonce.to_bytes(12), body[start : start + CHUNK + 16], None)
    need(len(plain) < (count + 1) * CHUNK)
    end = 4 + int.from_bytes(plain[:4])
    need(len(plain) >= max(end, 4) and not plain[end:].strip(b"\0"))
    return plain[4:end]


def open_hpke(private: bytes, sealed: bytes, *info: str) -> bytes:
    """Sections 4.2 and 4.3: what was sealed to the vault's key for this place."""
    mlkem, x25519 = MLKEM768PrivateKey.from_seed_bytes, X25519PrivateKey.from_private_bytes
    key = hpke.MLKEM768X25519PrivateKey(mlkem(private[:64]), x25519(private[64:]))
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    return bytes(suite.decrypt(sealed, key, "\0".join(info).encode()))


def open_key_file(data: bytes, passphrase: str) -> bytes:
    """Section 4.4: the vault's private key."""
    document = from_json(data.removesuffix(b"\n"))
    need(document.pop("sha256") == digest(to_json(document)).hex())
    sealed, kdf = bytes.fromhex(document.pop("ciphertext")), document["kdf"]
    cost = {"iterations": kdf["iterations"], "lanes": kdf["lanes"], "memory_cost": kdf["memory_kib"]}
    stretch = Argon2id(salt=bytes.fromhex(kdf["salt"]), length=32, **cost)
    secret = stretch.derive(unicodedata.normalize("NFC", passphrase).encode())
    return AESGCM(secret).decrypt(bytes.fromhex(document["cipher"]["nonce"]), sealed, to_json(document))


def open_document(data: bytes, kind: str, keys: dict[str, bytes]) -> Any:
    """Section 7: the body of a signed document."""
    document = from_json(data[:-1])
    need(document.keys() == {"body", "key_id", "kind", "signature", "version"} and data.endswith(b"\n"))
    need(document["kind"] == kind)
    need(document["version"] == 1, "unknown_version")
    check_signature("asterisk-gdpr document v1", document, document["key_id"], keys)
    return document["body"]


def check_signature(domain: str, fields: dict[str, Any], id: str, keys: dict[str, bytes]) -> None:
    """Sections 5.6 and 7: the signature over the fields without it."""
    need(id in keys, "unknown_key")
    message = domain.encode() + b"\0" + to_json({k: v for k, v in fields.items() if k != "signature"})
    Ed25519PublicKey.from_public_bytes(keys[id]).verify(bytes.fromhex(fields["signature"]), message)


def verify(data: bytes, keys: dict[str, bytes], committed: list[Any] | None = None) -> dict[str, Any]:
    """Sections 5.7 and 5.8: what is in the container, every byte of it proven."""
    data = data[: committed[0]] if committed else data
    need(data[:14] == b"asterisk-gdpr\0" and len(data) >= 16)
    need(int.from_bytes(data[14:16]) == 1, "unknown_version")
    found: dict[str, Any] = {"segments": [], "complete": False}
    offset, last, frames, generation = 16, "", 0, 0
    chain = before = b"asterisk-gdpr chain v1\0" + data[:16]
    while offset < len(data):
        kind, length = chr(data[offset]), int.from_bytes(data[offset + 1 : offset + 5])
        need(kind in FOLLOWS[last] and length <= LONGEST[kind] and offset + 5 + length <= len(data))
        whole, body = data[offset : offset + 5 + length], data[offset + 5 : offset + 5 + length]
        before, chain = chain, digest(chain + whole)
        if kind == "H":
            found["header"] = from_json(body)
        elif kind == "G":
            need(length == 4 and int.from_bytes(body) > generation)
            generation = int.from_bytes(body)
        elif kind == "S":
            need(length > 4 and 0 < int.from_bytes(body[:4]) <= 1048576)
            taken, sha256 = int.from_bytes(body[:4]), digest(body[4:]).hex()
            place = (generation, len(found["segments"]), frames, taken, sha256)
            found["segments"].append((dict(zip(PLACE, place, strict=True)), body[4:]))
            frames += taken
        elif kind == "M":
            found["manifest"] = body
        else:
            found |= {"end": from_json(body), "complete": True}
        offset, last = offset + 5 + length, kind
    need(last and last != "M" and (committed[1] == chain.hex() if committed else found["complete"]))
    if found["complete"]:
        end = found["end"]
        need((end["chain"], end["manifest_sha256"]) == (before.hex(), digest(found["manifest"]).hex()))
        said = [end[name] for name in ("recording", "generation", "segments", "frames")]
        need(said == [found["header"]["recording"], generation, len(found["segments"]), frames])
        check_signature("asterisk-gdpr end v1", end, end["signing_key_id"], keys)
    return found | {"generation": generation}


def context(found: dict[str, Any], use: str, generation: int) -> bytes:
    """Sections 5.3 and 5.4: where something sealed belongs."""
    name: bytes = found["header"]["recording"].encode()
    return f"asterisk-gdpr {use} v1\0".encode() + bytes([len(name)]) + name + generation.to_bytes(4)


def listen(found: dict[str, Any], private: bytes, wrapped: dict[str, str]) -> tuple[Any, bytes]:
    """The manifest (none in a cut container) and the audio: stereo, signed 16-bit little-endian."""
    audio, bound_to = b"", ("asterisk-gdpr data-key v1", found["header"]["recording"])
    data_keys = {int(n): open_hpke(private, bytes.fromhex(key), *bound_to, n) for n, key in wrapped.items()}
    for place, sealed in found["segments"]:
        number, where = place["generation"], (place["index"], place["start_frame"], place["frames"])
        bound = context(found, "segment", number) + struct.pack(">IQI", *where)
        flac = open_sealed(data_keys[number], bound, sealed)
        samples, rate = soundfile.read(io.BytesIO(flac), dtype="int16", always_2d=True)
        need(samples.shape == (place["frames"], 2) and rate == found["header"]["rate"])
        audio += bytes(samples.astype("<i2").tobytes())
    if not found["complete"]:
        return None, audio
    bound = context(found, "manifest", found["generation"])
    manifest = from_json(open_sealed(data_keys[found["generation"]], bound, found["manifest"]))
    need(manifest["segments"] == [place for place, _ in found["segments"]])
    return manifest, audio


def main(folder: Path) -> None:
    """Open every golden container and print a line about each."""
    vectors = json.loads((folder / "vectors.json").read_text())
    keys = {vectors["keys"]["signing"]["id"]: bytes.fromhex(vectors["keys"]["signing"]["public"])}
    private = bytes.fromhex(vectors["keys"]["vault"]["private"])
    for name, expected in vectors["containers"].items():
        found = verify((folder / name).read_bytes(), keys, expected.get("committed"))
        manifest, audio = listen(found, private, expected["wrapped_keys"])
        choice = manifest["choice"]["outcome"] if manifest else "cut"
        print(f"{name}: {len(found['segments'])} segments, {len(audio) // 4} frames, {choice}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
