"""What the bucket does beyond its contract, on a real S3 server; another client looks at what is left."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from asterisk_gdpr.adapters.heads_bucket import BucketHeads
from asterisk_gdpr.adapters.s3_requests import S3Place, S3Requests, signed
from asterisk_gdpr.adapters.vault_bucket import BucketStore
from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_layers import Layers
from asterisk_gdpr.adapters.vault_names import place_of
from asterisk_gdpr.core.ledger import verify
from asterisk_gdpr.core.policy import Basis
from asterisk_gdpr.core.recording import Reason
from asterisk_gdpr.errors import Unreachable
from asterisk_gdpr.ports import ContainerLocked
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.erasing.erasure import Result
from asterisk_gdpr.service.proof.anchors import FAILED, Anchors, read_heads
from asterisk_gdpr.service.sealing.settling import Settling
from tests.erasure.stage import HandClock, House
from tests.fakes.register import MemoryRegister
from tests.register.samples import term
from tests.seal.samples import KEYS, SIGNING
from tests.vault.moto import Moto
from tests.vault.s3 import S3Server

NAME = "r234567abcdefghij"
KEY = f"in/{place_of(NAME)}"

pytestmark = pytest.mark.thorough


def bucket_of(place: S3Place, seconds: float = 5) -> BucketStore:
    """A vault in this bucket."""
    bucket = BucketStore(place, "in/", seconds)
    bucket.lay_out()
    return bucket


def bring(bucket: BucketStore, data: bytes) -> None:
    """Put these bytes."""
    bucket.put(NAME, lambda: [data], len(data), hashlib.sha256(data).digest())


def fresh() -> str:
    """A name for a bucket that no other test has."""
    return f"calls-{secrets.token_hex(4)}"


def test_old_versions_go_too(s3: S3Server) -> None:
    """Of a container that was overwritten or deleted by others, every version and every mark is gone."""
    place = s3.bucket(fresh(), versions=True)
    bucket, owner = bucket_of(place), s3.owner()
    bring(bucket, b"as it was sealed")
    owner.put_object(Bucket=place.bucket, Key=KEY, Body=b"overwritten by somebody")
    owner.delete_object(Bucket=place.bucket, Key=KEY)
    owner.put_object(Bucket=place.bucket, Key=KEY + "x", Body=b"a neighbour")
    bucket.delete(NAME)

    left = owner.list_object_versions(Bucket=place.bucket, Prefix="in/")
    assert [each["Key"] for each in left["Versions"]] == ["in/.asterisk-gdpr-vault", KEY + "x"]
    assert "DeleteMarkers" not in left


def test_more_versions_than_one_answer_holds(s3: S3Server) -> None:
    """However many versions there are, none is left."""
    place = s3.bucket(fresh(), versions=True)
    bucket, owner = bucket_of(place), s3.owner()
    for _ in range(1005):
        owner.delete_object(Bucket=place.bucket, Key=KEY)
    bucket.delete(NAME)

    assert "DeleteMarkers" not in owner.list_object_versions(Bucket=place.bucket, Prefix=KEY)


def test_half_an_upload_goes_too(s3: S3Server) -> None:
    """What was uploaded in parts and never completed is thrown away with the container."""
    place = s3.bucket(fresh())
    bucket, owner = bucket_of(place), s3.owner()
    begun = owner.create_multipart_upload(Bucket=place.bucket, Key=KEY)
    owner.upload_part(
        Bucket=place.bucket, Key=KEY, UploadId=begun["UploadId"], PartNumber=1, Body=b"half of it"
    )
    bucket.delete(NAME)

    assert "Uploads" not in owner.list_multipart_uploads(Bucket=place.bucket)


def test_a_bucket_without_its_mark_tells_nothing(s3: S3Server) -> None:
    """In a bucket, or under a prefix, that was never laid out as a vault nothing counts as gone."""
    place = s3.bucket(fresh())
    for bucket in (BucketStore(place, "other/", 5), BucketStore(s3.place("nowhere-at-all"), "", 5)):
        for act in (
            lambda bucket=bucket: bucket.size(NAME),
            lambda bucket=bucket: bucket.delete(NAME),
            lambda bucket=bucket: list(bucket.names()),
        ):
            with pytest.raises(Unreachable):
                act()


def test_a_dead_bucket_is_told_in_time_and_without_its_address(s3: S3Server) -> None:
    """A server that takes connections and answers none is given up, and no error says where it is."""
    place = s3.bucket(fresh())
    bucket = bucket_of(place, 0.4)
    bring(bucket, b"sealed")
    s3.freeze()
    try:
        for act in (
            lambda: bucket.size(NAME),
            lambda: bucket.delete(NAME),
            lambda: bring(bucket, b"sealed"),
            lambda: S3Requests(place, 0.4).versions(KEY),
        ):
            since = time.monotonic()
            with pytest.raises(Unreachable) as away:
                act()
            assert time.monotonic() - since < 5
            assert "127.0.0.1" not in str(away.value) and place.bucket not in str(away.value)
    finally:
        s3.thaw()


def test_a_bucket_that_comes_back_gets_everything(s3: S3Server, tmp_path: Path) -> None:
    """Frozen in the middle and thawed, the real server has each container once, and the erased one not."""
    place = s3.bucket(fresh(), versions=True)
    bucket = bucket_of(place, 0.4)
    (tmp_path / "spool").mkdir()
    house = House(tmp_path / "spool")
    vault = Layers(FileVault.lay_out(tmp_path / "vault"), tmp_path / "moves", bucket)
    house.vault = vault  # type: ignore[assignment]
    made = [house.sealed(f"0000000{number}") for number in range(3)]
    settling = Settling(house.register, vault, Alarms(house.register, house.clock), house.clock, "node1")
    s3.freeze()
    settling.tick()
    assert [alarm.id for alarm in house.register.alarms()] == ["vault-behind"]
    assert house.erasure().erase(made[0], Reason.REQUESTED).result is Result.PENDING
    s3.thaw()
    settling.tick()

    assert list(bucket.names()) == made[1:]
    assert [vault.read(each, 0, 100) for each in made[1:]] == [b"sealed audio"] * 2
    assert "vault-behind" not in [alarm.id for alarm in house.register.alarms()]


def test_from_one_bucket_to_another(s3: S3Server, tmp_path: Path) -> None:
    """Every byte is in the new bucket, and nothing, no version and no mark, is left in the old one."""
    old, new = s3.bucket(fresh(), versions=True), s3.bucket(fresh(), versions=True)
    (tmp_path / "spool").mkdir()
    house = House(tmp_path / "spool")
    local, before, now = FileVault.lay_out(tmp_path / "vault"), bucket_of(old), bucket_of(new)
    house.vault = Layers(local, tmp_path / "moves", before)  # type: ignore[assignment]
    made = [house.sealed(f"0000000{number}") for number in range(3)]
    alarms = Alarms(house.register, house.clock)
    Settling(house.register, cast(Layers, house.vault), alarms, house.clock, "node1").tick()
    assert list(before.names()) == made
    vault = Layers(local, tmp_path / "moves", now, [before])
    settling = Settling(house.register, vault, alarms, house.clock, "node1")
    assert [each.why for each in settling.move()] == ["", "", ""]

    assert [vault.read(each, 0, 100) for each in made] == [b"sealed audio"] * 3
    assert list(now.names()) == made
    left = s3.owner().list_object_versions(Bucket=old.bucket, Prefix="in/r")
    assert "Versions" not in left and "DeleteMarkers" not in left


def test_a_bucket_is_known_under_whatever_address(s3: S3Server, tmp_path: Path) -> None:
    """The one in use is not emptied as an earlier one, though its address is written otherwise."""
    place = s3.bucket(fresh())
    bucket = bucket_of(place)
    bring(bucket, b"sealed")
    again = BucketStore(replace(place, endpoint=f"http://localhost:{s3.port}"), "in/", 5)
    layers = Layers(FileVault.lay_out(tmp_path / "vault"), tmp_path / "moves", bucket, [again])

    assert list(again.names()) == [NAME] and list(layers.elsewhere()) == []
    layers.settle(NAME)
    assert bucket.read(NAME, 0, 100) == b"sealed"


# --- Object Lock


def test_a_lock_that_holds_is_proven(s3: S3Server) -> None:
    """Only a bucket that refuses to delete what is locked, and to shorten the lock, is one that locks."""

    assert bucket_of(s3.bucket(fresh(), lock=True)).prove_lock() is True
    assert bucket_of(s3.bucket(fresh(), versions=True)).prove_lock() is False
    assert bucket_of(s3.bucket(fresh())).prove_lock() is False


def test_a_lock_that_may_be_shortened_is_none() -> None:
    """Where a lock of the law's can be brought forward by whoever has a key, the bucket locks nothing."""
    with Moto(locks_hold=False) as server:
        assert bucket_of(server.bucket(fresh(), lock=True)).prove_lock() is False


