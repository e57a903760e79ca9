"""moto's server, which keeps a lock as S3 does: in the mode COMPLIANCE nobody may shorten it.

moto itself takes any date; the tests of a vault in a bucket hold on this one and on Ceph's gateway alike.
"""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Any

from moto.s3.exceptions import AccessDeniedByLock
from moto.s3.models import S3Backend
from moto.server import main

_takes_any = S3Backend.put_object_retention


def _keeps(
    self: S3Backend, bucket_name: str, key_name: str, version_id: str | None, retention: tuple[Any, Any]
) -> None:
    key: Any = self.get_object(bucket_name, key_name, version_id=version_id)
    if key.lock_mode == "COMPLIANCE" and key.lock_until:
        mode, until = retention
        if mode != "COMPLIANCE" or datetime.fromisoformat(until) < datetime.fromisoformat(key.lock_until):
            raise AccessDeniedByLock
    _takes_any(self, bucket_name, key_name, version_id, retention)


if __name__ == "__main__":
    S3Backend.put_object_retention = _keeps  # type: ignore[method-assign]
    main(sys.argv[1:])
