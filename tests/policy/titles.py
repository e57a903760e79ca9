"""The sample policy's titles in the languages that the sample itself does not speak."""

from __future__ import annotations

from dataclasses import replace

from asterisk_gdpr.core.policy import Policy

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")
"""The languages that this software comes with."""

_TITLES = {
    "quality": {
        "fr": "vérifier notre service",
        "es": "medir la calidad",
        "it": "la qualità",
        "nl": "kwaliteit",
        "pl": "kontroli jakości",
        "pt": "medir a qualidade",
    },
    "disputes": {
        "fr": "régler des litiges",
        "es": "resolver disputas",
        "it": "le controversie",
        "nl": "geschillen",
        "pl": "sporów",
        "pt": "resolver litígios",
    },
    "improvement": {
        "fr": "améliorer notre service",
        "es": "mejorar nuestro servicio",
        "it": "migliorare il nostro servizio",
        "nl": "het verbeteren van onze service",
        "pl": "ulepszania obsługi",
        "pt": "melhorar o nosso serviço",
    },
    "orders": {
        "fr": "conserver la preuve des ordres",
        "es": "documentar las órdenes",
        "it": "documentare gli ordini",
        "nl": "het vastleggen van orders",
        "pl": "dokumentowania zleceń",
        "pt": "documentar as ordens",
    },
}


def translated(policy: Policy) -> Policy:
    """The sample policy with titles in all languages, and every line that speaks speaking them all."""
    purposes = {
        name: replace(purpose, title={**purpose.title, **_TITLES[name]})
        for name, purpose in policy.purposes.items()
    }
    lines = {
        name: line if line.exempt else replace(line, languages=LANGUAGES)
        for name, line in policy.lines.items()
    }
    return replace(policy, purposes=purposes, lines=lines)
