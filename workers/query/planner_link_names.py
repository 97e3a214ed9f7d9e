"""Linking by name: as it is written, by its parts, in the other language, misspelt."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from jobs.knowledge import Label
from stores.graph import Condition
from workers.query import lexicon
from workers.query.lexicon_words import STOP
from workers.query.names import Named
from workers.query.normal import parts, squashed
from workers.query.planner_link import AND, ASKING, CUES, GLUE, Linking, shaped

MAX_WORDS: Final = 10
MAX_FUZZY: Final = 12
MAX_PARTIAL: Final = 100
SURE: Final = 0.8
_ARTICLES: Final = frozenset({"the", "la", "el"})
_PATCHED: Final = frozenset(["masked", "unmasked", "patched", "protected", "unprotected", "shuffled", "hardened"])


class Naming(Linking):
    """Finds names."""

    def quotations(self) -> None:
        """Link what stands between quotation marks, as one."""
        for quote in sorted({token.quote for token in self.tokens} - {0}):
            places = [at for at, token in enumerate(self.tokens) if token.quote == quote]
            start, end = places[0], places[-1] + 1
            if any(self.taken[start:end]):
                continue
            key = self.key(start, end)
            things = self.names.exact(key)
            if things:
                self.choose(start, end, things, 1.0)
            elif not self.mnemonic(start, end) and not self.partial(start, end) and not self.fuzzy(start, end):
                self.missing(start, end)

    def exact(self) -> None:
        """Link names as they are written, the longest first."""
        most = min(MAX_WORDS, max(self.names.longest + 4, 4))
        for length in range(min(most, len(self.tokens)), 0, -1):
            for start in range(len(self.tokens) - length + 1):
                end = start + length
                if "comma" in {self.tokens[start].kind, self.tokens[end - 1].kind} or not self.free(start, end):
                    continue
                things = self.names.exact(self.key(start, end))
                if things and self.trusted(start, end, things):
                    self.choose(start, end, things, 1.0)
                elif not things and length > 1 and self.opens(start, end):
                    things = self.names.opening(self.key(start, end))
                    if things:
                        self.choose(start, end, things, 0.9)

    def opens(self, start: int, end: int) -> bool:
        """Say whether all words are ours, so that only the beginning of a name makes a name of them."""
        inside = self.tokens[start:end]
        return all(lexicon.is_common(token.text) for token in inside) and not ({inside[0].text, inside[-1].text} & STOP)

    def trusted(self, start: int, end: int, things: Sequence[Named]) -> bool:  # noqa: PLR0911 - one question after another, in the order that decides
        """Say whether words that are a name are meant as one: common words need a sign."""
        inside = self.tokens[start:end]
        if all(thing.label == Label.PATTERN for thing in things):
            return False
        labels = {thing.label for thing in things}
        if labels == {Label.ENTITY}:
            return not all(token.text in STOP for token in inside)
        label, before = self.cue(start, end)
        if label in labels and (before or not all(lexicon.is_common(token.text) for token in inside)):
            return True
        if all(token.kind == "number" for token in inside):
            return False
        if Label.MITIGATION in labels and not all(token.text in STOP for token in inside):
            return True
        if self.called(end) or any(shaped(token) for token in inside):
            return True
        common = [lexicon.is_common(token.text) for token in inside]
        if labels & {Label.CAMPAIGN, Label.FIRMWARE, Label.DOCUMENT} and len(inside) > 1:
            return True
        return not all(common)

    def mnemonic(self, start: int, end: int) -> bool:
        """Link a mnemonic, or its plural, where it can be nothing else."""
        token = self.tokens[start]
        text = token.text if token.text in self.names.mnemonics else token.text.removesuffix("s")
        if end - start != 1 or text not in self.names.mnemonics:
            return False
        label, _ = self.cue(start, end)
        sure = label == Label.INSTRUCTION or token.quote or not (lexicon.meant(token.text) or token.text in STOP)
        if not sure and not (token.raw.isupper() and len(token.raw) > 1):
            return False
        self.add(start, end, Label.INSTRUCTION, condition=Condition("mnemonic", "=", self.names.mnemonics[text]))
        return True

    def partials(self) -> None:
        """Link parts of names: `the AES of build 7` for `aes128 build 7`."""
        start = 0
        while start < len(self.tokens):
            if not self.part(start) or self.counts(start):
                start += 1
                continue
            end = last = start + 1
            while end < len(self.tokens) and not self.taken[end] and self.tokens[end].kind in {"word", "number"}:
                if self.part(end):
                    last = end + 1
                elif self.tokens[end].text not in GLUE or end - last >= 2:
                    break
                end += 1
            for length in range(min(last - start, MAX_WORDS), 0, -1):
                if self.tries_of_parts >= MAX_PARTIAL:
                    return
                self.tries_of_parts += 1
                if self.free(start, start + length) and self.partial(start, start + length):
                    start += length - 1
                    break
            start += 1

    def cued(self) -> None:
        """Link common words that are parts of a name where the kind stands beside: `the early-exit compare campaign`."""
        for at, word in enumerate(self.words):
            label = CUES.get(word)
            if label not in {Label.CAMPAIGN, Label.FIRMWARE, Label.DOCUMENT, Label.FUNCTION} or self.taken[at]:
                continue
            for length in (5, 4, 3, 2):
                if any(self.beside(start, start + length, label) for start in (at - length, at + 1)):
                    break

    def beside(self, start: int, end: int, label: str) -> bool:
        """Link tokens if they are parts of a name of this kind, and not of many."""
        if start < 0 or end > len(self.tokens) or not self.free(start, end):
            return False
        inside = self.tokens[start:end]
        ends = {inside[0].text, inside[-1].text}
        if ends & (STOP | ASKING) or any(token.kind not in {"word", "number"} for token in inside):
            return False
        things = self.names.holding(
            [part for token in inside for part in parts(token.text) if part not in GLUE], {label}, limit=8
        )
        if things:
            self.add(start, end, label, things=things, score=0.9)
        return bool(things)

    def part(self, at: int) -> bool:
        """Say whether a token can be a part of a name."""
        token = self.tokens[at]
        if self.taken[at] or token.kind not in {"word", "number"} or token.text in STOP - {"build"}:
            return False
        if token.kind == "number" and (token.quantity is None or token.quantity.unit is not None):
            return False
        if CUES.get(self.words[at]) in {Label.FIRMWARE, Label.CAMPAIGN}:
            return True
        common = lexicon.is_common(self.words[at]) and self.words[at] not in _PATCHED and token.kind != "number"
        mine = parts(self.words[at])
        kinds = [Label.FIRMWARE, Label.CAMPAIGN, Label.DOCUMENT, Label.MITIGATION]
        if self.cue(at, at + 1)[0] == Label.FUNCTION:
            kinds.append(Label.FUNCTION)
        return bool(mine) and not common and all(self.names.is_part(part, kinds) for part in mine)

    def partial(self, start: int, end: int) -> bool:
        """Link words that are parts of the names of some firmware or campaigns; of functions where a cue says so."""
        inside = [
            replace(token, text=word, raw=token.raw if word == token.text else word)
            for token, word in zip(self.tokens[start:end], self.words[start:end], strict=True)
            if word not in GLUE or token.quote
        ]
        cues = [CUES[token.text] for token in inside if token.text in CUES]
        outer, _ = self.cue(start, end)
        wanted = [
            part for token in inside for part in parts(token.raw) if token.text not in CUES or self.names.is_part(part)
        ]
        plain = [token for token in inside if token.text not in CUES]
        if not plain or not wanted:
            return False
        if all(token.kind == "number" for token in plain) and not cues and not (outer and self.cue(start, end)[1]):
            joins = start - 1 - (self.tokens[start - 1].text in _ARTICLES)  # `la build 6 y la 7`
            if joins < 1 or self.tokens[joins].text not in AND or end - start != 1:
                return False
            before = next((link for link in reversed(self.links.linked) if link.end == joins), None)
            if before is None or not any(token.kind == "number" for token in self.tokens[before.start : before.end]):
                return False
            head = [token for token in self.tokens[before.start : before.end] if token.kind != "number"]
            wanted += [part for token in head for part in parts(token.text) if self.names.is_part(part)]
            cues = [Label(before.label)]
        labels: list[str] = [Label.FIRMWARE, Label.CAMPAIGN, Label.DOCUMENT]
        kind = next((cue for cue in [*cues, outer] if cue is not None), None)
        if kind is not None and kind != Label.INSTRUCTION:
            labels = [kind, *[label for label in labels if kind not in (label, Label.FUNCTION)]]
        for label in labels:
            things = self.names.holding(wanted, {label})
            if not things:
                plainly = [part for token in plain for part in parts(token.raw)]
                things = self.names.holding(plainly, {label}) if cues and plainly != wanted else []
            if things:
                most = max(len(set(wanted)) / len(parts(thing.name)) for thing in things)
                self.add(
                    start,
                    end,
                    label,
                    things=things,
                    score=round((0.85 if len(things) == 1 else 0.75) + 0.1 * min(most, 1.0), 4),
                )
                return True
        return False

    def translated(self) -> None:
        """Link names whose words our vocabulary knows in the other language: `enmascaramiento` for `masking`."""
        for length in (3, 2, 1):
            for start in range(len(self.tokens) - length + 1):
                end = start + length
                entry = lexicon.PHRASES.get(" ".join(token.text for token in self.tokens[start:end]))
                if entry is None or entry.meanings[0].kind != "topic" or not self.free(start, end):
                    continue
                things = [
                    thing for thing in self.names.exact(squashed(entry.english)) if thing.label == Label.MITIGATION
                ]
                if things:
                    self.choose(start, end, things, 0.95)

    def fuzzy(self, start: int, end: int) -> bool:
        """Link a misspelt name."""
        if self.tries >= MAX_FUZZY:
            return False
        self.tries += 1
        key = self.key(start, end)
        if len(key) < 4:
            return False
        cue, before = self.cue(start, end)
        labels = {cue} if cue and before and cue != Label.INSTRUCTION else None
        found = self.names.similar(key, labels=labels)
        if (
            not found
            or found[0][0] < SURE
            or (len(key) < 8 and (1 - found[0][0]) * max(len(key), len(found[0][1])) > 1.01)
        ):
            return False
        best = [name for score, name in found if score == found[0][0]]
        things = [thing for name in best for thing in self.names.exact(name) if labels is None or thing.label in labels]
        if not things or all(thing.label in {Label.ENTITY, Label.PATTERN} for thing in things):
            return False
        self.choose(start, end, things, round(found[0][0], 4))
        return True
