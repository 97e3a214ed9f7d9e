"""LightRAG on the same things, relations and embeddings, and without a language model.

Things are brought in as its own entities, relations and chunks, which is what a perfect extraction would have made of
the texts. Where it would ask a model for keywords, the question itself is the keyword. Nothing is cut off: budgets of
tokens are far above what it finds.
"""

import asyncio
import importlib.util
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from bench.peers.ranking import LIMIT, Ranked, Ranker
from bench.peers.texts import Thing
from stores.vectors import FloatArray
from workers.encoders.encoder import Encoder

TOKENS = 10_000_000


def is_installed() -> bool:
    """Say whether the extra `bench` is there."""
    return importlib.util.find_spec("lightrag") is not None


class Letters:
    """A tokenizer that counts letters: the real one would be downloaded."""

    def encode(self, content: str) -> list[int]:
        """Return a number for each letter."""
        return [ord(letter) for letter in content]

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the letters."""
        return "".join(map(chr, tokens))


class LightRag:
    """LightRAG with its default stores, in a folder that goes with the context."""

    def __init__(self, things: Sequence[Thing], encoder: Encoder) -> None:
        """Take things in on entry."""
        self._things = things
        self._encoder = encoder
        self._folder = ""
        self._loop = asyncio.new_event_loop()
        self._rag: Any = None
        self.inserted_s = 0.0
        self.names = {thing.name: thing.id for thing in things}
        self.texts = {thing.text: thing.id for thing in things}

    def __enter__(self) -> Self:
        """Insert everything, timed."""
        # It reads them when it is imported.
        os.environ.setdefault("LOG_LEVEL", "ERROR")
        from lightrag import LightRAG
        from lightrag.utils import EmbeddingFunc, Tokenizer

        logging.getLogger("lightrag").setLevel(logging.ERROR)
        self._folder = tempfile.mkdtemp(prefix="bench-lightrag-")
        self._rag = LightRAG(
            working_dir=self._folder,
            llm_model_func=_nobody,
            tokenizer=Tokenizer("letters", Letters()),
            embedding_func=EmbeddingFunc(embedding_dim=self._encoder.dimensions, func=_embedding(self._encoder)),
        )
        self._loop.run_until_complete(self._rag.initialize_storages())
        began = time.perf_counter()
        self._loop.run_until_complete(self._rag.ainsert_custom_kg(self._knowledge()))
        self.inserted_s = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._loop.run_until_complete(self._end())
        self._loop.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def ranker(self, mode: str) -> Ranker:
        """Return how it ranks: entities in its order, then chunks; a score by place, as it gives none."""

        def rank(question: str) -> Ranked:
            found = self._loop.run_until_complete(self.ask(question, mode))
            return [(id_, 1 / place) for place, id_ in enumerate(found, 1)]

        return rank

    async def ask(self, question: str, mode: str) -> list[str]:
        """Return the ids of the things that an answer would rest on, best first."""
        from lightrag import QueryParam

        param = QueryParam(
            mode=mode,
            top_k=LIMIT,
            chunk_top_k=LIMIT,
            max_entity_tokens=TOKENS,
            max_relation_tokens=TOKENS,
            max_total_tokens=10 * TOKENS,
            hl_keywords=[question],
            ll_keywords=[question],
            enable_rerank=False,
        )
        data = (await self._rag.aquery_data(question, param)).get("data", {})
        ids = [self.names.get(entity["entity_name"]) for entity in data.get("entities", [])]
        ids += [self.texts.get(chunk["content"]) for chunk in data.get("chunks", [])]
        return list(dict.fromkeys(id_ for id_ in ids if id_ is not None))

    async def _end(self) -> None:
        await self._rag.finalize_storages()
        # Its queues have workers of their own, which wait for ever.
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    def _knowledge(self) -> dict[str, Any]:
        names = {thing.id: thing.name for thing in self._things}
        return {
            "chunks": [{"content": thing.text, "source_id": thing.id, "file_path": "bench"} for thing in self._things],
            "entities": [
                {"entity_name": thing.name, "entity_type": thing.kind, "description": thing.text, "source_id": thing.id}
                for thing in self._things
            ],
            "relationships": [
                {
                    "src_id": thing.name,
                    "tgt_id": names[thing.belongs],
                    "description": f"{thing.name} is part of {names[thing.belongs]}",
                    "keywords": "part of",
                    "source_id": thing.id,
                }
                for thing in self._things
                if thing.belongs
            ],
        }


def _embedding(encoder: Encoder) -> Callable[..., Awaitable[FloatArray]]:
    """Return the encoder as it wants it: a plain function, as it copies its settings deeply."""

    async def embed(texts: list[str], **_: Any) -> FloatArray:
        return np.asarray(encoder.encode(texts))

    return embed


async def _nobody(*_: Any, **__: Any) -> str:
    """Be no language model."""
    return ""
