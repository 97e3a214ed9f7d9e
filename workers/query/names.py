"""The names that a tenant's knowledge holds at one version of its data: an immutable catalogue, built for search.

Instructions are not in it: there may be a million. They are recognised by the pattern of their ids, addresses and
source lines; only their mnemonics and files are known here.
"""

import re
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from jobs.knowledge import Label, Link
from stores.graph import Condition, Graph, Hop, Node, Selection
from workers.query.normal import normal, parts, squashed

MAX_NAMES: Final = 99_999
MAX_VALUES: Final = 20_000
MAX_MITIGATIONS: Final = 50
LOAD_BUDGET_S: Final = 30.0
NAMED: Final = (
    Label.FIRMWARE,
    Label.CAMPAIGN,
    Label.MITIGATION,
    Label.DOCUMENT,
    Label.FUNCTION,
    Label.ENTITY,
    Label.PATTERN,
)
_BY_PARTS: Final = frozenset({Label.FIRMWARE, Label.CAMPAIGN, Label.MITIGATION, Label.DOCUMENT, Label.FUNCTION})
_OPENED: Final = frozenset({Label.FIRMWARE, Label.CAMPAIGN})
MAX_OPENED: Final = 32
_DIGITS = re.compile(r"\d+")
_RUN = re.compile(r"(\d+)(?:-(\d+))?")
_PROBES: Final = 4000
"""Entries of the trigram index that one fuzzy search may touch."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with a name."""

    id: str
    label: str
    name: str
    firmware: str = ""
    """The id of its firmware, of a function or campaign."""
    at: float = 0.0
    """When it was made, if that is known."""
    tags: tuple[str, ...] = ()
    core: str = ""


class Names:
    """Names by their exact form, by their parts, and by what they look like."""

    def __init__(
        self,
        things: Iterable[Named],
        *,
        mnemonics: Collection[str] = (),
        files: Collection[str] = (),
        secrets: Collection[str] = (),
        mitigated: Mapping[str, Sequence[str]] | None = None,
        truncated: bool = False,
    ) -> None:
        """Index things; `mitigated` tells for a mitigation's id the campaigns whose weaknesses it was measured on."""
        self.things: Final = tuple(sorted(things, key=lambda thing: (thing.label, thing.name, thing.id)))
        self.mnemonics: Final = {normal(name).text: name for name in sorted(mnemonics)}
        self.files: Final = tuple(sorted(files))
        self.secrets: Final = tuple(sorted(secrets))
        self.mitigated: Final = {key: tuple(value) for key, value in (mitigated or {}).items()}
        self.truncated: Final = truncated
        """Whether there are more names than are held here: an unknown name may then exist all the same."""
        cores = {thing.core for thing in self.things if thing.core}
        self.cores: Final = {squashed(end): core for core in sorted(cores) for end in (core, core.rpartition("-")[2])}
        self._by_id = {thing.id: thing for thing in self.things}
        keys: defaultdict[str, list[int]] = defaultdict(list)
        postings: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        for place, thing in enumerate(self.things):
            keys[squashed(normal(thing.name).text)].append(place)
            if thing.label in _BY_PARTS:
                for part in set(parts(thing.name)):
                    postings[thing.label, part].append(place)
        keys.pop("", None)
        openings: defaultdict[str, list[int]] = defaultdict(list)
        for place, thing in enumerate(self.things):
            words = normal(thing.name).text.replace("-", " ").split()
            for length in range(2, min(len(words), 5) if thing.label in _OPENED else 0):
                openings[squashed(" ".join(words[:length]))].append(place)
        self._openings = {key: tuple(places) for key, places in openings.items() if len(places) <= MAX_OPENED}
        self._keys = {key: tuple(places) for key, places in keys.items()}
        self._postings = {part: array("I", places) for part, places in postings.items()}
        self._spelled = list(self._keys)
        trigrams: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for place, key in enumerate(self._spelled):
            for gram in _trigrams(key):
                trigrams[gram].append(place)
        self._trigrams = dict(trigrams)
        self._digests = sorted(
            (thing.id.partition(":")[2], thing) for thing in self.things if thing.label == Label.FIRMWARE
        )
        self.longest: Final = max((len(normal(thing.name).text.split()) for thing in self.things), default=1)

    def __len__(self) -> int:
        return len(self.things)

    def of(self, label: str) -> list[Named]:
        """Return the things of a kind, by name."""
        return [thing for thing in self.things if thing.label == label]

    def opening(self, key: str) -> list[Named]:
        """Return the firmware and campaigns whose names begin with these words, two or more of them."""
        return [self.things[place] for place in self._openings.get(key, ())]

    def get(self, id_: str) -> Named | None:
        """Return the thing with an id, if it is known."""
        return self._by_id.get(id_)

    def exact(self, key: str) -> list[Named]:
        """Return the things whose name is this, whatever stands between its letters."""
        return [self.things[place] for place in self._keys.get(key, ())]

    def is_part(self, part: str, labels: Collection[str] = _BY_PARTS) -> bool:
        """Say whether a name of one of these kinds holds this word or number."""
        return any((label, part) in self._postings for label in labels)

    def holding(self, wanted: Collection[str], labels: Collection[str], *, limit: int = 64) -> list[Named]:
        """Return the things whose names hold all of these words; those that only add to another one's words are left out."""
        places: set[int] = set()
        for label in labels:
            postings = sorted((self._postings.get((label, part), array("I")) for part in set(wanted)), key=len)
            if postings and (len(postings) > 1 or len(postings[0]) <= limit):
                first, *others = postings
                places |= {place for place in first if all(_has(posting, place) for posting in others)}
        if len(places) > limit:
            return []
        held = [self.things[place] for place in sorted(places)]
        made = [(thing, frozenset(parts(thing.name))) for thing in held]
        return [thing for thing, mine in made if not any(other < mine for _, other in made)]

    def digest(self, start: str) -> list[Named]:
        """Return the firmware whose SHA-256 begins so."""
        place = bisect_left(self._digests, start, key=lambda pair: pair[0])
        found = []
        while place < len(self._digests) and self._digests[place][0].startswith(start):
            found.append(self._digests[place][1])
            place += 1
        return found

    def similar(self, key: str, *, labels: Collection[str] | None = None, limit: int = 3) -> list[tuple[float, str]]:
        """Return keys of names that look like this, best first, with 0..1; numbers in them must be the same."""
        counts: Counter[int] = Counter()
        left = _PROBES
        for posting in sorted((self._trigrams.get(gram, array("I")) for gram in _trigrams(key)), key=len):
            if left <= 0 and counts:
                break
            counts.update(posting[: max(left, 0)])
            left -= len(posting)
        digits = _DIGITS.findall(key)
        found = []
        for place, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:200]:
            other = self._spelled[place]
            score = OSA.normalized_similarity(key, other, score_cutoff=0.7)
            if (
                score > 0
                and _DIGITS.findall(other) == digits
                and (labels is None or any(self.things[at].label in labels for at in self._keys[other]))
            ):
                found.append((score, other))
        return sorted(found, key=lambda item: (-item[0], item[1]))[:limit]

    def files_like(self, path: str) -> list[str]:
        """Return the files that a path, or the end of one, may mean; `path` in normal form."""
        return [file for file in self.files if f"/{normal(file).text}".endswith(f"/{path.lstrip('./')}")]

    def secrets_of(self, byte: int | None) -> list[str]:
        """Return the secrets that are the key, or that hold one byte of it."""
        keys = [secret for secret in self.secrets if secret.startswith("key")]
        if byte is None:
            return keys
        return [secret for secret in keys if any(_within(run, byte) for run in _RUN.findall(secret))]


