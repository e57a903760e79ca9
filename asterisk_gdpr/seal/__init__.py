"""Cryptography, alone: keys, sealed segments, containers and signed documents.

Bytes in, bytes out: nothing here opens a file, a socket or a database, and nothing here has an option
that weakens it. No other package imports `cryptography`.

    keys        the vault's key pair: wraps data keys, seals short fields
    passphrase  the vault's private key at rest
    epochs      an epoch's private key at rest, sealed to a recipient
    signing     Ed25519 keys
    blind       look-up of what is sealed, by a keyed hash
    canonical   the one way in which JSON is written here
    evidence    signed documents
    segments    one sealed segment
    framing     the container's layout, its frames and their chain
    layout      the order of frames, which anything else breaks
    container   the writer of a container
    reader      the strict reader of a container
    manifest    what stands in the manifest
    shapes      what a JSON object must look like

`docs/format.md` specifies every byte, so that a stranger could write a reader.
"""
