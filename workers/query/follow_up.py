"""Questions that lean on what was said before, made to stand alone. Rules, no model: the words are the user's own.

And in build 8?          the question before, with the name of the same kind exchanged
Why does it leak?        the pronoun exchanged for what was spoken of
And the worst of them?   the question before, continued
"""

import re

from jobs.questions import MAX_QUESTION
from workers.query.plan import Aggregate, Extremum, Lookup, Mention, Open, Reading

CONTINUES = re.compile(
    r"^\W*(?:(?:and|but|also|what about|how about|so|then|only|just|y|pero|s[oó]lo|tambi[eé]n|qu[eé] hay de|qu[eé] tal|entonces)\b[\s,¿]*)+",
    re.IGNORECASE,
)
NOUN = r"(?:instruction|function|campaign|build|firmware)s?"
SUSTANTIVO = r"(?:instrucci[oó]n(?:es)?|funci[oó]n(?:es)?|campa[ñn]as?|compilaci[oó]n(?:es)?|builds?|firmware)"
OVER = r"(?=\s*(?:[?.!,;:]|$))"
PRONOUN = re.compile(
    rf"\b(?:(?P<named>(?:that|this|those|these|the same|said) {NOUN}|"
    rf"(?:es[ae]|est[ae]|es[ao]s|est[ao]s|el mismo|la misma|l[ao]s mism[ao]s|dich[ao]s?) {SUSTANTIVO})"
    r"|(?P<whose>its|their)(?=\s+\w)"
    r"|(?P<many>they|them|ell[ao]s)"
    r"|it(?!\s+(?:is\s+)?(?:possible|true|likely|safe)\b)|eso|esto|ell[ao]"
    # These stand before nouns, too, or begin clauses: `instructions that leak`.
    rf"|(?P<those>those|these|es[ao]s|est[ao]s)(?:{OVER}|(?=\s+(?:are|were|do|did|leak)\b))"
    rf"|(?:that|this|esa)(?:{OVER}|(?=\s+(?:is|was|does|did|leaks)\b)))\b",
    re.IGNORECASE,
)
ANTECEDENT = re.compile(
    rf"\b(?:{NOUN}|{SUSTANTIVO}|vulnerabilit\w+|vulnerabilidad\w*|findings?|hallazgos?)\b", re.IGNORECASE
)
COMPARED = re.compile(r"\b(?:than|like|to|as|from|with|que|como|a|con|de)\s+$", re.IGNORECASE)
COUNTED = re.compile(r"\bhow (?:many|much)\b[^?]*\b(?:does|did|do)\s+$", re.IGNORECASE)
"""Before a pronoun that is not what is counted."""
SUBJECTLESS = re.compile(
    r"^\W*(?:y\s+)?(?:cu[aá]nt[ao]s?(?:\s+\w+){0,3}|por qu[eé])\s+"
    r"(?:tiene|consume|usa|gasta|necesita|filtra|fuga)(?=\W*$)",
    re.IGNORECASE,
)
"""Spanish leaves out the pronoun."""
KINDS = {
    "instruc": "Instruction",
    "func": "Function",
    "campa": "Campaign",
    "build": "Firmware",
    "firmware": "Firmware",
    "compil": "Firmware",
}
OF_IDS = {"function": "Function", "campaign": "Campaign", "firmware": "Firmware"}
WHY = re.compile(r"^\W*(?:why|por qu[eé])\W*$", re.IGNORECASE)
SAME_KIND = {"Campaign": "Firmware"}
"""A campaign is named like the firmware it measured: either may stand for the other."""
MARKS = " ,;:.?!"
SHORT = 4
"""Words: a question no longer than this that has no plan of its own leans on what was before."""


def standing_alone(message: Reading, before: Reading | None, *, spoken_of: str | None) -> str:
    """Return the message as a question that needs no history.

    `before` is how the last question was understood, `spoken_of` the id of what its answer put first.
    """
    text = message.question
    if before is None:
        return text
    continued = CONTINUES.match(text)
    rest = text[continued.end() :] if continued else text
    pronoun = _pronoun(text)
    # Several things are those that the question before was about: it goes on.
    goes_on = pronoun is not None and bool(pronoun["many"] or pronoun["those"])
    leans = goes_on or _leans(message, rest, continued=continued is not None)
    if message.mentions and not leans:
        return text
    made = _why(message, before, spoken_of) or _with_subject(text, before, spoken_of)
    if made is None and leans and not goes_on:
        made = _exchanged(message, before)
    if made is None and pronoun is not None and not goes_on:
        made = _named(text, pronoun, before, spoken_of)
    if made is None and leans:
        made = f"{before.question.rstrip(' ?.!')}: {rest}"
    return made if made is not None and len(made) <= MAX_QUESTION else text


