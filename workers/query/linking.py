"""What a question names: exact names first, longest first; then ids and places of code, parts of names, misspelt names."""

import re
from collections.abc import Collection, Sequence

from rapidfuzz.distance import OSA

from jobs.knowledge import Label
from stores.graph import Condition
from workers.query import lexicon
from workers.query.lexicon_words import ORDINARY
from workers.query.names import Named, Names
from workers.query.normal import Normal, parts, squashed
from workers.query.planner_link import CUES, GLUE, Links, shaped
from workers.query.planner_link_names import Naming
from workers.query.planner_tokens import Token

_HEX = re.compile(r"[0-9a-f]{6,64}")
_BYTE = frozenset(["byte", "bytes", "octeto", "octetos", "keybyte", "keybytes"])
_ONE = frozenset(["byte", "octeto", "keybyte"])
_KEY = frozenset(["key", "clave", "llave", "keybyte", "keybytes"])
_BETWEEN = frozenset(
    ["de", "of", "the", "la", "del", "number", "no", "numero", "num", "n", "secret", "secreta", "cifrado", *_KEY]
)
_LISTED = frozenset(["and", "or", "y", "o", "e", "u", ","])


class _Linking(Naming):
    """Finds ids and places of code too, and notes what looks like a name and is none."""

    def patterns(self) -> None:
        """Link ids, addresses, places of code and bytes of the key."""
        for at, token in enumerate(self.tokens):
            if token.kind == "instruction":
                digest, _, address = token.text.partition(":")
                id_ = f"{digest}:{int(address, 16):08x}"
                self.add(at, at + 1, Label.INSTRUCTION, things=[Named(id_, Label.INSTRUCTION, id_)])
            elif token.kind == "address":
                where = Condition("address", "=", int(token.text, 16))
                self.add(at, at + 1, Label.INSTRUCTION, condition=where)
            elif token.kind == "id":
                self.identifier(at, token)
            elif token.kind == "place":
                self.place(at, token)
            elif token.text in _BYTE:
                self.secret(at)

    def identifier(self, at: int, token: Token) -> None:
        """Link an id written out; those of things that have no name are taken as they are."""
        known = self.names.get(token.raw) or self.names.get(f"campaign:{token.text}")
        label = {"vulnerability": Label.VULNERABILITY, "chunk": Label.CHUNK, "measurement": Label.MEASUREMENT}
        kind = label.get(token.text.partition(":")[0])
        if known is not None:
            self.add(at, at + 1, known.label, things=[known])
        elif kind is not None:
            self.add(at, at + 1, kind, things=[Named(token.raw, kind, token.raw)])
        elif token.text.startswith("firmware:") and (found := self.names.digest(token.text.partition(":")[2])):
            self.add(at, at + 1, Label.FIRMWARE, things=found)
        else:
            self.missing(at, at + 1)

    def place(self, at: int, token: Token) -> None:
        """Link `aes.c:42`, `line 42 of aes.c` and `aes.c`."""
        path, _, line = token.text.partition(":")
        document = self.names.exact(squashed(path))
        files = self.names.files_like(path)
        if not files:
            if document:
                self.add(at, at + 1, document[0].label, things=document)
            else:
                self.missing(at, at + 1)
            return
        start = at
        if not line and at >= 2:
            back = at - 1 if self.tokens[at - 1].text not in GLUE else at - 2
            number = self.tokens[back].quantity
            if number is not None and back >= 1 and self.tokens[back - 1].text in {"line", "linea"}:
                line, start = str(int(number.value)), back - 1
        if line:
            places = tuple(f"{file}:{int(line)}" for file in files)
            self.add(start, at + 1, Label.INSTRUCTION, condition=Condition("source_line", "in", places))
        else:
            self.add(at, at + 1, Label.INSTRUCTION, condition=Condition("file", "in", tuple(files)))

    def secret(self, at: int) -> None:
        """Link `key byte 3`, `byte 3 of the key` and `el byte 3 de la clave`, `bytes de clave 3 y 5`."""
        place = at + 1
        while place < len(self.tokens) and self.tokens[place].text in _BETWEEN:
            place += 1
        wanted: list[int] = []
        end = place
        while place < len(self.tokens) and (number := self.tokens[place].quantity) is not None:
            if number.unit is not None or number.value != int(number.value) or number.value < 0:
                break
            wanted.append(int(number.value))
            end = place = place + 1
            if place + 1 < len(self.tokens) and self.tokens[place].text in _LISTED:
                place += 1
        near = {token.text for token in self.tokens[max(0, at - 3) : end + 5]}
        if not wanted or not (near & _KEY or self.tokens[at].text in _ONE):
            return
        start = at - 1 if at and self.tokens[at - 1].text in _KEY else at
        found = [secret for byte in wanted for secret in self.names.secrets_of(byte)]
        known = [byte for byte in wanted if self.names.secrets_of(byte)]
        if len(known) == len(wanted):
            where = Condition("secret", "in", tuple(dict.fromkeys(found)))
            self.add(start, end, Label.VULNERABILITY, condition=where)
        elif self.names.secrets_of(None):
            self.missing(start, end)

    def cores(self, behind: Collection[str] = ()) -> None:
        """Link what firmware runs on, `a Cortex-M4`, `the M4`; with `behind` only there, as names hold it too."""
        for at in range(len(self.tokens)):
            if behind and (not at or self.tokens[at - 1].text not in behind):
                continue
            for end in (at + 3, at + 2, at + 1):
                if end > len(self.tokens) or not self.free(at, end):
                    continue
                if (core := self.names.cores.get(self.key(at, end))) is not None:
                    self.add(at, end, Label.FIRMWARE, condition=Condition("core", "=", core))
                    break

    def rest(self) -> None:
        """Link digests and misspelt names; note what looks like a name and is none."""
        for at, token in enumerate(self.tokens):
            if self.taken[at] or token.kind != "word":
                continue
            if (
                _HEX.fullmatch(token.text)
                and any(map(str.isdigit, token.text))
                and (found := self.names.digest(token.text))
            ):
                self.add(at, at + 1, Label.FIRMWARE, things=found, score=1.0 if len(found) == 1 else 0.9)
                continue
            if self.mnemonic(at, at + 1):
                continue
            label, before = self.cue(at, at + 1)
            end = at + 1
            if before and label == Label.FIRMWARE and end < len(self.tokens) and self.tokens[end].kind == "number":
                end += not self.taken[end]
            if label == Label.CAMPAIGN and before and (thing := self.names.get(f"campaign:{token.raw}")) is not None:
                self.add(at, at + 1, Label.CAMPAIGN, things=[thing])
                continue
            common = lexicon.is_common(lexicon.corrected(token.text)) or lexicon.is_common(token.text)
            named = (before and label != Label.INSTRUCTION and not common) or shaped(token) or bool(token.quote)
            named &= not (common and len(token.text) < 4)  # `uJ`
            named = named or self.called(at + 1)
            if not named and (common or len(token.text) < 4):
                self.capital(at, token, common=common)
                continue
            # An entity's name means itself and may mean more, so its words are free; unknown they are not.
            if self.fuzzy(at, end) or any(link.start <= at < link.end for link in self.links.linked):
                continue
            if named:
                self.missing(at, end)
            else:
                self.capital(at, token, common=common)
        self.numbers()
        self.families()

    def families(self) -> None:
        """Note `aria build 3` where build 3 is one of another family."""
        for link in [one for one in self.links.linked if one.label in {Label.FIRMWARE, Label.CAMPAIGN} and one.start]:
            before, first = self.tokens[link.start - 1], self.words[link.start]
            known = {part for thing in link.things for part in parts(thing.name)}
            if before.kind != "word" or self.taken[link.start - 1] or CUES.get(first) != Label.FIRMWARE or not known:
                continue
            word = self.words[link.start - 1]
            common = lexicon.is_common(word) or word in ORDINARY or len(word) < 3
            if not common and min(OSA.distance(word, part) for part in known) > (2 if len(word) > 7 else 1):
                self.missing(link.start - 1, link.start)

    def numbers(self) -> None:
        """Note `build 99` where there is no build 99."""
        for at, token in enumerate(self.tokens):
            if token.kind == "number" and not self.taken[at] and at and token.quantity and token.quantity.unit is None:
                label = CUES.get(self.tokens[at - 1].text)
                if label in {Label.FIRMWARE, Label.CAMPAIGN}:
                    self.missing(at - 1, at + 1)  # also where the words before are a known family of builds

    def capital(self, at: int, token: Token, *, common: bool) -> None:
        """Note a word with a capital letter inside a sentence."""
        first = at == 0 or self.tokens[at - 1].kind == "break"
        if not common and token.raw[:1].isupper() and (not first or token.raw.isupper()) and len(token.text) > 1:
            self.links.maybe.append(token.raw)


def link(text: Normal, tokens: Sequence[Token], names: Names) -> Links:
    """Return what a question names, in its order."""
    linking = _Linking(text, tokens, names)
    linking.patterns()
    linking.quotations()
    linking.exact()
    linking.cued()
    linking.cores(behind=frozenset(["a", "an", "un", "una"]))
    linking.partials()
    linking.translated()
    linking.cores()
    linking.rest()
    linking.links.linked.sort(key=lambda found: (found.start, -found.end))
    return linking.links
