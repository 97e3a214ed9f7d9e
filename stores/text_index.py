"""The passages of one tenant in a Tantivy index in memory.

`id`, `kind` and `text` (terms between spaces, as `words.py` makes them) to search by; `n` is a passage's number in a list of
ids.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from heapq import nsmallest

from tantivy import Document, Index, IndexWriter, Occur, Query, SchemaBuilder

from stores.memory_texts import DECIMALS
from stores.vectors import Hit, Passage
from stores.words import question_terms, terms

HEAP_BYTES = 32 * 1024 * 1024
"""For a writer's unfinished segment; 15 MB is the least."""
SPARE = 32
"""Hits that are looked at beyond the limit, in case scores at the limit are equal."""
DEAD_SHARE = 100
"""Where more than one in so many passages was removed, the index is made again: the dead still count in BM25's frequencies."""


class TextIndex:
    """The passages of one tenant, up to a head. BM25 with k1 = 1.2 and b = 0.75; lengths above 40 terms are rounded."""

    def __init__(self) -> None:
        """Start empty."""
        builder = SchemaBuilder()
        for name in ("id", "kind"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        builder.add_unsigned_field("n", fast=True)
        self._schema = builder.build()
        self._index = Index(self._schema)
        # Only `commit` shows changes: what happens in the background must not change an answer.
        self._index.config_reader("manual")
        self._open: IndexWriter | None = None
        self._ids: list[str] = []
        self._contents: dict[str, int] = {}
        self._dead = 0

    def __len__(self) -> int:
        return len(self._contents)

    @property
    def worn(self) -> bool:
        """Say whether too much was removed for scores to be right."""
        return self._dead * DEAD_SHARE > len(self._contents)

    def put(self, passages: Iterable[Passage]) -> None:
        """Add passages, replacing those of the same id."""
        for passage in passages:
            content = hash((passage.kind, passage.text))
            if self._contents.get(passage.id) == content:
                continue
            self.discard([passage.id])
            self._contents[passage.id] = content
            document = Document()
            document.add_text("id", passage.id)
            document.add_text("kind", passage.kind)
            document.add_text("text", " ".join(terms(passage.text)))
            document.add_unsigned("n", len(self._ids))
            self._ids.append(passage.id)
            self._writer().add_document(document)

    def discard(self, ids: Iterable[str]) -> None:
        """Remove passages, if they are there."""
        for name in ids:
            if self._contents.pop(name, None) is not None:
                self._writer().delete_documents_by_term("id", name)
                self._dead += 1

    def commit(self) -> None:
        """Show what was changed."""
        self._writer().commit()
        # A writer holds threads and memory, and there is nothing to write most of the time.
        self._writer().wait_merging_threads()
        self._open = None
        self._index.reload()

    def _writer(self) -> IndexWriter:
        if self._open is None:
            self._open = self._index.writer(HEAP_BYTES, num_threads=1)
        return self._open

    def best(self, words: str, *, limit: int, kinds: Collection[str] | None) -> list[Hit]:
        """Return the best passages; scores that agree to DECIMALS are equal."""
        wanted = question_terms(words)
        if not wanted or limit < 1 or (kinds is not None and not kinds):
            return []
        query = Query.boolean_query(
            [(Occur.Should, Query.term_query(self._schema, "text", term, "freq")) for term in wanted]
        )
        if kinds is not None:
            among = Query.const_score_query(Query.term_set_query(self._schema, "kind", sorted(kinds)), 0)
            query = Query.boolean_query([(Occur.Must, query), (Occur.Must, among)])
        return self._ranked(query, limit)

    def _ranked(self, query: Query, limit: int) -> list[Hit]:
        """Return the best of a query, looking at all whose scores equal that of the last."""
        searcher = self._index.searcher()
        looked_at = limit + SPARE
        while True:
            found = searcher.search(query, looked_at, count=False).hits
            scores = [round(score, DECIMALS) for score, _ in found]
            if len(found) < looked_at or scores[-1] < scores[limit - 1]:
                break
            looked_at *= 32
        least = scores[min(limit, len(scores)) - 1] if scores else 0.0
        number = bisect_right(scores, -least, key=lambda score: -score)
        places = searcher.fast_field_values("n", [address for _, address in found[:number]])
        ids = [self._ids[int(place or 0)] for place in places]
        above = bisect_left(scores, -least, key=lambda score: -score)
        best = [Hit(name, score) for name, score in zip(ids[:above], scores, strict=False)]
        equal = [Hit(name, least) for name in nsmallest(limit - above, ids[above:])]
        return [*sorted(best, key=lambda hit: (-hit.score, hit.id)), *equal]
