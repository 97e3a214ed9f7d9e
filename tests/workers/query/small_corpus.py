"""A small corpus over two builds of an AES, written to real stores as an ingestion leaves it; a deterministic encoder."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from jobs.knowledge import Label, Link
from jobs.knowledge import Space as Spaces
from stores.corpus import CORPUS
from stores.documents import Documents, Record, Shelf
from stores.graph import Graph, Node, Relation
from stores.vectors import FloatArray, Passage, Row, Space, Texts, Vectors
from stores.words import terms
from workers.query.sides import sides_record

TENANT = "lab"
SHA = {6: "6" * 64, 7: "7" * 64}
FIRMWARE = {build: f"firmware:{sha}" for build, sha in SHA.items()}
CAMPAIGN = {6: "campaign:c6", 7: "campaign:c7"}
TRACES = 2000
CODE = {
    "sub_bytes": ("ldrb r3, [r2]", "ldrb r4, [r1, r3]", "strb r4, [r2]", "adds r2, #1"),
    "add_round_key": ("eors r3, r4", "strb r3, [r0]", "subs r1, #1"),
    "key_expand": ("lsls r5, r5, #8", "eors r5, r6", "str r5, [r7]"),
}
T = {
    6: {"sub_bytes": (25.0, 14.0, 5.5, 1.0), "add_round_key": (2.0, 1.5, 0.5), "key_expand": (9.0, 2.0, 1.0)},
    7: {"sub_bytes": (1.2, 2.1, 5.0, 1.1), "add_round_key": (12.0, 1.4, 0.7), "key_expand": (9.2, 2.2, 0.9)},
}
ENERGY = {"sub_bytes": (0.0021, 0.0034, 0.0028, 0.0012), "add_round_key": (0.0013, 0.0026, 0.0011)}
"""Of build 7, in uJ; nothing was measured of key_expand, nor of build 6."""
SPREAD, SAMPLES = 0.0001, 100
LEAKS: dict[int, Sequence[tuple[str, int, str, str, float]]] = {
    6: (
        ("sub_bytes", 0, "critical", "tvla-1", 25.0),
        ("sub_bytes", 1, "high", "cpa", 0.85),
        ("key_expand", 0, "high", "tvla-1", 9.0),
    ),
    7: (("add_round_key", 0, "high", "tvla-1", 12.0), ("key_expand", 0, "high", "tvla-1", 9.2)),
}
RANKS = {"critical": 4, "high": 3, "medium": 2, "low": 1}
CHUNKS = (
    """The first round of the cipher reads its substitution table with an index that depends on the key. \