def _leans(message: Reading, rest: str, *, continued: bool) -> bool:
    if continued:
        return isinstance(message.steps[0], Open | Lookup) or len(rest.split()) <= SHORT
    return isinstance(message.steps[0], Open) and "?" in message.question and len(rest.split()) <= SHORT


def _why(message: Reading, before: Reading, spoken_of: str | None) -> str | None:
    focus = _focus(before, spoken_of, None)
    if not focus or not WHY.match(message.question):
        return None
    return f"¿Por qué {focus} tiene fugas?" if message.language == "es" else f"Why does {focus} leak?"


def _with_subject(text: str, before: Reading, spoken_of: str | None) -> str | None:
    """Return the text with the subject that Spanish leaves out."""
    found = SUBJECTLESS.match(text)
    focus = _focus(before, spoken_of, None) if found else None
    return f"{text[: found.end()]} {focus}{text[found.end() :]}" if found and focus else None


def _pronoun(text: str) -> re.Match[str] | None:
    """Return the first pronoun, unless something in the text itself is meant."""
    pronoun = PRONOUN.search(text)
    if pronoun is None or pronoun["named"]:
        return pronoun
    earlier = text[: pronoun.start()]
    meant_before = COMPARED.search(earlier) or COUNTED.search(earlier) or not ANTECEDENT.search(earlier)
    return pronoun if meant_before else None


def _named(text: str, pronoun: re.Match[str], before: Reading, spoken_of: str | None) -> str | None:
    """Return the text with the name of what is meant in place of its pronoun."""
    label = next((label for stem, label in KINDS.items() if stem in pronoun[0].lower()), None)
    focus = _focus(before, spoken_of, label)
    if focus is None:
        return None
    return text[: pronoun.start()] + focus + ("'s" if pronoun["whose"] else "") + text[pronoun.end() :]


def _exchanged(message: Reading, before: Reading) -> str | None:
    """Return the question before with its names exchanged for the message's names of the same kinds; None without any."""
    used: set[int] = set()
    pairs: list[tuple[Mention, Mention]] = []
    for new in _one_each(message.mentions):
        for old in _one_each(before.mentions):
            if old.start not in used and _kind(old.label) == _kind(new.label):
                used.add(old.start)
                pairs.append((old, new))
                break
    text, shift = before.question, 0
    for old, new in sorted(pairs, key=lambda pair: pair[0].start):
        name, end = new.words.rstrip(MARKS), old.start + len(old.words.rstrip(MARKS))
        text = text[: old.start + shift] + name + text[end + shift :]
        shift += len(name) - (end - old.start)
    return text if pairs else None


def _one_each(mentions: tuple[Mention, ...]) -> list[Mention]:
    """Return one mention for each place of the text."""
    return list({mention.start: mention for mention in reversed(mentions)}.values())[::-1]


def _kind(label: str) -> str:
    return SAME_KIND.get(label, label)


def _focus(before: Reading, spoken_of: str | None, label: str | None) -> str | None:
    """Return the name of what was spoken of; with a label, of that kind."""
    wanted = label and _kind(label)
    mentions = [each for each in before.mentions if wanted in (None, _kind(each.label))]
    # `sub_bytes in build 7`: the thing, rather than where it is.
    mentions.sort(key=lambda each: _kind(each.label) == "Firmware")
    named = mentions[0].words.rstrip(MARKS) if mentions else None
    found = spoken_of if spoken_of and wanted in (None, _kind(_label_of(spoken_of))) else None
    # Whoever asked for the worst of all means the one that was found.
    first = before.steps[0]
    superlative = isinstance(first, Extremum) or (isinstance(first, Aggregate) and first.top is not None)
    return found or named if superlative else named or found


def _label_of(thing: str) -> str:
    prefix, colon, _ = thing.partition(":")
    return OF_IDS.get(prefix, "Instruction" if colon and re.fullmatch(r"[0-9a-f]{12}", prefix) else "")
