"""The page: where managers find recordings and listen to them, each in their own role."""

from asterisk_gdpr_web.app import create_app
from asterisk_gdpr_web.settings import Services, Settings

__all__ = ["Services", "Settings", "create_app"]
