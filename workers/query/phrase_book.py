"""The words of an answer in one language: sentences to fill in, and names of kinds, properties and relations."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Noun:
    """How a kind of thing is called."""

    one: str
    many: str
    none: str
    """Such as `No instruction`: at the beginning of a sentence."""

    def of(self, count: int) -> str:
        """Return the form for a number of them."""
        return self.one if count == 1 else self.many


@dataclass(frozen=True, slots=True)
class Phrases:
    """Everything that an answer says in one language."""

    sentences: Mapping[str, str]
    nouns: Mapping[str, Noun]
    """By label."""
    properties: Mapping[str, str]
    relations: Mapping[str, str]
    severities: Mapping[str, str]
    functions: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    """What names of findings say, in English, in this language: for whole sentences."""

    def translated(self, text: str) -> str:
        """Return a sentence with the names that findings have in this language."""
        for english, own in self.names.items():
            text = text.replace(english, own)
        return text

    def say(self, key: str, **values: object) -> str:
        """Fill in a sentence."""
        return self.sentences[key].format(**values)

    def property(self, name: str | None) -> str:
        """Name a property; one without a name is named as it is stored."""
        return self.properties.get(name or "", name or "")

    def noun(self, label: str, count: int) -> str:
        """Name a number of things of a kind."""
        return f"{count} {self.nouns[label].of(count)}"
