"""Questions as engineers word them, written by hand before there was a planner, and never changed since.

Each is bound to a template by its parameters, so that its gold comes from the same code; names and amounts belong to
the corpus of SEED with at least SMALLEST instructions. The unanswerable ones ask for what nothing is known of.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from bench.questions.corpus import BenchCorpus
from bench.questions.templates import Question, ask

SEED = 7
SMALLEST = 6000
FILE = Path(__file__).with_name("paraphrases.json")
DEVELOPMENT = Path(__file__).with_name("development.json")
"""Questions of the same form that the planner was developed on; they speak of ten builds, 10,000 instructions."""
DIGEST = "f95721b5c815bf1b0aa5e090bbadc302cde4744c2fc1c29f4f2cd4d10fd5c1a9"
"""sha256 of the frozen file."""


def paraphrases(corpus: BenchCorpus, file: Path = FILE) -> list[Question]:
    """Return the answerable paraphrases with their gold; raises ValueError for a corpus that they do not speak of."""
    if corpus.seed != SEED or corpus.instructions < SMALLEST:
        msg = f"the paraphrases speak of the corpus of seed {SEED} with at least {SMALLEST} instructions"
        raise ValueError(msg)
    return [
        ask(corpus, one["template"], one["params"], id_=one["id"], language=one["language"], text=one["text"])
        for one in _read(file)["answerable"]
    ]


def unanswerable(file: Path = FILE) -> list[Question]:
    """Return the questions that are to be abstained from."""
    return [
        Question(one["id"], one["language"], "unanswerable", one["text"], frozenset(), answerable=False)
        for one in _read(file)["unanswerable"]
    ]


def digest() -> str:
    """Return the sha256 of the file as it is."""
    return hashlib.sha256(FILE.read_bytes()).hexdigest()


def _read(file: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return found