Masking the table hides that index behind a random byte.""",
    "Shuffling changes the order in which bytes are processed. It lowers the correlation by the number of positions.",
    "The oscilloscope was calibrated in March with a reference resistor of one ohm.",
)


class WordEncoder:
    """Texts with the same words lie close: a bag of hashed terms."""

    model = "words-1"
    dimensions = 128

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> FloatArray:
        self.encoded += texts
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for term in terms(text):
                place = int.from_bytes(hashlib.sha256(term.encode()).digest()[:4], "little")
                row[place % self.dimensions] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: FloatArray = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
        return unit


@dataclass
class Written:
    """What goes to the stores."""

    nodes: dict[str, list[Node]] = field(default_factory=dict)
    relations: dict[str, list[Relation]] = field(default_factory=dict)
    profiles: list[Record] = field(default_factory=list)
    passages: dict[str, Passage] = field(default_factory=dict)
    members: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def node(self, batch: str, label: Label, key: str, **properties: object) -> None:
        told = {name: value for name, value in properties.items() if value is not None}
        self.nodes.setdefault(batch, []).append(Node(label, key, told))  # type: ignore[arg-type]

    def link(self, batch: str, kind: Link, source: str, target: str, **properties: float | str) -> None:
        self.relations.setdefault(batch, []).append(Relation(kind, source, target, properties))

    def passage(self, batch: str, kind: str, text: str, *ids: str, key: str | None = None) -> None:
        found = key or f"{kind}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"
        self.passages[found] = Passage(found, kind, text)
        self.members.setdefault((batch, found), []).extend(ids)

    def profile(self, batch: str, thing: str, **body: object) -> None:
        self.profiles.append(Record(f"{batch}|{thing}", body, batch, thing))


def instruction(build: int, function: str, place: int) -> str:
    """Return the id of an instruction of the corpus."""
    before = list(itertools.takewhile(lambda name: name != function, CODE))
    return f"{SHA[build][:12]}:{0x100 + 2 * (sum(len(CODE[name]) for name in before) + place):08x}"


def campaign(build: int) -> Written:
    """Return what one campaign brings."""
    batch, sha, firmware = CAMPAIGN[build], SHA[build], FIRMWARE[build]
    out = Written()
    out.node(batch, Label.FIRMWARE, firmware, name=f"build {build}", sha256=sha, core="cortex-m0", bytes=2048)
    leaking = bool(LEAKS[build])
    out.node(
        batch,
        Label.CAMPAIGN,
        batch,
        name=f"aes-tvla-{build}",
        verdict="leaks" if leaking else "clean",
        headline=f"Leaks: {len(LEAKS[build])} findings.",
        traces=TRACES,
        max_abs_t=max(max(values) for values in T[build].values()),
        firmware=firmware,
        tags=f",nightly,build{build},",
        created_at=1_700_000_000.0 + build,
    )
    out.link(batch, Link.PART_OF, batch, firmware)
    for function, code in CODE.items():
        key = f"function:{sha[:12]}:{function}"
        out.node(batch, Label.FUNCTION, key, name=function, firmware=firmware, file="aes.c")
        out.link(batch, Link.PART_OF, key, firmware)
        for place, text in enumerate(code):
            _instruction(out, build, function, place, text)
    for number in range(len(LEAKS[build])):
        _leak(out, build, number)
    if build == 6:
        out.node(batch, Label.MITIGATION, "mitigation:masking", name="masking", effectiveness=0.95, cost=1.4)
        out.link(batch, Link.MITIGATED_BY, "vulnerability:c6:0", "mitigation:masking", before=25.0, after=1.2)
    return out


def _instruction(out: Written, build: int, function: str, place: int, text: str) -> None:
    batch, key = CAMPAIGN[build], instruction(build, function, place)
    mnemonic, _, operands = text.partition(" ")
    line = 10 + 10 * list(CODE).index(function) + place
    told = {"mnemonic": mnemonic, "operands": operands, "function": function, "file": "aes.c", "line": line}
    value = T[build][function][place]
    out.node(
        batch,
        Label.INSTRUCTION,
        key,
        **told,
        address=int(key.split(":")[1], 16),
        source_line=f"aes.c:{line}",
        firmware=FIRMWARE[build],
        max_abs_t=value,
        avg_power=10.0 + place,
        executions=16,
    )
    out.link(batch, Link.PART_OF, key, f"function:{SHA[build][:12]}:{function}")
    out.link(batch, Link.MEASURED_IN, key, batch, max_abs_t=value)
    if place:
        out.link(batch, Link.PRECEDES, instruction(build, function, place - 1), key)
    out.profile(batch, key, **told, max_abs_t=value, avg_power=10.0 + place, executions=16, kind="campaign")
    out.passage(batch, "instruction", f"{mnemonic} {operands} in {function} at aes.c:{line}", key)


def _leak(out: Written, build: int, number: int) -> None:
    function, place, severity, kind, value = LEAKS[build][number]
    batch, key, thing = CAMPAIGN[build], f"vulnerability:c{build}:{number}", instruction(build, function, place)
    name = f"{function} leaks the key to {kind}"
    out.node(
        batch,
        Label.VULNERABILITY,
        key,
        name=name,
        kind=kind,
        severity=severity,
        severity_rank=RANKS[severity],
        secret="key",
        cpa_value=value if kind == "cpa" else None,
        tvla_t=value if kind != "cpa" else None,
        traces=TRACES,
        sufficient=1,
        campaign=batch,
        firmware=FIRMWARE[build],
        instruction=thing,
        function=function,
    )
    out.link(batch, Link.LEAKS, thing, key, severity=severity)
    out.link(batch, Link.MEASURED_IN, key, batch)
    out.passage(batch, "vulnerability", f"{name}, {severity} severity", key, thing)


def measurements(name: str, *, shift: float = 0.0) -> Written:
    """Return what a file of energies of build 7 brings; `shift` moves the first instruction's mean."""
    batch, out = f"measurements:{name}", Written()
    for function, energies in ENERGY.items():
        for place, energy in enumerate(energies):
            thing = instruction(7, function, place)
            mean = energy + (shift if (function, place) == ("sub_bytes", 0) else 0.0)
            key = f"measurement:{batch}|{thing}"
            told = {"energy_mean": mean, "energy_sd": SPREAD, "samples": SAMPLES}
            out.node(batch, Label.MEASUREMENT, key, batch_id=batch, instruction=thing, timestamp=1.0, **told)
            out.node(batch, Label.INSTRUCTION, thing, avg_energy=mean, energy_sd=SPREAD, sample_count=SAMPLES)
            out.link(batch, Link.MEASURED_IN, thing, key)
            out.profile(batch, thing, avg_energy=mean, energy_sd=SPREAD, sample_count=SAMPLES, kind="measurements")
    first, second = instruction(7, "sub_bytes", 0), instruction(7, "sub_bytes", 1)
    out.link(batch, Link.CORRELATES_WITH, first, second, weight=0.9, overlap=60, batch_id=batch)
    return out


