"""What a reader must know of a tenant's data before it reads: its version, and which batches are not to be seen."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stores.documents import Documents, Shelf

CORPUS = "corpus"
"""The id of the one record of the shelf."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """A tenant's data at a moment."""

    version: int
    """Grows with every change that a reader can see; 0: there was never anything."""
    hidden: frozenset[str]
    """Batches that are being written or removed."""
    spaces: Mapping[str, str]
    """The model whose vectors are searched, by the name of the space."""
    dimensions: Mapping[str, int] = field(default_factory=dict)
    """Of all spaces that have vectors, by key."""


def read_corpus(documents: Documents, tenant: str) -> Corpus:
    """Return a tenant's corpus; raise StoreUnavailable."""
    record = documents.get(tenant, Shelf.CORPUS, [CORPUS]).get(CORPUS)
    body = {} if record is None else record.body
    return Corpus(
        version=int(body.get("version", 0)),
        hidden=frozenset(body.get("hidden", ())),
        spaces=dict(body.get("spaces", {})),
        dimensions=dict(body.get("dimensions", {})),
    )
