"""The vault as the configuration has it: the folder, the bucket, and vaults of earlier days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asterisk_gdpr.adapters.vault_files import FileVault
from asterisk_gdpr.adapters.vault_layers import Layers
from asterisk_gdpr.config import Config
from asterisk_gdpr.config.bucket import BucketAt, EarlierBucket, HeadsBucket
from asterisk_gdpr.errors import Refused
from asterisk_gdpr.ports import Clock, LayeredVault, Register
from asterisk_gdpr.service.alarms import Alarms
from asterisk_gdpr.service.keys.key_files import read_private
from asterisk_gdpr.service.sealing.settling import Settling

if TYPE_CHECKING:
    from asterisk_gdpr.adapters.heads_bucket import BucketHeads
    from asterisk_gdpr.adapters.s3_requests import S3Place
    from asterisk_gdpr.adapters.vault_bucket import BucketStore


def layers_of(config: Config) -> Layers:
    """The vault of an installation; nothing is asked of a bucket yet."""
    earlier: list[FileVault | BucketStore] = [FileVault(folder) for folder in config.paths.earlier_vaults]
    bucket = None
    if (at := config.bucket) is not None:
        if at.take:
            bucket = bucket_of(at)
        else:
            earlier.append(bucket_of(at))
    earlier += [bucket_of(each) for each in config.earlier_buckets]
    return Layers(FileVault(config.paths.vault), config.paths.state / "moves", bucket, earlier)


def settling_of(config: Config, register: Register, vault: LayeredVault, clock: Clock) -> Settling:
    """Brings closed containers to where they are to stay."""
    at = config.bucket
    lock = at is not None and at.lock and at.take
    return Settling(register, vault, Alarms(register, clock), clock, config.node, lock=lock)


def bucket_of(at: BucketAt | EarlierBucket) -> BucketStore:
    """The bucket, as far as it is not asked anything; Refused (`no-secret`) without a good key file."""
    from asterisk_gdpr.adapters.vault_bucket import BucketStore  # with the S3 client, which few need

    return BucketStore(_place_of(at), at.prefix)


def heads_bucket_of(at: HeadsBucket) -> BucketHeads:
    """The bucket for the ledger's heads, not asked anything yet; Refused as `bucket_of`."""
    from asterisk_gdpr.adapters.heads_bucket import BucketHeads

    return BucketHeads(_place_of(at), at.prefix)


def _place_of(at: BucketAt | EarlierBucket | HeadsBucket) -> S3Place:
    from asterisk_gdpr.adapters.s3_requests import S3Place

    lines = read_private(at.key_file).decode("utf-8", "replace").split()
    if len(lines) != 2:
        raise Refused(
            f"The file {at.key_file} is no key of a bucket.",
            hint="Write the key's id into its first line, and its secret into the second.",
            id="no-secret",
        )
    return S3Place(at.endpoint, at.name, at.region, *lines)
