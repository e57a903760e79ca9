"""S3 servers for tests: whatever is behind the port, buckets are made and looked at in the same way."""

from __future__ import annotations

from abc import ABC, abstractmethod

import boto3

from asterisk_gdpr.adapters.s3_requests import S3Place
from asterisk_gdpr.rig.ceph import KEY_ID, SECRET, Ceph


class S3Server(ABC):
    """A server of this machine, on loopback."""

    port: int

    @abstractmethod
    def freeze(self) -> None:
        """Take every connection, and answer none: a bucket behind a dead network."""

    @abstractmethod
    def thaw(self) -> None:
        """Answer again."""

    def place(self, bucket: str) -> S3Place:
        """The place of a bucket here."""
        return S3Place(f"http://127.0.0.1:{self.port}", bucket, "us-east-1", KEY_ID, SECRET)

    def bucket(self, name: str, *, lock: bool = False, versions: bool = False) -> S3Place:
        """Make a bucket, as its owner would."""
        owner = self.owner()
        owner.create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
        if versions:
            owner.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        return self.place(name)

    def owner(self):  # type: ignore[no-untyped-def]  # boto3 makes its clients as it runs
        """Another client of the same bucket, that shares no code with ours."""
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )


class CephServer(Ceph, S3Server):
    """Ceph's gateway: an object store as people run it."""