def test_what_is_locked_says_until_when(s3: S3Server) -> None:
    """Deleting it is refused with the date, and nothing of it is gone."""
    place = s3.bucket(fresh(), lock=True)
    bucket, until = bucket_of(place), datetime.now(UTC) + timedelta(days=1)
    bring(bucket, b"kept by law")
    assert bucket.lock(NAME, until)
    with pytest.raises(ContainerLocked) as locked:
        bucket.delete(NAME)

    assert timedelta() <= locked.value.until - until <= timedelta(seconds=1)
    assert bucket.read(NAME, 0, 100) == b"kept by law"
    assert s3.owner().head_object(Bucket=place.bucket, Key=KEY)["ObjectLockMode"] == "COMPLIANCE"


def test_a_locked_container_is_erased_all_the_same(s3: S3Server, tmp_path: Path) -> None:
    """On the real server too: keys gone, certificate with the date, and the container stays until then."""
    bucket = bucket_of(s3.bucket(fresh(), lock=True))
    (tmp_path / "spool").mkdir()
    house = House(tmp_path / "spool")
    vault = Layers(FileVault.lay_out(tmp_path / "vault"), tmp_path / "moves", bucket)
    house.vault = vault  # type: ignore[assignment]
    house.clock.time = datetime.now(UTC)
    made = house.sealed("00000001", term("r00000001", "trade", Basis.LEGAL_OBLIGATION, days=60))
    alarms = Alarms(house.register, house.clock)
    Settling(house.register, vault, alarms, house.clock, "node1", lock=True).tick()

    assert house.erasure().erase(made, Reason.UNLAWFUL).result is Result.ERASED
    assert house.register.keys(made) == []
    assert list(bucket.names()) == [made]
    assert [alarm.id for alarm in house.register.alarms()] == ["container-locked"]