def document(name: str = "report", chunks: Sequence[str] = CHUNKS) -> Written:
    """Return what a document brings."""
    batch, out = f"document:{name}", Written()
    out.node(
        batch,
        Label.DOCUMENT,
        batch,
        name=name,
        title="On tables",
        language="en",
        created_at=1_700_000_100.0,
        tags=",notes,",
    )
    for position, text in enumerate(chunks):
        key = f"chunk:{name}:{position}"
        out.node(batch, Label.CHUNK, key, document=batch, position=position, text=text)
        out.link(batch, Link.PART_OF, key, batch)
        out.passage(batch, "chunk", text, key, key=key)
    return out


@dataclass
class Corpus:
    """The stores, and what a tenant's data is."""

    documents: Documents
    graph: Graph
    vectors: Vectors
    texts: Texts
    encoder: WordEncoder = field(default_factory=WordEncoder)
    tenant: str = TENANT
    version: int = 0
    hidden: tuple[str, ...] = ()

    def say(self, **changes: object) -> None:
        """Write the record of the corpus."""
        self.version = int(str(changes.get("version", self.version)))
        hidden = changes.get("hidden", self.hidden)
        self.hidden = tuple(hidden) if isinstance(hidden, tuple | list) else ()
        spaces = {space.value: self.encoder.model for space in (Spaces.CHUNKS, Spaces.INSTRUCTIONS)}
        body = {"version": self.version, "hidden": list(self.hidden), "spaces": spaces}
        self.documents.put(self.tenant, Shelf.CORPUS, [Record(CORPUS, body)])

    def write(self, *parts: Written) -> None:
        """Write what batches bring, and say so: a new version."""
        for part in parts:
            for batch, nodes in part.nodes.items():
                self.graph.merge(self.tenant, nodes, part.relations.get(batch, []), batch=batch)
                kind = batch.partition(":")[0]
                record = Record(batch, {"kind": kind, "created_at": 1_700_000_000.0}, batch, kind)
                self.documents.put(self.tenant, Shelf.BATCHES, [record])
                if kind == "campaign":
                    self.documents.put(self.tenant, Shelf.ANALYSIS_RESULTS, [sides_record(batch, nodes)])
            self.documents.put(self.tenant, Shelf.PROFILES, part.profiles)
            self._passages(part)
        self.say(version=self.version + 1)

    def _passages(self, part: Written) -> None:
        found = list(part.passages.values())
        if not found:
            return
        told = [Record(one.id, {"kind": one.kind, "text": one.text}) for one in found]
        self.documents.put(self.tenant, Shelf.PASSAGES, told)
        members = [
            Record(f"{batch}|{passage}", {"ids": ids}, batch, passage) for (batch, passage), ids in part.members.items()
        ]
        self.documents.put(self.tenant, Shelf.MEMBERS, members)
        self.texts.add(self.tenant, found)
        for name, kinds in ((Spaces.CHUNKS, {"chunk"}), (Spaces.INSTRUCTIONS, {"instruction", "vulnerability"})):
            of_space = [one for one in found if one.kind in kinds]
            if of_space:
                vectors = self.encoder.encode([one.text for one in of_space])
                rows = [Row(one.id, vector) for one, vector in zip(of_space, vectors, strict=True)]
                self.vectors.upsert(self.tenant, Space(name, self.encoder.model, self.encoder.dimensions), rows)


def whole() -> list[Written]:
    """Return the whole corpus: two campaigns, two files of energies that contradict each other once, a document."""
    return [campaign(6), campaign(7), measurements("monday"), measurements("tuesday", shift=0.0004), document()]
