"""A reader written from docs/format.md alone: `NotRead` has the reason; whatever else it raises is damage."""

import io
import json
import re
import struct
import sys
import unicodedata
from hashlib import sha256
from pathlib import Path
from typing import Any

import soundfile
from cryptography.hazmat.primitives import hashes, hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

LONGEST = {"H": 65536, "G": 4, "S": 4 + 4194304, "M": 16777216, "E": 65536}
FOLLOWS = {"": "H", "H": "G", "G": "GSM", "S": "GSM", "M": "E", "E": ""}
CODECS = {b"\0\1": "flac", b"\0\2": "opus"}
COUNTED = ("recording", "generation", "segments", "frames", "chain", "manifest_sha256")
END = {*COUNTED, "ended_at", "signing_key_id", "signature"}
FIELDS = {"E": END, "H": {"recording", "created_at", "rate", "channels", "codec", "vault_key_id"}}
KEPT = {"call", "node", "line", "policy", "rate", "channels", "notice", "choice", "captures"}
LASTING = KEPT | {"started_at", "ended_at", "frames", "time_map", "parties", "gaps"}
MANIFEST = LASTING | {"version", "recording", "segments", "purposes"}


class NotRead(Exception):
    """Why a file is not read: `damaged`, `unknown_version` or `unknown_key`."""


def need(condition: object, outcome: str = "damaged") -> None:
    """Refuse the file unless the condition holds."""
    if not condition:
        raise NotRead(outcome)


def to_json(value: object) -> bytes:
    """Section 3: the canonical form."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def is_plain(value: object, depth: int = 0) -> bool:
    """Section 3: plain keys, integers of 53 bits, nothing nested deeper than 16."""
    if isinstance(value, dict) and all(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", key) for key in value):
        value = list(value.values())
    if isinstance(value, list):
        return depth < 16 and all(is_plain(inner, depth + 1) for inner in value)
    return isinstance(value, str | None) or (isinstance(value, int) and abs(value) < 2**53)


def from_json(data: bytes) -> dict[str, Any]:
    """Section 3: JSON in its canonical form."""
    value = json.loads(data.decode("ascii"))
    json.dumps(value, ensure_ascii=False).encode()  # fails on half a surrogate pair
    need(isinstance(value, dict) and is_plain(value) and to_json(value) == data)
    return dict(value)


def open_sealed(key: bytes, use: str, recording: str, generation: int, where: bytes, sealed: bytes) -> bytes:
    """Sections 5.3 and 5.4: what C2SP chunked-encryption gives, without its length and its padding."""
    body, plain, domain = sealed[56:], b"", f"asterisk-gdpr {use} v1\0".encode()
    context = domain + bytes([len(recording)]) + recording.encode() + generation.to_bytes(4) + where
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0" + sealed[:24] + context
    okm = HKDFExpand(hashes.SHA512(), 32 + 12 + 32, info).derive(key)
    need(okm[44:] == sealed[24:56])
    for count, start in enumerate(range(0, len(body) + 1, 16400)):
        nonce = int.from_bytes(okm[32:44]) ^ count
        plain += AESGCM(okm[:32]).decrypt(nonce.to_bytes(12), body[start : start + 16400], None)
    end = 4 + int.from_bytes(plain[:4])
    need(max(end, 4) <= len(plain) < (count + 1) * 16384 and not plain[end:].strip(b"\0"))
    return plain[4:end]


def open_hpke(private: bytes, sealed: bytes, *info: str) -> bytes:
    """Sections 4.2 and 4.3: what was sealed to the vault's key for this place."""
    seed, raw = mlkem.MLKEM768PrivateKey.from_seed_bytes, x25519.X25519PrivateKey.from_private_bytes
    key = hpke.MLKEM768X25519PrivateKey(seed(private[:64]), raw(private[64:]))
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    return bytes(suite.decrypt(sealed, key, "\0".join(info).encode()))


def open_key_file(data: bytes, passphrase: str) -> bytes:
    """Section 4.4: the vault's private key."""
    document = from_json(data.removesuffix(b"\n"))
    need(document.pop("sha256") == sha256(to_json(document)).hexdigest())
    sealed, kdf = bytes.fromhex(document.pop("ciphertext")), document["kdf"]
    cost = {"iterations": kdf["iterations"], "lanes": kdf["lanes"], "memory_cost": kdf["memory_kib"]}
    stretch = Argon2id(salt=bytes.fromhex(kdf["salt"]), length=32, **cost)
    secret = stretch.derive(unicodedata.normalize("NFC", passphrase).encode())
    return AESGCM(secret).decrypt(bytes.fromhex(document["cipher"]["nonce"]), sealed, to_json(document))


def open_document(data: bytes, kind: str, keys: dict[str, bytes]) -> Any:
    """Section 7: the body of a signed document."""
    document, names = from_json(data[:-1]), {"body", "key_id", "kind", "signature", "version"}
    need(data.endswith(b"\n") and document.keys() == names and document["kind"] == kind)
    need(document["version"] == 1, "unknown_version")
    check_signature("asterisk-gdpr document v1", document, document["key_id"], keys)
    return document["body"]


def check_signature(domain: str, fields: dict[str, Any], id: str, keys: dict[str, bytes]) -> None:
    """Sections 5.6 and 7: the signature over the fields without it."""
    need(id in keys, "unknown_key")
    message = domain.encode() + b"\0" + to_json({k: v for k, v in fields.items() if k != "signature"})
    ed25519.Ed25519PublicKey.from_public_bytes(keys[id]).verify(bytes.fromhex(fields["signature"]), message)


