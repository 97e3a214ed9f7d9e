"""The stores of knowledge: whether they answer, and what they are."""

from collections.abc import Callable, Iterator

from config.revealed import revealed
from config.settings import Settings
from deploy.admin.finding import Finding, answering, ok
from stores.knowledge import Store
from stores.knowledge_stores import documents_store, graph_store, vectors_store

PATIENCE_S = 2
WITHOUT = {
    "documents": "Start it, or mend DASEIN_DOCUMENTS_URL. Until then no question is answered and nothing is taken in.",
    "graph": "Start it, or mend DASEIN_GRAPH_URL. Until then answers come from the other stores and say so.",
    "vectors": "Start it, or mend DASEIN_VECTORS_URL. Until then nothing is found by meaning, and answers say so.",
}


def look_at_knowledge(settings: Settings) -> Iterator[Finding]:
    """Yield which of the stores answer; all are asked, whichever is away."""
    documents = documents_store(
        revealed(settings.documents_url),
        folder=settings.knowledge_dir,
        patience_s=PATIENCE_S,
    )
    stores: dict[str, Callable[[], Store]] = {
        "documents": lambda: documents,
        "graph": lambda: graph_store(
            settings.graph,
            user=settings.graph_user,
            password=revealed(settings.graph_password),
            patience_s=PATIENCE_S,
        ),
        "vectors": lambda: vectors_store(
            settings.vectors_url,
            token=revealed(settings.vectors_token),
            documents=documents,
            patience_s=PATIENCE_S,
        ),
    }
    found: list[Finding] = []
    if settings.documents_url is None and not settings.knowledge_dir.exists():
        found.append(ok("documents", "nothing was taken in yet: the first worker makes the file."))
        del stores["documents"], stores["vectors"]
    for name, make in stores.items():
        with answering(name, found, WITHOUT[name]):
            store = make()
            store.ping()
            found.append(ok(name, f"{type(store).__name__} answers."))
    yield from found