# --- the signature


def test_each_head_of_the_ledger_lies_in_a_bucket(s3: S3Server) -> None:
    """Each is an object that nobody overwrites; put together, a ledger that was cut shows against them."""
    name, register = fresh(), MemoryRegister()
    place = s3.bucket(name)
    anchors = Anchors(register, SIGNING, HandClock(), "node1", [], [BucketHeads(place, "heads/")])
    for number in range(2):
        register.record("listened", {"number": number}, HandClock().now())
        assert anchors.tick() and not anchors.tick()

    objects = s3.owner().list_objects_v2(Bucket=name)["Contents"]
    keys = sorted(each["Key"] for each in objects)
    heads = [s3.owner().get_object(Bucket=name, Key=key)["Body"].read() for key in keys]
    assert [head.seq for head in read_heads(b"".join(heads), KEYS)] == [1, 2]
    assert keys[0].startswith("heads/000000000001-")
    kept = list(register.entries())
    assert verify(kept, read_heads(b"".join(heads), KEYS)).ok
    assert not verify(kept[:-1], read_heads(b"".join(heads), KEYS)).ok
    BucketHeads(place, "heads/").run(heads[0])
    assert len(s3.owner().list_objects_v2(Bucket=name)["Contents"]) == 2


def test_heads_wait_for_a_bucket_that_is_away(s3: S3Server) -> None:
    """A bucket that does not answer is an alarm, and its head is put when it is back."""
    register, name = MemoryRegister(), fresh()
    place = s3.bucket(name)
    register.record("listened", {}, HandClock().now())
    away = replace(place, bucket=fresh())
    assert not Anchors(register, SIGNING, HandClock(), "node1", [], [BucketHeads(away, "")]).tick()
    assert [alarm.id for alarm in register.alarms()] == [FAILED]

    assert Anchors(register, SIGNING, HandClock(), "node1", [], [BucketHeads(place, "")]).tick()
    assert register.alarms() == []


def test_the_signature_is_that_of_aws_s_own_example() -> None:
    """The GET of `test.txt` that Amazon's documentation signs, with its key that opens nothing."""
    place = S3Place(
        "https://examplebucket.s3.amazonaws.com",
        "examplebucket",
        "us-east-1",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    headers = {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9"}
    made = signed(place, "GET", "/test.txt", "", headers, b"", datetime(2013, 5, 24, tzinfo=UTC))

    expected = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    assert made["authorization"].endswith(f"Signature={expected}")


@given(
    st.dictionaries(
        st.sampled_from(["versions", "prefix", "uploadId", "key-marker"]),
        st.text("abc/+ =&~é%", max_size=8),
        max_size=3,
    ),
    st.binary(max_size=20),
)
def test_the_signature_is_botocore_s(query: dict[str, str], body: bytes) -> None:
    """Whatever is asked, botocore signs it as we do."""
    at = datetime.now(UTC)
    place = S3Place("http://127.0.0.1:1", "calls", "eu-central-1", "id", "secret")
    asked = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(query.items()))
    ours = signed(place, "PUT", "/calls/a/b", asked, {"host": "127.0.0.1:1"}, body, at)
    request = AWSRequest("PUT", f"http://127.0.0.1:1/calls/a/b?{asked}", data=body)
    assert parse_qsl(urlencode(query), keep_blank_values=True) == list(query.items())
    request.headers["host"] = "127.0.0.1:1"
    theirs: Any = S3SigV4Auth(Credentials("id", "secret"), "s3", "eu-central-1")
    request.context["timestamp"] = ours["x-amz-date"]
    request.headers["X-Amz-Date"] = ours["x-amz-date"]
    request.headers["X-Amz-Content-SHA256"] = ours["x-amz-content-sha256"]
    text = theirs.string_to_sign(request, theirs.canonical_request(request))

    assert ours["authorization"].endswith(f"Signature={theirs.signature(text, request)}")