def verify(data: bytes, keys: dict[str, bytes], committed: list[Any] | None = None) -> dict[str, Any]:
    """Sections 5.7 and 5.8: what is in the container, every byte of it proven."""
    data = data[: committed[0]] if committed else data
    need(data[:14] == b"asterisk-gdpr\0" and len(data) >= 16)
    need(data[14:16] in CODECS, "unknown_version")
    found: dict[str, Any] = {"segments": [], "keys": keys}
    offset, last, frames, generation, begun = 16, "", 0, 0, 0
    chain = before = b"asterisk-gdpr chain v1\0" + data[:16]
    while offset < len(data):
        kind, length = chr(data[offset]), int.from_bytes(data[offset + 1 : offset + 5])
        need(kind in FOLLOWS[last] and length <= LONGEST[kind] and offset + 5 + length <= len(data))
        whole, body = data[offset : offset + 5 + length], data[offset + 5 : offset + 5 + length]
        before, chain = chain, sha256(chain + whole).digest()
        if kind in "HE":
            found[kind] = from_json(body)
            need(found[kind].keys() == FIELDS[kind] and found["H"]["codec"] == CODECS[data[14:16]])
        elif kind == "G":
            need(length == 4 and int.from_bytes(body) > generation and begun < 65536)
            generation, begun = int.from_bytes(body), begun + 1
        elif kind == "S":
            taken, index = int.from_bytes(body[:4]), len(found["segments"])
            need(length > 4 and 0 < taken <= 1048576 and index < 1048576)
            place = {"generation": generation, "index": index, "start_frame": frames, "frames": taken}
            found["segments"].append((place | {"sha256": sha256(body[4:]).hexdigest()}, body[4:]))
            frames += taken
        else:
            found["M"] = body
        offset, last = offset + 5 + length, kind
    need(last and last != "M" and (committed[1] == chain.hex() if committed else "E" in found))
    if end := found.get("E"):
        said = [found["H"]["recording"], generation, len(found["segments"]), frames, before.hex()]
        need([end[name] for name in COUNTED] == [*said, sha256(found["M"]).hexdigest()])
        check_signature("asterisk-gdpr end v1", end, end["signing_key_id"], keys)
    return found | {"generation": generation}


def follow(manifest: dict[str, Any], keys: dict[str, bytes]) -> None:
    """Section 6.1: the recordings that this one was made of, from that of the call on."""
    steps = manifest.get("derived", [])
    made = [step["manifest"] | ({"derived": steps[:n]} if n else {}) for n, step in enumerate(steps)]
    for step, before, after in zip(steps, made, [*made[1:], manifest], strict=False):
        end, spans, kind = step["end"], step["spans"], step["kind"]
        need(before.keys() >= MANIFEST and sha256(to_json(before)).hexdigest() == step["manifest_sha256"])
        need(all(before[name] == after[name] for name in (LASTING if kind == "redacted" else KEPT)))
        need(spans and all(0 <= first < behind <= before["frames"] for first, behind in spans))
        need(kind == "redacted" or (kind, spans) == ("part", [[spans[0][0], spans[0][0] + after["frames"]]]))
        said = [before["recording"], len(before["segments"]), before["frames"]]
        need(end.keys() == END and [end["recording"], end["segments"], end["frames"]] == said)
        check_signature("asterisk-gdpr end v1", end, end["signing_key_id"], keys)


def listen(found: dict[str, Any], private: bytes, wrapped: dict[str, str]) -> tuple[Any, bytes]:
    """The manifest (none in a cut container) and the audio: stereo, signed 16-bit little-endian."""
    audio, (recording, rate, codec) = b"", (found["H"][name] for name in ("recording", "rate", "codec"))
    bound = ("asterisk-gdpr data-key v1", recording)
    data_keys = {int(n): open_hpke(private, bytes.fromhex(key), *bound, n) for n, key in wrapped.items()}
    for place, sealed in found["segments"]:
        number, *where, _ = place.values()
        packed = struct.pack(">IQI", *where)
        body = open_sealed(data_keys[number], "segment", recording, number, packed, sealed)
        cut = 4 + int.from_bytes(body[:4])
        parts = [body] if codec == "flac" or body[:4] == b"fLaC" else [body[4:cut], body[cut:]]
        heard = [soundfile.read(io.BytesIO(part), dtype="int16", always_2d=True) for part in parts]
        need(all(sound.shape == (place["frames"], 3 - len(parts)) and said == rate for sound, said in heard))
        samples = heard[0][0].repeat(len(parts), axis=1)
        samples[:, 1:] = heard[-1][0][:, -1:]
        audio += bytes(samples.astype("<i2").tobytes())
    if "E" not in found:
        return None, audio
    number, sealed = found["generation"], found["M"]
    manifest = from_json(open_sealed(data_keys[number], "manifest", recording, number, b"", sealed))
    said = [1, recording, rate, [place for place, _ in found["segments"]], found["E"]["frames"]]
    need(manifest.keys() >= MANIFEST and manifest.get("codec", "flac") == codec)
    need([manifest[name] for name in ("version", "recording", "rate", "segments", "frames")] == said)
    follow(manifest, found["keys"])
    return manifest, audio


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    vectors = json.loads((folder / "vectors.json").read_text())
    known = {vectors["keys"]["signing"]["id"]: bytes.fromhex(vectors["keys"]["signing"]["public"])}
    private_key = bytes.fromhex(vectors["keys"]["vault"]["private"])
    for name, expected in vectors["containers"].items():
        verified = verify((folder / name).read_bytes(), known, expected.get("committed"))
        opened, sound = listen(verified, private_key, expected["wrapped_keys"])
        told = opened["choice"]["outcome"] if opened else "cut: not complete"
        print(f"{name}: {len(verified['segments'])} segments, {len(sound) // 4} frames, {told}")
