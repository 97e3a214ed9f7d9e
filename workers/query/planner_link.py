"""Linking on its way: what a link is, the tokens, which of them are taken, what was found."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from jobs.knowledge import Label
from stores.graph import Condition
from workers.query import lexicon
from workers.query.names import Named, Names
from workers.query.normal import Normal, parts, squashed
from workers.query.planner_tokens import Token

_TREATED: Final = dict.fromkeys(("enmascarado", "enmascarada", "enmascarados", "enmascaradas"), "masked")
MAX_ALTERNATIVES: Final = 64
CUES: Final = {
    word: label
    for label, words in {
        Label.FUNCTION: "function functions func routine routines subroutine funcion funciones rutina rutinas subrutina",
        Label.FIRMWARE: "firmware firmwares build builds image images binary binaries version versions release releases elf "
        "compilacion compilaciones imagen binario binarios versiones",
        Label.CAMPAIGN: "campaign campaigns campana campanas ensayo ensayos evaluation assessment evaluacion",
        Label.MITIGATION: "mitigation countermeasure mitigacion contramedida",
        Label.DOCUMENT: "document documento paper article articulo",
        Label.ENTITY: "entity entidad concept concepto",
        Label.INSTRUCTION: "instruction instructions instruccion instrucciones mnemonic mnemonics mnemonico opcode opcodes",
    }.items()
    for word in words.split()
}
_ASKING_WORDS = """
which what whose each every any per by how many all no que cual cuales cada cuantos cuantas por todas
ninguna hottest coldest slowest worst
"""
ASKING: Final = frozenset(_ASKING_WORDS.split())
_GLUE_WORDS = """
the of de del la el los las en on in with con for para s a
"""
GLUE: Final = frozenset(_GLUE_WORDS.split())
_AND_WORDS = """
and y e vs versus to with a con or o frente through
"""
AND: Final = frozenset(_AND_WORDS.split())
AGAINST: Final = frozenset(
    [
        "to",
        "a",
        "hasta",
        "against",
        "contra",
        "than",
        "que",
        "vs",
        "versus",
        ">",
        "and",
        "y",
        "into",
        "over",
        "next",
        "beside",
        "alongside",
        "junto",
    ]
)
_FROM: Final = frozenset({"from", "de", "desde", "going", "between"})
OPENING: Final = dict.fromkeys(("to", "a", "hasta", "que", "into"), _FROM) | dict.fromkeys(
    ("and", "y"), frozenset({"between", "entre"})
)


@dataclass(frozen=True, slots=True)
class Linked:
    """Tokens `start` to `end` and what they name: things of one kind, alternatives of each other, or a condition."""

    start: int
    end: int
    label: str
    things: tuple[Named, ...] = ()
    condition: Condition | None = None
    score: float = 1.0
    takes: bool = True
    """Whether the words mean nothing else."""

    @property
    def condition_name(self) -> str:
        """Return the property that its condition is on, if it is one."""
        return self.condition.property if self.condition else ""


@dataclass(slots=True)
class Links:
    """All that a question names."""

    linked: list[Linked] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    maybe: list[str] = field(default_factory=list)
    """Words with a capital letter that name nothing: a name only where the question has structure."""
    similar: list[tuple[str, str]] = field(default_factory=list)
    """An unknown name and a known one that looks like it."""


class Linking:
    """One question on its way."""

    def __init__(self, text: Normal, tokens: Sequence[Token], names: Names) -> None:
        self.text, self.tokens, self.names = text, tokens, names
        self.taken = [False] * len(tokens)
        self.links = Links()
        self.tries = self.tries_of_parts = 0
        self.words = [self.word(token) for token in tokens]

    def word(self, token: Token) -> str:
        """Return a word as it was meant: corrected, unless it is a part of a name."""
        if token.text in _TREATED:
            return _TREATED[token.text]
        if token.kind != "word" or any(self.names.is_part(part) for part in parts(token.text)):
            return token.text
        return lexicon.corrected(token.text)

    def add(
        self,
        start: int,
        end: int,
        label: str,
        *,
        things: Sequence[Named] = (),
        condition: Condition | None = None,
        score: float = 1.0,
        takes: bool = True,
    ) -> None:
        """Note a link."""
        self.links.linked.append(Linked(start, end, label, tuple(things[:MAX_ALTERNATIVES]), condition, score, takes))
        if takes:
            self.taken[start:end] = [True] * (end - start)

    def missing(self, start: int, end: int) -> None:
        """Note words that name nothing, and what they look like."""
        words = self.text.raw(self.tokens[start].start, self.tokens[end - 1].end)
        if words not in self.links.unknown:
            self.links.unknown.append(words)
            for _, key in self.names.similar(self.key(start, end), limit=1):
                self.links.similar.append((words, self.names.exact(key)[0].name))
        self.taken[start:end] = [True] * (end - start)

    def key(self, start: int, end: int) -> str:
        """Return tokens without what stands between them."""
        return squashed(self.text.text[self.tokens[start].start : self.tokens[end - 1].end])

    def free(self, start: int, end: int) -> bool:
        """Say whether no token is taken and no sentence ends between them."""
        return not any(self.taken[start:end]) and all(token.kind != "break" for token in self.tokens[start:end])

    def cue(self, start: int, end: int) -> tuple[str | None, bool]:
        """Return the kind that stands before or behind tokens, and whether it stands before and asks for no kind."""
        if start > 0 and (label := CUES.get(self.words[start - 1])) is not None:
            asks = start > 1 and self.tokens[start - 2].text in ASKING
            return label, not asks
        if end < len(self.tokens) and (label := CUES.get(self.words[end])) is not None:
            return label, False
        return None, False

    def counts(self, at: int) -> bool:
        """Say whether a number is how many are asked for, or what is compared: `the hottest 5 in build 7`."""
        if self.tokens[at].kind != "number" or at + 1 >= len(self.tokens):
            return False
        before = CUES.get(self.words[at - 1]) if at else None
        joined = at > 1 and self.tokens[at - 1].text in AND
        return before not in {Label.FIRMWARE, Label.CAMPAIGN} and not joined and self.tokens[at + 1].text in GLUE

    def called(self, end: int) -> bool:
        """Say whether `()` follows."""
        return self.text.text[self.tokens[end - 1].end :].startswith("(")

    def choose(self, start: int, end: int, things: Sequence[Named], score: float) -> None:
        """Link the kind that a cue asks for, or the one that usually has names like this; the rest only mentions it."""
        cue, _ = self.cue(start, end)
        order = [Label.FUNCTION, Label.FIRMWARE, Label.CAMPAIGN, Label.MITIGATION, Label.DOCUMENT, Label.PATTERN]
        labels = sorted(
            {thing.label for thing in things}, key=lambda label: order.index(Label(label)) if label in order else 9
        )
        label = cue if cue in labels else labels[0]
        mine = [thing for thing in things if thing.label == label]
        self.add(start, end, label, things=mine, score=score, takes=label != Label.ENTITY)


def shaped(token: Token) -> bool:
    """Say whether a word looks like an identifier: an underscore, a digit, a capital letter inside."""
    if token.kind != "word" or not any(map(str.isalpha, token.text)):
        return False
    inner = any(first.islower() and second.isupper() for first, second in zip(token.raw, token.raw[1:], strict=False))
    return "_" in token.text or any(map(str.isdigit, token.text)) or inner