def _within(run: tuple[str, str], byte: int) -> bool:
    return int(run[0]) <= byte <= int(run[1] or run[0])


def _has(posting: "array[int]", place: int) -> bool:
    at = bisect_left(posting, place)
    return at < len(posting) and posting[at] == place


def _trigrams(key: str) -> set[str]:
    padded = f"^{key}$"
    return {padded[place : place + 3] for place in range(len(padded) - 2)}


def load_names(graph: Graph, tenant: str, *, hidden: Collection[str], limit: int = MAX_NAMES) -> Names:
    """Read the catalogue of what a tenant can see; past the limit it is truncated and says so. Raise StoreUnavailable."""
    things: list[Named] = []
    truncated = False
    for label in NAMED:
        room = limit - len(things)
        nodes = graph.select(tenant, Selection(label, limit=room + 1), hidden=hidden, budget_s=LOAD_BUDGET_S)
        truncated |= len(nodes) > room
        things += [_named(node) for node in nodes[:room]]

    def values(label: Label, by: str) -> list[str]:
        summaries = graph.summarise(tenant, Selection(label), by=by, hidden=hidden, budget_s=LOAD_BUDGET_S)
        return [str(summary.key) for summary in summaries[:MAX_VALUES] if summary.key is not None]

    mitigated = {}
    for thing in [thing for thing in things if thing.label == Label.MITIGATION][:MAX_MITIGATIONS]:
        back = Hop(Link.MITIGATED_BY, Label.VULNERABILITY, forward=False)
        weaknesses = Selection(Label.MITIGATION, (Condition("id", "=", thing.id),), (back,), take=1)
        campaigns = graph.summarise(tenant, weaknesses, by="campaign", hidden=hidden, budget_s=LOAD_BUDGET_S)
        mitigated[thing.id] = [str(summary.key) for summary in campaigns if summary.key is not None]
    return Names(
        things,
        mnemonics=values(Label.INSTRUCTION, "mnemonic"),
        files=values(Label.INSTRUCTION, "file"),
        secrets=values(Label.VULNERABILITY, "secret"),
        mitigated=mitigated,
        truncated=truncated,
    )


def _named(node: Node) -> Named:
    properties = node.properties
    name = str(properties.get("name") or properties.get("title") or "")
    if node.label == Label.FUNCTION and not name:
        name = node.id.split(":", 2)[-1]
    if node.label == Label.PATTERN:
        name = f"{properties.get('pattern_type', '')} pattern"
    at = properties.get("created_at")
    return Named(
        node.id,
        node.label,
        name or node.id.partition(":")[2],
        str(properties.get("firmware") or ""),
        float(at) if isinstance(at, int | float) else 0.0,
        tuple(tag for tag in str(properties.get("tags") or "").split(",") if tag),
        str(properties.get("core") or ""),
    )
