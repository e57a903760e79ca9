"""Which combinations of a policy the law does not carry; what is asked of it is imported from here."""

from asterisk_gdpr.core.lawfulness.finding import Finding
from asterisk_gdpr.core.lawfulness.texts import of_texts, texts_of
from asterisk_gdpr.core.lawfulness.whole import approved_later, broken, faults, how

__all__ = ["Finding", "approved_later", "broken", "faults", "how", "of_texts", "texts_of"]
