"""The planner: what questions in two languages are read as, and that nothing they hold breaks it."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.knowledge import PROPERTIES, Label, Link
from jobs.questions import Filters, QueryRequest
from jobs.report import Severity
from stores.graph import Condition, Selection
from workers.query.lexicon import PHRASES
from workers.query.names import Named, Names
from workers.query.plan import (
    Aggregate,
    Around,
    Compare,
    Connect,
    Explain,
    Extremum,
    Lookup,
    Reading,
    Select,
    Step,
)
from workers.query.planner import plan

NOW = 1_800_000_000.0
SHA = {
    "aes128 build 6": "6a" * 32,
    "aes128 build 7": "7b" * 32,
    "compare_leaky": "c1" * 32,
    "compare_ct": "c2" * 32,
    "aes128_masked": "3d" * 32,
}
FIRMWARE = {name: f"firmware:{sha}" for name, sha in SHA.items()}
ENDS = {
    Link.PART_OF: {
        (Label.INSTRUCTION, Label.FUNCTION),
        (Label.FUNCTION, Label.FIRMWARE),
        (Label.CAMPAIGN, Label.FIRMWARE),
        (Label.CHUNK, Label.DOCUMENT),
    },
    Link.PRECEDES: {(Label.INSTRUCTION, Label.INSTRUCTION)},
    Link.CORRELATES_WITH: {(Label.INSTRUCTION, Label.INSTRUCTION)},
    Link.TRIGGERS: {(Label.INSTRUCTION, Label.PATTERN)},
    Link.LEAKS: {(Label.INSTRUCTION, Label.VULNERABILITY)},
    Link.MITIGATED_BY: {(Label.VULNERABILITY, Label.MITIGATION)},
    Link.MEASURED_IN: {
        (Label.INSTRUCTION, Label.CAMPAIGN),
        (Label.INSTRUCTION, Label.MEASUREMENT),
        (Label.VULNERABILITY, Label.CAMPAIGN),
    },
    Link.MENTIONS: {
        (Label.CHUNK, label)
        for label in (Label.ENTITY, Label.INSTRUCTION, Label.FUNCTION, Label.FIRMWARE, Label.CAMPAIGN)
    },
    Link.RELATED_TO: {(Label.ENTITY, Label.ENTITY)},
}
"""Between what relations are, as the vocabulary tells."""


def function(build: str, name: str) -> Named:
    return Named(f"function:{SHA[build][:12]}:{name}", Label.FUNCTION, name, FIRMWARE[build])


def campaign(job: str, name: str, build: str, at: float, tags: tuple[str, ...] = ()) -> Named:
    return Named(f"campaign:{job}", Label.CAMPAIGN, name, FIRMWARE[build], at, tags)


AES = ("aes128_encrypt", "sub_bytes", "mix_columns", "add_round_key", "encrypt", "key_expansion")
THINGS = [
    *(Named(id_, Label.FIRMWARE, name, core="cortex-m4") for name, id_ in FIRMWARE.items()),
    *(function(build, name) for build in ("aes128 build 6", "aes128 build 7", "aes128_masked") for name in AES),
    function("compare_leaky", "compare_leaky"),
    *(function("compare_ct", name) for name in ("compare_ct", "gather", "decide")),
    campaign("j6", "AES build 6 baseline", "aes128 build 6", 100),
    campaign("j7", "AES build 7 baseline", "aes128 build 7", 200),
    campaign("j7m", "AES build 7 masked", "aes128 build 7", 300, ("masking",)),
    campaign("jc", "Early-exit compare, Cortex-M4", "compare_leaky", 400),
    campaign("jd", "Constant-time compare, Cortex-M4", "compare_ct", 500),
    Named("mitigation:masking", Label.MITIGATION, "masking"),
    Named("mitigation:shuffling", Label.MITIGATION, "shuffling"),
    Named("document:handbook.md", Label.DOCUMENT, "handbook.md"),
    Named("entity:method:tvla", Label.ENTITY, "TVLA"),
    Named("entity:concept:s-box", Label.ENTITY, "S-box"),
    Named("pattern:measurements:m1:HIGH", Label.PATTERN, "HIGH pattern"),
]
NAMES = Names(
    THINGS,
    mnemonics=["ldr", "ldrb", "strb", "eors", "adds", "cmp", "and", "b", "mov", "muls"],
    files=["renode/firmware/aes.c", "renode/firmware/compare.c"],
    secrets=["key byte 3", "key bytes 0-2, 5"],
    mitigated={"mitigation:masking": ["campaign:j7"]},
)
TITLES = {thing.id: thing.name for thing in THINGS}


def read(question: str, *, filters: Filters | None = None, names: Names = NAMES) -> Reading:
    return plan(QueryRequest(question=question, filters=filters or Filters()), names, today=NOW)


def shown(step: Step) -> str:  # noqa: PLR0911 - one line a kind of step
    """Write a step so that a table of them can be read."""
    match step:
        case Lookup(ids, properties):
            short = [f"{one[9:15]}{one[21:]}" if one.startswith("function") else TITLES.get(one, one) for one in ids]
            return f"Lookup {'|'.join(short)} {properties}"
        case Select(selection, properties, without):
            asked = f" {properties}" if properties else ""
            return f"Select {chain(selection)}{asked}" + (f" WITHOUT {chain(without)}" if without else "")
        case Extremum(selection):
            return f"Extremum {selection.limit} {chain(selection)}"
        case Aggregate():
            least = " least" if step.least else ""
            having = f" having {step.having}" if step.having else ""
            what = f"{step.function} of {step.of} by {step.by} top {step.top}"
            return f"{what}{least}{having}: {chain(step.selection)}"
        case Compare():
            ends = f"{TITLES.get(step.before)} -> {TITLES.get(step.after)}"
            return f"Compare {ends} {step.aspect} {step.only} {step.function}"
        case Connect(source, target):
            return f"Connect {TITLES.get(source, source)} {TITLES.get(target, target)}"
        case Around(thing, hops, labels):
            return f"Around {TITLES.get(thing, thing)} {hops} {labels}"
        case Explain(thing):
            return f"Explain {thing}"
        case _:
            return "Open"


def chain(selection: Selection) -> str:
    ends = [(selection.label, selection.where), *((hop.label, hop.where) for hop in selection.hops)]
    said = named(*ends[selection.take])
    for hop in selection.hops[selection.take :]:
        said += f" {'' if hop.forward else '<'}{hop.relation}{'>' if hop.forward else ''} {named(hop.label, hop.where)}"
    if selection.take:
        said += " AND"
    for place in range(selection.take - 1, -1, -1):
        hop = selection.hops[place]
        said += f" {'<' if hop.forward else ''}{hop.relation}{'' if hop.forward else '>'} {named(*ends[place])}"
    order = f" by {selection.order_by} {'desc' if selection.descending else 'asc'}" if selection.order_by else ""
    return said + order


def named(label: str, where: tuple[Condition, ...]) -> str:
    said = ", ".join(f"{one.property} {one.operator} {value(one.value)}" for one in where)
    return f"{label}{{{said}}}" if where else str(label)


def value(one: object) -> str:
    if isinstance(one, tuple):
        return "|".join(value(part) for part in one)
    return TITLES.get(one, one) if isinstance(one, str) else str(one)


QUESTIONS: list[tuple[str, list[str], list[str]]] = [
    (
        "Which instructions leak the key in the AES of build 7, and did the patch help?",
        [
            "Select Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}",
            "Compare AES build 7 baseline -> AES build 7 masked leakage None None",
        ],
        [],
    ),
    (
        "¿Qué instrucciones filtran la clave en el AES de build 7, y ayudó el parche?",
        [
            "Select Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}",
            "Compare AES build 7 baseline -> AES build 7 masked leakage None None",
        ],
        [],
    ),
    (
        "What is the average energy of instruction 7b7b7b7b7b7b:08000123?",
        ["Lookup 7b7b7b7b7b7b:08000123 ('avg_energy',)"],
        [],
    ),
    ("Which instructions use more than 5 uJ?", ["Select Instruction{avg_energy > 5.0}"], []),
    (
        "Which instructions of function sub_bytes are hotter than 60 °C?",
        ["Select Instruction{avg_temperature > 60.0, function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué instrucciones de la función sub_bytes superan los 60 grados?",
        ["Select Instruction{avg_temperature > 60.0, function = sub_bytes}"],
        [],
    ),
    (
        "Which instructions have a latency between 10 and 20 us?",
        ["Select Instruction{max_latency >= 10.0, max_latency <= 20.0}"],
        [],
    ),
    ("instrucciones con energía entre 3,5 y 7 µJ", ["Select Instruction{avg_energy >= 3.5, avg_energy <= 7.0}"], []),
    (
        "Which vulnerabilities affect instruction 7b7b7b7b7b7b:08000123?",
        ["Select SecurityVulnerability{instruction = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Which instructions trigger the HIGH energy pattern?",
        ["Select Instruction TRIGGERS> EnergyPattern{pattern_type = HIGH}"],
        [],
    ),
    (
        "Which instructions belong to function encrypt in build 6?",
        ["Select Instruction{function = encrypt, firmware = aes128 build 6}"],
        [],
    ),
    (
        "Which instruction precedes 7b7b7b7b7b7b:08000123?",
        ["Select Instruction PRECEDES> Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Which instructions follow the instruction at 0x08000123?",
        ["Select Instruction <PRECEDES Instruction{address = 134218019}"],
        [],
    ),
    (
        "Which instructions are correlated with 7b7b7b7b7b7b:08000123?",
        [
            "Select Instruction CORRELATES_WITH> Instruction{id = 7b7b7b7b7b7b:08000123}",
            "Select Instruction <CORRELATES_WITH Instruction{id = 7b7b7b7b7b7b:08000123}",
        ],
        [],
    ),
    (
        "Which functions contain instructions with critical vulnerabilities?",
        ["Select Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank = 4}"],
        [],
    ),
    (
        "Which mitigations address the vulnerabilities of function sub_bytes?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{function = sub_bytes}"],
        [],
    ),
    (
        "Which instruction uses the most energy in function mix_columns?",
        ["Extremum 1 Instruction{function = mix_columns} by avg_energy desc"],
        [],
    ),
    (
        "What are the 5 hottest instructions of build 7?",
        ["Extremum 5 Instruction{firmware = aes128 build 7} by avg_temperature desc"],
        [],
    ),
    ("Top 3 instructions by latency", ["Extremum 3 Instruction by max_latency desc"], []),
    (
        "What are the top 6 hottest instructions of build 7?",
        ["Extremum 6 Instruction{firmware = aes128 build 7} by avg_temperature desc"],
        [],
    ),
    (
        "Which tvla-1 findings does build 7 have?",
        ["Select SecurityVulnerability{kind = tvla-1, firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Qué instrucciones revelan el byte de clave 3?",
        ["Select Instruction LEAKS_INFORMATION> SecurityVulnerability{secret = key byte 3, severity_rank >= 2}"],
        [],
    ),
    (
        "What mitigates the leaks of the function sub_bytes of build 7?",
        [
            "Select Mitigation <MITIGATED_BY SecurityVulnerability{severity_rank >= 2, function = sub_bytes, firmware = aes128 build 7}"
        ],
        [],
    ),
    (
        "How many instructions in build 7 have an average energy above 474 nJ?",
        ["count of None by None top None: Instruction{avg_energy > 0.474, firmware = aes128 build 7}"],
        [],
    ),
    (
        "How strong is the leak of instruction 7b7b7b7b7b7b:08000123 in |t|?",
        ["Lookup 7b7b7b7b7b7b:08000123 ('max_abs_t',)"],
        [],
    ),
    (
        "Which instructions leak in build 6 but not in build 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage better None"],
        [],
    ),
    (
        "From build 6 to build 7, which instructions started to leak?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage worse None"],
        [],
    ),
    ("What is the entropy of sub_bytes?", ["Open"], ["entropy"]),
    (
        "the hottest instruction of build 6 and the coldest of build 7",
        [
            "Extremum 1 Instruction{firmware = aes128 build 6} by avg_temperature desc",
            "Extremum 1 Instruction{firmware = aes128 build 7} by avg_temperature asc",
        ],
        [],
    ),
    (
        "Which share of the instructions of build 7 leaks?",
        [
            "count of None by None top None: Instruction{firmware = aes128 build 7}",
            "count of None by None top None: Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}",
        ],
        [],
    ),
    (
        "How many critical vulnerabilities does build 7 have?",
        ["count of None by None top None: SecurityVulnerability{severity_rank = 4, firmware = aes128 build 7}"],
        [],
    ),
    ("average energy per function", ["mean of avg_energy by function top None: Instruction"], []),
    (
        "Which function leaks the most?",
        ["count of None by function top 1: SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "Which function has the most critical vulnerabilities in build 6?",
        ["count of None by function top 1: SecurityVulnerability{severity_rank = 4, firmware = aes128 build 6}"],
        [],
    ),
    (
        "What is the mean temperature of function sub_bytes in build 7?",
        ["mean of avg_temperature by None top None: Instruction{function = sub_bytes, firmware = aes128 build 7}"],
        [],
    ),
    ("Compare build 6 and build 7", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "Which instructions got worse between build 6 and 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage worse None"],
        [],
    ),
    ("Did masking help?", ["Compare AES build 7 baseline -> AES build 7 masked leakage None None"], []),
    (
        "Why does sub_bytes leak?",
        [
            "Explain function:3d3d3d3d3d3d:sub_bytes",
            "Explain function:6a6a6a6a6a6a:sub_bytes",
            "Explain function:7b7b7b7b7b7b:sub_bytes",
        ],
        [],
    ),
    ("How are sub_bytes and mix_columns related?", ["Connect sub_bytes mix_columns"] * 3, []),
    ("What is around 7b7b7b7b7b7b:08000123?", ["Around 7b7b7b7b7b7b:08000123 1 ()"], []),
    ("What is the humidity of function sub_bytes?", ["Open"], ["humidity"]),
    ("What is the energy of function decrypt_rsa?", ["Open"], ["decrypt_rsa"]),
    (
        "instructions that do not leak in sub_bytes",
        [
            "Select Instruction{function = sub_bytes} WITHOUT Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "vulnerabilities without mitigation",
        ["Select SecurityVulnerability WITHOUT SecurityVulnerability MITIGATED_BY> Mitigation"],
        [],
    ),
    (
        "Which functions have more than 3 critical vulnerabilities?",
        ["count of None by function top None having ('>', 3.0): SecurityVulnerability{severity_rank = 4}"],
        [],
    ),
    ("Which instructions use more than 5 us of energy?", ["Open"], ["5 us"]),
    ("How many samples does 7b7b7b7b7b7b:08000123 have?", ["Lookup 7b7b7b7b7b7b:08000123 ('sample_count',)"], []),
    (
        "which eors instructions leak",
        ["Select Instruction{mnemonic = eors} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "What leaks at aes.c:42?",
        [
            "Select Instruction{source_line = renode/firmware/aes.c:42} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    ("What is the verdict of campaign AES build 7 masked?", ["Lookup AES build 7 masked ('verdict',)"], []),
    ("How many traces did campaign j7 use?", ["Lookup AES build 7 baseline ('traces',)"], []),
    ("What does the handbook say about masking?", ["Open"], []),
    ("Explain the S-box", ["Open"], []),
    ("Who won the football world cup?", ["Open"], ["football"]),
    ("Which documents mention TVLA?", ["Select Document <PART_OF Chunk MENTIONS> Entity{id = TVLA}"], []),
    ("Which campaigns are clean?", ["Select Campaign{verdict = clean}"], []),
    (
        "¿Cuál es la instrucción más caliente de build 7?",
        ["Extremum 1 Instruction{firmware = aes128 build 7} by avg_temperature desc"],
        [],
    ),
    (
        "¿Cuántas vulnerabilidades críticas hay en aes128 build 7?",
        ["count of None by None top None: SecurityVulnerability{severity_rank = 4, firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Qué función tiene más fugas?",
        ["count of None by function top 1: SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "energía media de las instrucciones de mix_columns",
        ["mean of avg_energy by None top None: Instruction{function = mix_columns}"],
        [],
    ),
    (
        "¿Por qué filtra sub_bytes?",
        [
            "Explain function:3d3d3d3d3d3d:sub_bytes",
            "Explain function:6a6a6a6a6a6a:sub_bytes",
            "Explain function:7b7b7b7b7b7b:sub_bytes",
        ],
        [],
    ),
    (
        "instrucciones sin fugas en build 7",
        [
            "Select Instruction{firmware = aes128 build 7} WITHOUT Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    ("¿Qué instrucción consume más energía?", ["Extremum 1 Instruction by avg_energy desc"], []),
    (
        "¿Qué instrucciones consumen más de 5 uJ y filtran la clave?",
        [
            "Select Instruction{avg_energy > 5.0} LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}"
        ],
        [],
    ),
    (
        "vulnerabilities of severity high or worse in build 7",
        ["Select SecurityVulnerability{severity_rank >= 3, firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Qué vulnerabilidades de gravedad alta o crítica tiene build 6?",
        ["Select SecurityVulnerability{severity_rank in 3|4, firmware = aes128 build 6}"],
        [],
    ),
    (
        "Show me everything above 2.5 microjoules in mix_columns",
        ["Select Instruction{avg_energy > 2.5, function = mix_columns}"],
        [],
    ),
    (
        "What instructions in sub_bytes need at least 20 microseconds?",
        ["Select Instruction{max_latency >= 20.0, function = sub_bytes}"],
        [],
    ),
    (
        "List the weaknesses found in the constant-time compare campaign",
        ["Select SecurityVulnerability{campaign = Constant-time compare, Cortex-M4}"],
        [],
    ),
    ("Who leaks key byte 3?", ["Select SecurityVulnerability{secret = key byte 3, severity_rank >= 2}"], []),
    (
        "Which instructions leak key byte 7?",
        ["Select Instruction LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}"],
        ["key byte 7"],
    ),
    (
        "Give me the instruction with the lowest temperature in encrypt",
        ["Extremum 1 Instruction{function = encrypt} by avg_temperature asc"],
        [],
    ),
    ("Which three instructions are the slowest?", ["Extremum 3 Instruction by max_latency desc"], []),
    (
        "What's the coldest instruction in function mix_columns of the masked AES?",
        ["Extremum 1 Instruction{function = mix_columns, firmware = aes128_masked} by avg_temperature asc"],
        [],
    ),
    ("which functions are part of build 7", ["Select Function{firmware = aes128 build 7}"], []),
    ("Which firmware contains function gather?", ["Select Firmware <PART_OF Function{name = gather}"], []),
    (
        "In which function is 7b7b7b7b7b7b:08000123?",
        ["Select Function <PART_OF Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    ("Which campaigns measured build 7?", ["Select Campaign{firmware = aes128 build 7}"], []),
    (
        "Which instructions were measured in campaign AES build 7 masked?",
        ["Select Instruction MEASURED_IN> Campaign{id = AES build 7 masked}"],
        [],
    ),
    (
        "Total number of samples in function sub_bytes",
        ["total of sample_count by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "What is the standard deviation of energy in sub_bytes?",
        ["sd of avg_energy by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "maximum temperature in build 7",
        ["maximum of avg_temperature by None top None: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    (
        "What is the highest latency seen in mix_columns?",
        ["maximum of max_latency by None top None: Instruction{function = mix_columns}"],
        [],
    ),
    (
        "How many instructions are there in sub_bytes?",
        ["count of None by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "How many instructions leak in each function?",
        [
            "count of None by function top None: Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    ("vulnerabilities per severity", ["count of None by severity top None: SecurityVulnerability"], []),
    ("Number of findings by kind", ["count of None by kind top None: SecurityVulnerability"], []),
    ("Which mnemonic consumes the most energy on average?", ["mean of avg_energy by mnemonic top 1: Instruction"], []),
    (
        "Which source line leaks most?",
        ["count of None by source_line top 1: SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    ("Is sub_bytes vulnerable?", ["Select SecurityVulnerability{severity_rank >= 2, function = sub_bytes}"], []),
    ("Does build 7 leak?", ["Select SecurityVulnerability{severity_rank >= 2, firmware = aes128 build 7}"], []),
    (
        "¿Dónde filtra build 7?",
        ["Select Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "Which builds leak?",
        ["Select Firmware <PART_OF Campaign <MEASURED_IN SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "Which instructions correlated with 7b7b7b7b7b7b:08000123 also leak?",
        [
            "Select Instruction CORRELATES_WITH> Instruction{id = 7b7b7b7b7b7b:08000123} AND LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}",
            "Select Instruction <CORRELATES_WITH Instruction{id = 7b7b7b7b7b7b:08000123} AND LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}",
        ],
        [],
    ),
    (
        "Which instructions come right before instructions that leak?",
        ["Select Instruction PRECEDES> Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "What vulnerabilities do the instructions correlated with 7b7b7b7b7b7b:08000123 have?",
        [
            "Select SecurityVulnerability <LEAKS_INFORMATION Instruction CORRELATES_WITH> Instruction{id = 7b7b7b7b7b7b:08000123}",
            "Select SecurityVulnerability <LEAKS_INFORMATION Instruction <CORRELATES_WITH Instruction{id = 7b7b7b7b7b7b:08000123}",
        ],
        [],
    ),
    ("Which mitigation is the most effective?", ["Extremum 1 Mitigation by effectiveness desc"], []),
    ("What is the effectiveness of masking?", ["Lookup masking ('effectiveness',)"], []),
    ("How expensive is shuffling?", ["Lookup shuffling ('cost',)"], []),
    ("What changed from build 6 to build 7?", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    ("compare the energy of build 6 and build 7", ["Compare aes128 build 6 -> aes128 build 7 energy None None"], []),
    (
        "Which instructions still leak after the patch?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage unchanged None"],
        [],
    ),
    (
        "Which instructions no longer leak with masking?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage better None"],
        [],
    ),
    (
        "Did the patch in build 7 help function sub_bytes?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage None sub_bytes"],
        [],
    ),
    (
        "¿Sirvió de algo el enmascaramiento?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage None None"],
        [],
    ),
    ("compara aes128 build 6 con aes128 build 7", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "Compare functions sub_bytes and mix_columns by energy",
        ["mean of avg_energy by function top None: Instruction{function in sub_bytes|mix_columns}"],
        [],
    ),
    (
        "which uses more energy, sub_bytes or mix_columns?",
        ["mean of avg_energy by function top 1: Instruction{function in sub_bytes|mix_columns}"],
        [],
    ),
    (
        "findings with |t| above 10",
        ["Select SecurityVulnerability{tvla_t > 10.0}", "Select SecurityVulnerability{tvla_t < -10.0}"],
        [],
    ),
    ("vulnerabilities with p-value below 1e-6", ["Select SecurityVulnerability{tvla_p_value < 1e-06}"], []),
    (
        "vulnerabilidades con correlación mayor que 0,8",
        ["Select SecurityVulnerability{cpa_value > 0.8}", "Select SecurityVulnerability{cpa_value < -0.8}"],
        [],
    ),
    ("Which findings had insufficient traces?", ["Select SecurityVulnerability{sufficient = 0}"], []),
    (
        "Show high severity TVLA findings in build 6",
        ["Select SecurityVulnerability{severity_rank = 3, kind in tvla-1|tvla-2, firmware = aes128 build 6}"],
        [],
    ),
    (
        "timing leaks in compare_leaky",
        ["Select SecurityVulnerability{kind = control-flow, severity_rank >= 2, function = compare_leaky}"],
        [],
    ),
    ("campaigns since 2026-01-01", ["Select Campaign{created_at >= 1767225600.0}"], []),
    ("campaigns from last week", ["Select Campaign{created_at >= 1799395200.0}"], []),
    (
        "Which instructons of fuction sub_byts are hoter than 60 C?",
        ["Select Instruction{avg_temperature > 60.0, function = sub_bytes}"],
        [],
    ),
    ("vulnerabilties in aes128 bild 7", ["Select SecurityVulnerability{firmware = aes128 build 7}"], []),
    ("average enregy of mix_colums", ["mean of avg_energy by None top None: Instruction{function = mix_columns}"], []),
    (
        "Which instructions are not in build 7?",
        ["Select Instruction WITHOUT Instruction{firmware = aes128 build 7}"],
        [],
    ),
    (
        "hottest instruction that leaks the key",
        [
            "Extremum 1 Instruction LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2} by avg_temperature desc"
        ],
        [],
    ),
    (
        "which HIGH pattern instructions leak?",
        [
            "Select Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2} AND TRIGGERS> EnergyPattern{pattern_type = HIGH}"
        ],
        [],
    ),
    (
        "Which patterns does 7b7b7b7b7b7b:08000123 trigger?",
        ["Select EnergyPattern <TRIGGERS Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿Qué patrones de energía dispara la instrucción 7b7b7b7b7b7b:08000123?",
        ["Select EnergyPattern <TRIGGERS Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "functions with no measurements",
        ["Select Function WITHOUT Function <PART_OF Instruction MEASURED_IN> Measurement"],
        [],
    ),
    ("Which instructions run hotter than average?", ["Open"], []),
    ("Which instructions are hotter than 7b7b7b7b7b7b:08000123?", ["Open"], []),
    ("eors instructions above 3 uJ", ["Select Instruction{mnemonic = eors, avg_energy > 3.0}"], []),
    (
        "Which ldr instructions in aes.c use less than 1500 nJ?",
        ["Select Instruction{mnemonic = ldr, file = renode/firmware/aes.c, avg_energy < 1.5}"],
        [],
    ),
    ("energy of aes.c:42", ["Select Instruction{source_line = renode/firmware/aes.c:42} ('avg_energy',)"], []),
    ("what is 0x08000123?", ["Select Instruction{address = 134218019}"], []),
    ("firmware 7b7b7b7b", ["Lookup aes128 build 7 ()"], []),
    ("tell me about function gather", ["Lookup c2c2c2:gather ()"], []),
    (
        "How many functions leak in build 7?",
        [
            "count of None by None top None: Function{firmware = aes128 build 7} <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "What is the average |t| of the vulnerabilities in build 7?",
        ["mean of tvla_t by None top None: SecurityVulnerability{firmware = aes128 build 7}"],
        [],
    ),
    (
        "Which instruction was executed most often in mix_columns?",
        ["Extremum 1 Instruction{function = mix_columns} by executions desc"],
        [],
    ),
    ("instructions with more than a dozen samples", ["Select Instruction{sample_count > 12}"], []),
    ("instrucciones con al menos una docena de muestras", ["Select Instruction{sample_count >= 12}"], []),
    ("Which instructions were executed more than 1,000 times?", ["Select Instruction{executions > 1000}"], []),
    (
        "¿Cuántas muestras tiene la instrucción 7b7b7b7b7b7b:08000123?",
        ["Lookup 7b7b7b7b7b7b:08000123 ('sample_count',)"],
        [],
    ),
    (
        "¿Qué instrucción precede a 7b7b7b7b7b7b:08000123?",
        ["Select Instruction PRECEDES> Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿Qué instrucciones siguen a la 7b7b7b7b7b7b:08000123?",
        ["Select Instruction <PRECEDES Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    ("What is the price of build 7?", ["Open"], ["price"]),
    ("What colour is the firmware?", ["Open"], ["colour"]),
    ("What is TVLA?", ["Open"], []),
    ("How does masking work?", ["Open"], []),
    (
        "Which instructions are not critical in sub_bytes?",
        ["Select Instruction{function = sub_bytes} LEAKS_INFORMATION> SecurityVulnerability{severity_rank <> 4}"],
        [],
    ),
    (
        "Which instructions of build 6 leak, and how many of them are critical?",
        [
            "Select Instruction{firmware = aes128 build 6} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}",
            "count of None by None top None: Instruction{firmware = aes128 build 6} LEAKS_INFORMATION> SecurityVulnerability{severity_rank = 4, severity_rank >= 2}",
        ],
        [],
    ),
    (
        "How many instructions leak in build 7? And in build 6?",
        [
            "count of None by None top None: Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}",
            "count of None by None top None: Instruction{firmware = aes128 build 6} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}",
        ],
        [],
    ),
    (
        "Show me the hottest instruction of build 7 and the slowest function of build 6.",
        [
            "Extremum 1 Instruction{firmware = aes128 build 7} by avg_temperature desc",
            "maximum of max_latency by function top 1: Instruction{firmware = aes128 build 6}",
        ],
        [],
    ),
    (
        "Lista las funciones de build 7 y dime cuál filtra más",
        [
            "Select Function{firmware = aes128 build 7}",
            "count of None by function top 1: SecurityVulnerability{severity_rank >= 2, firmware = aes128 build 7}",
        ],
        [],
    ),
    (
        "¿Cuántas instrucciones de sub_bytes superan 2 uJ?",
        ["count of None by None top None: Instruction{avg_energy > 2.0, function = sub_bytes}"],
        [],
    ),
    (
        "How many instructions in build 7 exceed 50 degrees Celsius?",
        ["count of None by None top None: Instruction{avg_temperature > 50.0, firmware = aes128 build 7}"],
        [],
    ),
    (
        "What is the average energy of instructions that leak in build 7?",
        [
            "mean of avg_energy by None top None: Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "¿Cuál es la energía media por función en build 7?",
        ["mean of avg_energy by function top None: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Cuál es la latencia máxima de sub_bytes?",
        ["maximum of max_latency by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    ("Energy total of build 7", ["total of avg_energy by None top None: Instruction{firmware = aes128 build 7}"], []),
    (
        "Which instructions in build 7 have |t| greater than 4.5?",
        ["Select Instruction{max_abs_t > 4.5, firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Qué hallazgos de build 7 tienen |t| mayor que 4,5?",
        [
            "Select SecurityVulnerability{tvla_t > 4.5, firmware = aes128 build 7}",
            "Select SecurityVulnerability{tvla_t < -4.5, firmware = aes128 build 7}",
        ],
        [],
    ),
    (
        "Which function of build 7 has the highest average temperature?",
        ["mean of avg_temperature by function top 1: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    (
        "What is the function with the fewest vulnerabilities?",
        ["count of None by function top 1 least: SecurityVulnerability"],
        [],
    ),
    ("Which campaign recovered the most key bytes?", ["Extremum 1 Campaign by key_bytes_recovered desc"], []),
    (
        "How many key bytes were recovered in campaign AES build 7 baseline?",
        ["Lookup AES build 7 baseline ('key_bytes_recovered',)"],
        [],
    ),
    ("Which campaign has the highest max t?", ["Extremum 1 Campaign by max_abs_t desc"], []),
    ("newest campaign", ["Extremum 1 Campaign by created_at desc"], []),
    ("latest build", ["Lookup compare_ct ()"], []),
    (
        "Which mitigations were applied to critical vulnerabilities?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{severity_rank = 4}"],
        [],
    ),
    (
        "Which vulnerabilities does masking mitigate?",
        ["Select SecurityVulnerability MITIGATED_BY> Mitigation{id = masking}"],
        [],
    ),
    (
        "¿Qué vulnerabilidades mitiga el enmascaramiento?",
        ["Select SecurityVulnerability MITIGATED_BY> Mitigation{id = masking}"],
        [],
    ),
    (
        "¿Qué mitigaciones hay para las vulnerabilidades de sub_bytes?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{function = sub_bytes}"],
        [],
    ),
    (
        "Which instructions does 7b7b7b7b7b7b:08000123 precede?",
        ["Select Instruction <PRECEDES Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "What comes after 7b7b7b7b7b7b:08000123?",
        ["Select Instruction <PRECEDES Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "What instruction follows 0x08000123 in build 7?",
        ["Select Instruction{firmware = aes128 build 7} <PRECEDES Instruction{address = 134218019}"],
        [],
    ),
    ("List all functions", ["Select Function"], []),
    ("list the firmware", ["Select Firmware"], []),
    ("functions in aes.c", ["Select Function{file = renode/firmware/aes.c}"], []),
    (
        "Which file does function sub_bytes belong to?",
        ["Lookup 3d3d3d:sub_bytes|6a6a6a:sub_bytes|7b7b7b:sub_bytes ('file',)"],
        [],
    ),
    ("What is the source line of 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('source_line',)"], []),
    (
        "Which entities are related to the S-box?",
        ["Select Entity RELATED_TO> Entity{id = S-box}", "Select Entity <RELATED_TO Entity{id = S-box}"],
        [],
    ),
    ("neighbours of function gather", ["Around gather 1 ()"], []),
    ("what is connected to masking?", ["Around masking 1 ()"], []),
    ("how does sub_bytes relate to masking?", ["Connect sub_bytes masking"] * 3, []),
    ("path between mix_columns and compare_ct", ["Connect mix_columns compare_ct"] * 3, []),
    ("Why is 7b7b7b7b7b7b:08000123 slow?", ["Explain 7b7b7b7b7b7b:08000123"], []),
    (
        "Why does aes.c:42 leak the key?",
        ["Select SecurityVulnerability <LEAKS_INFORMATION Instruction{source_line = renode/firmware/aes.c:42}"],
        [],
    ),
    ("why do implementations leak?", ["Open"], []),
    ("What causes the leak in gather?", ["Explain function:c2c2c2c2c2c2:gather"], []),
    (
        "Which vulnerabilities are there since 2026-02-01?",
        ["Select SecurityVulnerability MEASURED_IN> Campaign{created_at >= 1769904000.0}"],
        [],
    ),
    (
        "instructions triggering high energy patterns in sub_bytes",
        ["Select Instruction{function = sub_bytes} TRIGGERS> EnergyPattern{pattern_type = HIGH}"],
        [],
    ),
    (
        "¿Qué instrucciones disparan el patrón HIGH en build 7?",
        ["Select Instruction{firmware = aes128 build 7} TRIGGERS> EnergyPattern{pattern_type = HIGH}"],
        [],
    ),
    (
        "instrucciones de alto consumo en mix_columns",
        ["Select Instruction{function = mix_columns} TRIGGERS> EnergyPattern{pattern_type = HIGH}"],
        [],
    ),
    ("p value of vulnerability:j7:1", ["Lookup vulnerability:j7:1 ('tvla_p_value',)"], []),
    ("What is the severity of vulnerability:j7:3?", ["Lookup vulnerability:j7:3 ('severity',)"], []),
    ("measurements of 7b7b7b7b7b7b:08000123", ["Select Measurement{instruction = 7b7b7b7b7b7b:08000123}"], []),
    (
        "how many measurements does 7b7b7b7b7b7b:08000123 have",
        ["count of None by None top None: Measurement{instruction = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Which instructions with energy over 5 uJ have critical vulnerabilities?",
        ["Select Instruction{avg_energy > 5.0} LEAKS_INFORMATION> SecurityVulnerability{severity_rank = 4}"],
        [],
    ),
    (
        "Which functions contain instructions hotter than 70 C?",
        ["Select Function <PART_OF Instruction{avg_temperature > 70.0}"],
        [],
    ),
    (
        "¿En qué funciones hay instrucciones por encima de 70 °C?",
        ["Select Function <PART_OF Instruction{avg_temperature > 70.0}"],
        [],
    ),
    (
        "which builds have critical vulnerabilities",
        ["Select Firmware <PART_OF Campaign <MEASURED_IN SecurityVulnerability{severity_rank = 4}"],
        [],
    ),
    (
        "instructions using between 1 and 2 uJ that leak key byte 3",
        [
            "Select Instruction{avg_energy >= 1.0, avg_energy <= 2.0} LEAKS_INFORMATION> SecurityVulnerability{secret = key byte 3, severity_rank >= 2}"
        ],
        [],
    ),
    ("Which instructions are slower than 0.5 ms?", ["Select Instruction{max_latency > 500.0}"], []),
    ("What's using the most power?", ["maximum of avg_power by None top None: Instruction"], []),
    (
        "Which instruction has the highest |t| in build 7?",
        ["Extremum 1 Instruction{firmware = aes128 build 7} by max_abs_t desc"],
        [],
    ),
    ("strongest correlation in build 6", ["Extremum 1 Instruction{firmware = aes128 build 6} by max_abs_rho desc"], []),
    ("¿Funcionó el parche en el AES?", ["Compare AES build 7 baseline -> AES build 7 masked leakage None None"], []),
    (
        "¿Mejoró algo con el enmascaramiento?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage None None"],
        [],
    ),
    ("¿Qué cambió entre build 6 y build 7?", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "¿Qué instrucciones empeoraron de build 6 a build 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage worse None"],
        [],
    ),
    ("Is build 7 better than build 6?", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "Which instructions improved in build 7 compared to build 6?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage better None"],
        [],
    ),
    (
        "Which instructions in function foo leak?",
        ["Select Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        ["foo"],
    ),
    ("What is the energy of subBytes?", ["mean of avg_energy by None top None: Instruction{function = sub_bytes}"], []),
    (
        "Which instructions in sub bytes leak?",
        ["Select Instruction{function = sub_bytes} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    (
        "Give me all code locations where the key escapes in build 7",
        [
            "Select Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}"
        ],
        [],
    ),
    (
        "Which parts of sub_bytes are the most power hungry?",
        ["Extremum 1 Instruction{function = sub_bytes} by avg_energy desc"],
        [],
    ),
    (
        "I want the ten instructions that take longest in the AES build 7",
        ["Extremum 10 Instruction{firmware = aes128 build 7} by max_latency desc"],
        [],
    ),
    (
        "Any critical findings in compare_leaky?",
        ["Select SecurityVulnerability{severity_rank = 4, function = compare_leaky}"],
        [],
    ),
    (
        "What are the worst vulnerabilities of build 6?",
        ["Extremum 10 SecurityVulnerability{firmware = aes128 build 6} by severity_rank desc"],
        [],
    ),
    (
        "How bad is the leakage in mix_columns?",
        ["Select SecurityVulnerability{severity_rank >= 2, function = mix_columns} ('severity',)"],
        [],
    ),
    (
        "Tell me which functions of build 6 have no leaks",
        [
            "Select Function{firmware = aes128 build 6} WITHOUT Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "Is there anything above 80 degrees in build 7?",
        ["Select Instruction{avg_temperature > 80.0, firmware = aes128 build 7}"],
        [],
    ),
    (
        "On average, how hot does sub_bytes get?",
        ["mean of avg_temperature by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "What is the total energy consumed by mix_columns in build 6?",
        ["total of avg_energy by None top None: Instruction{function = mix_columns, firmware = aes128 build 6}"],
        [],
    ),
    ("Which campaign covers compare_ct?", ["Select Campaign <MEASURED_IN Instruction{function = compare_ct}"], []),
    (
        "How many campaigns have been run on build 7?",
        ["count of None by None top None: Campaign{firmware = aes128 build 7}"],
        [],
    ),
    (
        "Which findings concern ldrb instructions?",
        ["Select SecurityVulnerability <LEAKS_INFORMATION Instruction{mnemonic = ldrb}"],
        [],
    ),
    (
        "Where in aes.c does the key leak?",
        [
            "Select Instruction{file = renode/firmware/aes.c} LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}"
        ],
        [],
    ),
    (
        "Who comes right after 0x08000123 in aes128 build 6?",
        ["Select Instruction{firmware = aes128 build 6} <PRECEDES Instruction{address = 134218019}"],
        [],
    ),
    (
        "Which vulnerabilities were found in campaign AES build 6 baseline?",
        ["Select SecurityVulnerability{campaign = AES build 6 baseline}"],
        [],
    ),
    ("What countermeasures exist?", ["Select Mitigation"], []),
    ("Which countermeasure costs the least?", ["Extremum 1 Mitigation by cost asc"], []),
    (
        "Did things get better after masking?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage None None"],
        [],
    ),
    (
        "List medium severity findings of sub_bytes",
        ["Select SecurityVulnerability{severity_rank = 2, function = sub_bytes}"],
        [],
    ),
    ("instructions sampled fewer than 30 times", ["Select Instruction{sample_count < 30}"], []),
    ("instructions whose temperature is at most 40 degrees", ["Select Instruction{avg_temperature <= 40.0}"], []),
    (
        "code that runs cooler than 30 C in encrypt",
        ["Select Instruction{avg_temperature < 30.0, function = encrypt}"],
        [],
    ),
    (
        "Average latency of the eors instructions",
        ["mean of max_latency by None top None: Instruction{mnemonic = eors}"],
        [],
    ),
    ("Do sub_bytes and mix_columns correlate?", ["Connect sub_bytes mix_columns"] * 3, []),
    (
        "What's the mean power of sub_bytes?",
        ["mean of avg_power by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "Which file leaks the most?",
        ["count of None by file top 1: Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    ("Which function consumes the least energy?", ["mean of avg_energy by function top 1 least: Instruction"], []),
    (
        "number of instructions per mnemonic in build 7",
        ["count of None by mnemonic top None: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    ("rank functions by number of vulnerabilities", ["count of None by function top None: SecurityVulnerability"], []),
    (
        "¿Cuál es la energía de la instrucción 7b7b7b7b7b7b:08000123?",
        ["Lookup 7b7b7b7b7b7b:08000123 ('avg_energy',)"],
        [],
    ),
    (
        "¿Qué instrucciones se correlacionan con 7b7b7b7b7b7b:08000123?",
        [
            "Select Instruction CORRELATES_WITH> Instruction{id = 7b7b7b7b7b7b:08000123}",
            "Select Instruction <CORRELATES_WITH Instruction{id = 7b7b7b7b7b7b:08000123}",
        ],
        [],
    ),
    (
        "¿En qué función está 7b7b7b7b7b7b:08000123?",
        ["Select Function <PART_OF Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Enséñame las 3 instrucciones más lentas de mix_columns",
        ["Extremum 3 Instruction{function = mix_columns} by max_latency desc"],
        [],
    ),
    ("¿Cuántas funciones tiene build 7?", ["count of None by None top None: Function{firmware = aes128 build 7}"], []),
    ("¿Qué contramedida es la más eficaz?", ["Extremum 1 Mitigation by effectiveness desc"], []),
    (
        "¿Cuánta energía gasta sub_bytes?",
        ["mean of avg_energy by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    ("¿Qué instrucciones tardan más de 20 microsegundos?", ["Select Instruction{max_latency > 20.0}"], []),
    (
        "¿Cuál es la temperatura media de build 6?",
        ["mean of avg_temperature by None top None: Instruction{firmware = aes128 build 6}"],
        [],
    ),
    (
        "dime las vulnerabilidades críticas o altas de compare_leaky",
        ["Select SecurityVulnerability{severity_rank in 3|4, function = compare_leaky}"],
        [],
    ),
    (
        "¿Qué funciones no tienen vulnerabilidades?",
        ["Select Function WITHOUT Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability"],
        [],
    ),
    (
        "¿Qué compilaciones tienen hallazgos críticos?",
        ["Select Firmware <PART_OF Campaign <MEASURED_IN SecurityVulnerability{severity_rank = 4}"],
        [],
    ),
    (
        "instrucciones con temperatura inferior a 40 °C en sub_bytes",
        ["Select Instruction{avg_temperature < 40.0, function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué instrucciones vienen antes de las que filtran?",
        ["Select Instruction PRECEDES> Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    ("¿Qué campañas midieron build 7?", ["Select Campaign{firmware = aes128 build 7}"], []),
    ("¿Ha mejorado build 7 respecto a build 6?", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "¿Cuál es la desviación típica de la energía en encrypt?",
        ["sd of avg_energy by None top None: Instruction{function = encrypt}"],
        [],
    ),
    (
        "número de vulnerabilidades por gravedad en build 7",
        ["count of None by severity top None: SecurityVulnerability{firmware = aes128 build 7}"],
        [],
    ),
    ("¿Qué hallazgos hay en aes.c:42?", ["Select SecurityVulnerability{source_line = renode/firmware/aes.c:42}"], []),
    (
        "muéstrame las instrucciones eors que consumen menos de 2 uJ",
        ["Select Instruction{mnemonic = eors, avg_energy < 2.0}"],
        [],
    ),
    (
        "¿Qué función gasta más energía en build 7?",
        ["mean of avg_energy by function top 1: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    ("¿Quién ganó el mundial?", ["Open"], []),
    ("¿Cuál es el voltaje de sub_bytes?", ["Open"], ["voltaje"]),
    (
        "¿Qué instrucciones filtran en la función descifrar_rsa?",
        ["Select Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        ["descifrar_rsa"],
    ),
    ("What is the clock speed of build 7?", ["Open"], ["clock speed"]),
    (
        "Which instructions leak in build 42?",
        ["Select Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"],
        ["build 42"],
    ),
    ("What does the ISO standard require?", ["Open"], []),
    (
        "Which vulnerabilities need more than 10000 traces?",
        ["Select SecurityVulnerability{traces_needed > 10000} ('traces',)"],
        [],
    ),
    ("Which findings are second order?", ["Select SecurityVulnerability{kind = tvla-2}"], []),
    (
        "compare campaign AES build 6 baseline with AES build 7 baseline",
        ["Compare AES build 6 baseline -> AES build 7 baseline leakage None None"],
        [],
    ),
    (
        "Which lines of code betray the key?",
        [
            "Select Instruction LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2} ('source_line',)"
        ],
        [],
    ),
    ("How many findings are there in total?", ["count of None by None top None: SecurityVulnerability"], []),
    (
        "Which functions were measured in campaign AES build 7 masked?",
        ["Select Function <PART_OF Instruction MEASURED_IN> Campaign{id = AES build 7 masked}"],
        [],
    ),
    (
        "What are the three most severe findings in compare_leaky?",
        ["Extremum 3 SecurityVulnerability{function = compare_leaky} by severity_rank desc"],
        [],
    ),
    (
        "Name the function whose instructions are hottest on average",
        ["mean of avg_temperature by function top 1: Instruction"],
        [],
    ),
    (
        "How much power does mix_columns draw?",
        ["mean of avg_power by None top None: Instruction{function = mix_columns}"],
        [],
    ),
    (
        "Which instructions of encrypt were sampled at least a dozen times and use over 4 uJ?",
        ["Select Instruction{sample_count >= 12, avg_energy > 4.0, function = encrypt}"],
        [],
    ),
    (
        "For each function of build 7 give me the number of critical findings",
        ["count of None by function top None: SecurityVulnerability{severity_rank = 4, firmware = aes128 build 7}"],
        [],
    ),
    (
        "Which vulnerabilities have not been mitigated?",
        ["Select SecurityVulnerability WITHOUT SecurityVulnerability MITIGATED_BY> Mitigation"],
        [],
    ),
    (
        "Which instructions trigger both high energy patterns and critical vulnerabilities?",
        [
            "Select Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank = 4} AND TRIGGERS> EnergyPattern{pattern_type = HIGH}"
        ],
        [],
    ),
    ("Which firmware has the most findings?", ["count of None by firmware top 1: SecurityVulnerability"], []),
    ("What is the mnemonic of 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('mnemonic',)"], []),
    ("Which instruction sits at address 0x08000123?", ["Select Instruction{address = 134218019}"], []),
    ("What operands does 7b7b7b7b7b7b:08000123 have?", ["Lookup 7b7b7b7b7b7b:08000123 ('operands',)"], []),
    (
        "ldr instructions hotter than 50C in build 6",
        ["Select Instruction{mnemonic = ldr, avg_temperature > 50.0, firmware = aes128 build 6}"],
        [],
    ),
    (
        "Which findings have a correlation of at least 0.9?",
        ["Select SecurityVulnerability{cpa_value >= 0.9}", "Select SecurityVulnerability{cpa_value <= -0.9}"],
        [],
    ),
    (
        "Which high or critical vulnerabilities affect mix_columns in build 7?",
        ["Select SecurityVulnerability{severity_rank in 3|4, function = mix_columns, firmware = aes128 build 7}"],
        [],
    ),
    (
        "Which functions does campaign AES build 6 baseline cover?",
        ["Select Function <PART_OF Instruction MEASURED_IN> Campaign{id = AES build 6 baseline}"],
        [],
    ),
    ("On which core does build 7 run?", ["Lookup aes128 build 7 ('core',)"], []),
    (
        "How many instructions are correlated with 7b7b7b7b7b7b:08000123?",
        [
            "count of None by None top None: Instruction CORRELATES_WITH> Instruction{id = 7b7b7b7b7b7b:08000123}",
            "count of None by None top None: Instruction <CORRELATES_WITH Instruction{id = 7b7b7b7b7b7b:08000123}",
        ],
        [],
    ),
    (
        "What is the minimum energy in sub_bytes?",
        ["minimum of avg_energy by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "Which patterns are triggered by instructions in sub_bytes?",
        ["Select EnergyPattern <TRIGGERS Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué instrucciones de build 7 no filtran?",
        [
            "Select Instruction{firmware = aes128 build 7} WITHOUT Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "¿Cuál es la función más caliente de build 7?",
        ["mean of avg_temperature by function top 1: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    ("¿Cuál es la instrucción que menos energía consume?", ["Extremum 1 Instruction by avg_energy asc"], []),
    (
        "¿Cuántos hallazgos de gravedad media tiene sub_bytes?",
        ["count of None by None top None: SecurityVulnerability{severity_rank = 2, function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué diferencia hay entre build 6 y build 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage None None"],
        [],
    ),
    (
        "¿Qué vulnerabilidades tienen las instrucciones de mix_columns?",
        ["Select SecurityVulnerability{function = mix_columns} <LEAKS_INFORMATION Instruction"],
        [],
    ),
    (
        "¿Qué instrucciones de encrypt tienen una latencia superior a 0,5 ms?",
        ["Select Instruction{max_latency > 500.0, function = encrypt}"],
        [],
    ),
    ("¿Cuántas veces se ejecutó 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('executions',)"], []),
    ("¿Qué mitigación es la más barata?", ["Extremum 1 Mitigation by cost asc"], []),
    (
        "¿Qué instrucciones filtran el byte 3 de la clave?",
        ["Select Instruction LEAKS_INFORMATION> SecurityVulnerability{secret = key byte 3, severity_rank >= 2}"],
        [],
    ),
    ("Dame el promedio de temperatura por función", ["mean of avg_temperature by function top None: Instruction"], []),
    ("¿Cuántas trazas usó la campaña AES build 7 masked?", ["Lookup AES build 7 masked ('traces',)"], []),
    ("¿Cuál es el veredicto de la campaña AES build 6 baseline?", ["Lookup AES build 6 baseline ('verdict',)"], []),
    ("¿Qué funciones contienen instrucciones eors?", ["Select Function <PART_OF Instruction{mnemonic = eors}"], []),
    ("¿Está relacionada sub_bytes con mix_columns?", ["Connect sub_bytes mix_columns"] * 3, []),
    ("¿Qué hay alrededor de gather?", ["Around gather 1 ()"], []),
    (
        "instrucciones entre 10 y 20 grados",
        ["Select Instruction{avg_temperature >= 10.0, avg_temperature <= 20.0}"],
        [],
    ),
    ("más de 100 ejecuciones", ["Select Instruction{executions > 100}"], []),
    ("instrucciones ejecutadas menos de 50 veces", ["Select Instruction{executions < 50}"], []),
    (
        "¿Qué campañas encontraron fugas?",
        ["Select Campaign <MEASURED_IN SecurityVulnerability{severity_rank >= 2}"],
        [],
    ),
    ("¿Qué documentos hablan de TVLA?", ["Select Document <PART_OF Chunk MENTIONS> Entity{id = TVLA}"], []),
    (
        "¿Cuál es el consumo medio de sub_bytes en la build 7?",
        ["mean of avg_energy by None top None: Instruction{function = sub_bytes, firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Qué cantidad de fugas hay en mix_columns?",
        ["count of None by None top None: SecurityVulnerability{severity_rank >= 2, function = mix_columns}"],
        [],
    ),
    (
        "Número de instrucciones de add_round_key en build 6",
        ["count of None by None top None: Instruction{function = add_round_key, firmware = aes128 build 6}"],
        [],
    ),
    ("¿Cuántas funciones tiene build 6?", ["count of None by None top None: Function{firmware = aes128 build 6}"], []),
    (
        "¿Cuánta energía gasta por término medio la función encrypt?",
        ["mean of avg_energy by None top None: Instruction{function = encrypt}"],
        [],
    ),
    (
        "temperatura promedio por función en build 7",
        ["mean of avg_temperature by function top None: Instruction{firmware = aes128 build 7}"],
        [],
    ),
    (
        "En promedio, ¿cuánto tardan las instrucciones de mix_columns?",
        ["mean of max_latency by None top None: Instruction{function = mix_columns}"],
        [],
    ),
    (
        "¿Cuántas instrucciones ldr filtran?",
        [
            "count of None by None top None: Instruction{mnemonic = ldr} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "¿Cuántas vulnerabilidades altas quedan en build 7?",
        ["count of None by None top None: SecurityVulnerability{severity_rank = 3, firmware = aes128 build 7}"],
        [],
    ),
    (
        "suma de ejecuciones de sub_bytes",
        ["total of executions by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "potencia máxima en key_expansion",
        ["maximum of avg_power by None top None: Instruction{function = key_expansion}"],
        [],
    ),
    (
        "¿Cuál es la desviación típica de la latencia en build 6?",
        ["sd of max_latency by None top None: Instruction{firmware = aes128 build 6}"],
        [],
    ),
    (
        "Dime el número de fugas por función de build 7",
        ["count of None by function top None: SecurityVulnerability{severity_rank >= 2, firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Cuántos hallazgos críticos acumula sub_bytes?",
        ["count of None by None top None: SecurityVulnerability{severity_rank = 4, function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué promedio de potencia tiene la función gather?",
        ["mean of avg_power by None top None: Instruction{function = gather}"],
        [],
    ),
    (
        "¿En cuántas funciones hay fugas críticas?",
        [
            "count of None by None top None: Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank = 4}"
        ],
        [],
    ),
    (
        "¿Cuántas contramedidas hay para las debilidades de sub_bytes?",
        ["count of None by None top None: Mitigation <MITIGATED_BY SecurityVulnerability{function = sub_bytes}"],
        [],
    ),
    (
        "What's different between build 6 and build 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage None None"],
        [],
    ),
    ("How does build 7 stack up against build 6?", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    ("Is build 7 leakier than build 6?", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "Has sub_bytes improved from build 6 to build 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage None sub_bytes"],
        [],
    ),
    ("Put build 6 next to build 7", ["Compare aes128 build 6 -> aes128 build 7 leakage None None"], []),
    (
        "Which leaks of build 6 are gone in build 7?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage better None"],
        [],
    ),
    ("Does build 7 use more power than build 6?", ["Compare aes128 build 6 -> aes128 build 7 power None None"], []),
    (
        "Which instructions leak in build 7 that did not leak in build 6?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage worse None"],
        [],
    ),
    (
        "What did masking change in build 7?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage None None"],
        [],
    ),
    (
        "Is the energy of mix_columns higher in build 7 than in build 6?",
        ["Compare aes128 build 6 -> aes128 build 7 energy None mix_columns"],
        [],
    ),
    (
        "Which instructions are executed right after 7b7b7b7b7b7b:08000123?",
        ["Select Instruction <PRECEDES Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "The instruction that 7b7b7b7b7b7b:08000123 is preceded by",
        ["Select Instruction PRECEDES> Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿Qué instrucción va justo después de 7b7b7b7b7b7b:08000123?",
        ["Select Instruction <PRECEDES Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Which function does the instruction 7b7b7b7b7b7b:08000123 live in?",
        ["Select Function <PART_OF Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿A qué función pertenece 7b7b7b7b7b7b:08000123?",
        ["Select Function <PART_OF Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    ("¿Por qué campaña fue medida la build 6?", ["Select Campaign{firmware = aes128 build 6}"], []),
    ("Which campaign was build 6 measured by?", ["Select Campaign{firmware = aes128 build 6}"], []),
    (
        "Which patterns are triggered by 7b7b7b7b7b7b:08000123?",
        ["Select EnergyPattern <TRIGGERS Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿Qué patrones dispara 7b7b7b7b7b7b:08000123?",
        ["Select EnergyPattern <TRIGGERS Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Which findings were reported for 7b7b7b7b7b7b:08000123?",
        ["Select SecurityVulnerability{instruction = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿Qué debilidades tiene 7b7b7b7b7b7b:08000123?",
        ["Select SecurityVulnerability{instruction = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "Instrucciones que están correlacionadas con 7b7b7b7b7b7b:08000123",
        [
            "Select Instruction CORRELATES_WITH> Instruction{id = 7b7b7b7b7b7b:08000123}",
            "Select Instruction <CORRELATES_WITH Instruction{id = 7b7b7b7b7b7b:08000123}",
        ],
        [],
    ),
    (
        "What findings does the campaign AES build 7 masked list?",
        ["Select SecurityVulnerability{campaign = AES build 7 masked}"],
        [],
    ),
    ("Which functions does build 6 consist of?", ["Select Function{firmware = aes128 build 6}"], []),
    ("aes128 build 7's max |t|", ["Lookup AES build 7 baseline|AES build 7 masked ('max_abs_t',)"], []),
    ("What is 7b7b7b7b7b7b:08000123's latency?", ["Lookup 7b7b7b7b7b7b:08000123 ('max_latency',)"], []),
    ("the verdict for build 6", ["Lookup AES build 6 baseline ('verdict',)"], []),
    ("¿De qué línea sale 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('source_line',)"], []),
    ("¿Cuánto gasta 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('avg_energy',)"], []),
    ("¿Cuánto tarda 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('max_latency',)"], []),
    ("¿Qué veredicto obtuvo AES build 7 masked?", ["Lookup AES build 7 masked ('verdict',)"], []),
    ("How warm does 7b7b7b7b7b7b:08000123 run?", ["Lookup 7b7b7b7b7b7b:08000123 ('avg_temperature',)"], []),
    ("Where in the source is 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('source_line',)"], []),
    ("¿Con cuántas trazas se midió AES build 6 baseline?", ["Lookup AES build 6 baseline ('traces',)"], []),
    ("¿Qué mnemónico tiene 7b7b7b7b7b7b:08000123?", ["Lookup 7b7b7b7b7b7b:08000123 ('mnemonic',)"], []),
    ("What's the effectiveness of shuffling?", ["Lookup shuffling ('effectiveness',)"], []),
    (
        "¿Qué contramedidas sirven contra lo que filtra sub_bytes?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{severity_rank >= 2, function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué funciones tienen instrucciones que filtran el byte de clave 3?",
        [
            "Select Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{secret = key byte 3, severity_rank >= 2}"
        ],
        [],
    ),
    (
        "¿Qué funciones contienen instrucciones que disparan el patrón HIGH?",
        ["Select Function <PART_OF Instruction TRIGGERS> EnergyPattern{pattern_type = HIGH}"],
        [],
    ),
    (
        "¿Con qué se mitigan las fugas de mix_columns?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{severity_rank >= 2, function = mix_columns}"],
        [],
    ),
    (
        "¿Qué firmware tiene funciones con fugas críticas?",
        [
            "Select Firmware <PART_OF Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank = 4}"
        ],
        [],
    ),
    (
        "¿En qué campañas se midieron las instrucciones de sub_bytes?",
        ["Select Campaign <MEASURED_IN Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "¿Qué funciones tienen instrucciones de más de 60 grados?",
        ["Select Function <PART_OF Instruction{avg_temperature > 60.0}"],
        [],
    ),
    (
        "¿Qué arreglos valen para las vulnerabilidades altas de build 7?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{severity_rank = 3, firmware = aes128 build 7}"],
        [],
    ),
    (
        "Which functions own an instruction slower than 20 us?",
        ["Select Function <PART_OF Instruction{max_latency > 20.0}"],
        [],
    ),
    (
        "Which mitigations work on what key_expansion leaks?",
        ["Select Mitigation <MITIGATED_BY SecurityVulnerability{severity_rank >= 2, function = key_expansion}"],
        [],
    ),
    (
        "The three strongest leaks of build 7?",
        [
            "Extremum 3 Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2} by max_abs_t desc"
        ],
        [],
    ),
    (
        "Las tres fugas más fuertes de build 7",
        [
            "Extremum 3 Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2} by max_abs_t desc"
        ],
        [],
    ),
    (
        "Which one leaks more, sub_bytes or mix_columns?",
        [
            "count of None by function top 1: SecurityVulnerability{severity_rank >= 2, function in sub_bytes|mix_columns}"
        ],
        [],
    ),
    (
        "¿Cuál filtra más, sub_bytes o mix_columns?",
        [
            "count of None by function top 1: SecurityVulnerability{severity_rank >= 2, function in sub_bytes|mix_columns}"
        ],
        [],
    ),
    (
        "compare the leakage of sub_bytes and mix_columns",
        [
            "count of None by function top None: SecurityVulnerability{severity_rank >= 2, function in sub_bytes|mix_columns}"
        ],
        [],
    ),
    (
        "Which instructions of build 7 leak the key with less than 100 traces?",
        [
            "Select Instruction{firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2, traces_needed < 100}"
        ],
        [],
    ),
    ("Which campaigns have more than 1000 traces?", ["Select Campaign{traces > 1000}"], []),
    ("Is build 6 safe?", ["Lookup AES build 6 baseline ('verdict',)"], []),
    ("¿Es segura la build 6?", ["Lookup AES build 6 baseline ('verdict',)"], []),
    ("Is gather safe?", ["Select SecurityVulnerability{severity_rank >= 2, function = gather}"], []),
    (
        "Which instructions leak more than |t| 70 in build 7?",
        [
            "Select Instruction{max_abs_t > 70.0, firmware = aes128 build 7} LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    ("Did energy of build 6 go up in build 7?", ["Compare aes128 build 6 -> aes128 build 7 energy None None"], []),
    ("¿Subió la energía de build 6 a build 7?", ["Compare aes128 build 6 -> aes128 build 7 energy None None"], []),
    (
        "Which key byte is easiest to recover in build 7?",
        ["minimum of traces_needed by secret top 1 least: SecurityVulnerability{firmware = aes128 build 7}"],
        [],
    ),
    (
        "¿Qué byte de clave es más fácil de recuperar en build 7?",
        ["minimum of traces_needed by secret top 1 least: SecurityVulnerability{firmware = aes128 build 7}"],
        [],
    ),
    ("What does the masking gadget combine?", ["Open"], []),
    ("How is mix_columns of build 7 related to masking?", ["Connect mix_columns masking"], []),
    (
        "¿Qué instrucciones son seguidas por 7b7b7b7b7b7b:08000123?",
        ["Select Instruction PRECEDES> Instruction{id = 7b7b7b7b7b7b:08000123}"],
        [],
    ),
    (
        "¿Cuántas funciones distintas filtran en build 7?",
        [
            "count of None by None top None: Function{firmware = aes128 build 7} <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
        ],
        [],
    ),
    (
        "Por término medio, ¿cuántos uJ consume una instrucción de sub_bytes?",
        ["mean of avg_energy by None top None: Instruction{function = sub_bytes}"],
        [],
    ),
    (
        "Are there leaks in build 7 that weren't in build 6?",
        ["Compare aes128 build 6 -> aes128 build 7 leakage worse None"],
        [],
    ),
    (
        "What effect did masking have on sub_bytes?",
        ["Compare AES build 7 baseline -> AES build 7 masked leakage None sub_bytes"],
        [],
    ),
    ("¿Cuál fue el resultado de la campaña AES build 7 masked?", ["Lookup AES build 7 masked ('verdict',)"], []),
    (
        "¿Qué firmware contiene instrucciones que filtran la clave?",
        [
            "Select Firmware <PART_OF Function <PART_OF Instruction LEAKS_INFORMATION> SecurityVulnerability{secret starts key, severity_rank >= 2}"
        ],
        [],
    ),
    ("Which firmware runs on a Cortex-M4?", ["Select Firmware{core = cortex-m4}"], []),
    ("the worst function", ["count of None by function top 1: SecurityVulnerability{severity_rank >= 2}"], []),
    ("What is the median energy of sub_bytes?", ["Open"], ["median"]),
    ("¿Cuál es la mediana de la energía de sub_bytes?", ["Open"], ["la mediana"]),
]


@pytest.mark.parametrize(("question", "steps", "unknown"), QUESTIONS, ids=[question for question, _, _ in QUESTIONS])
def test_a_question_is_read_as_these_steps(question: str, steps: list[str], unknown: list[str]) -> None:
    reading = read(question)

    assert [shown(step) for step in reading.steps] == steps
    assert list(reading.unknown) == unknown


def test_a_reading_says_its_steps_in_the_language_of_the_question() -> None:
    english, spanish = read("Which instructions use more than 5 uJ?"), read("¿Qué instrucciones gastan más de 5 uJ?")

    assert english.said == ("instructions (avg_energy > 5 uJ)",)
    assert spanish.said == ("instrucciones (avg_energy > 5 uJ)",)
    assert (english.language, spanish.language) == ("en", "es")


def test_the_asked_language_words_the_steps_of_a_question_in_the_other() -> None:
    request = QueryRequest(question="Which instructions use more than 5 uJ?", language="es")

    assert plan(request, NAMES, today=NOW).said == ("instrucciones (avg_energy > 5 uJ)",)


def test_mentions_point_at_the_words_of_the_original() -> None:
    question = "¿Qué  instrucciones de SUB_BYTES filtran en aes128  build 7?"
    reading = read(question)

    assert {(question[one.start : one.end], one.words) for one in reading.mentions} == {
        ("SUB_BYTES", "SUB_BYTES"),
        ("aes128  build 7", "aes128  build 7"),
    }
    assert {one.id for one in reading.mentions if one.label == Label.FUNCTION} == {
        thing.id for thing in THINGS if thing.name == "sub_bytes"
    }


def test_equal_words_have_one_normal_form_whatever_their_marks() -> None:
    assert read("¿Qué instrucciones FILTRAN?").normal == read("que  instrucciones filtran").normal


def test_spanish_domain_words_come_with_their_english_ones_for_a_search() -> None:
    words = read("¿Cómo evita el enmascaramiento las fugas?").words.split()

    assert {"enmascaramiento", "masking", "fugas", "leakage"} <= set(words)
    assert not {"el", "las", "como"} & set(words)


def test_an_unknown_name_costs_confidence() -> None:
    reading = read("What is the energy of function sub_bits9?")

    assert reading.unknown == ("sub_bits9",)
    assert reading.confidence < 0.5


@pytest.mark.parametrize(
    ("question", "words"),
    [("What is the energy of function sub_bytez_new?", "sub_bytez_new"), ("¿Qué gasta la función `nada`?", "nada")],
)
def test_a_name_of_nothing_is_unknown(question: str, words: str) -> None:
    assert words in read(question).unknown


def test_a_unit_that_does_not_fit_is_refused_aloud_and_no_other_question_is_answered() -> None:
    reading = read("¿Qué instrucciones tienen una energía mayor que 5 ms?")

    assert [shown(step) for step in reading.steps] == ["Open"]
    assert reading.unknown == ("5 ms",)
    assert "5 ms no es una unidad de energy" in reading.said


def test_what_cannot_be_said_lowers_the_confidence() -> None:
    assert read("Which instructions are hotter than average?").confidence < 0.3
    assert read("What is the colour of build 7?").confidence < 0.1
    assert read("Who won the cup final?").confidence < 0.3
    assert read("Which instructions use more than 5 uJ?").confidence > 0.9


def test_filters_narrow_every_selection() -> None:
    filters = Filters(severity=(Severity.CRITICAL,), firmware=("aes128 build 7",), tag="masking", since=100.0)
    (step,) = read("Which vulnerabilities are there?", filters=filters).steps

    assert shown(step) == (
        "Select SecurityVulnerability{severity = critical, firmware = aes128 build 7} "
        "MEASURED_IN> Campaign{tags contains ,masking,, created_at >= 100.0}"
    )


def test_a_filter_of_an_unknown_firmware_finds_nothing_rather_than_everything() -> None:
    reading = read("Which instructions leak?", filters=Filters(firmware=("build 99",)))

    (step,) = reading.steps
    assert isinstance(step, Select)
    assert Condition("firmware", "=", "firmware:") in step.selection.where
    assert reading.unknown == ("build 99",)


def test_without_named_secrets_any_weakness_leaks_the_key_and_it_is_said() -> None:
    names = Names(THINGS, mnemonics=["ldr"])
    reading = read("Which instructions leak the key?", names=names)

    assert [shown(step) for step in reading.steps] == [
        "Select Instruction LEAKS_INFORMATION> SecurityVulnerability{severity_rank >= 2}"
    ]
    assert "No finding names a secret: any weakness counts" in reading.said


def test_days_are_counted_from_the_time_given() -> None:
    (step,) = read("campaigns from yesterday").steps

    assert isinstance(step, Select)
    assert step.selection.where == (
        Condition("created_at", ">=", 1_799_884_800.0),
        Condition("created_at", "<=", 1_799_971_200.0 - 1e-3),
    )


HOSTILE = [
    "?",
    ".",
    "¿¡",
    "\u200b\u200b",
    "a" * 5000,
    "energy " * 700,
    "1 " * 2500,
    "10^" * 1600,
    "`x` " * 1250,
    '"' * 5000,
    "build 7 " * 600,
    "\ufdfa" * 2000,
    "e\u0301" * 2500,
    "9" * 5000,
    "1e999999 uJ more than 1e-999999",
    "more than 10^999999999999 uJ",
    "' OR 1=1 -- MATCH (n) DETACH DELETE n",
    "\u202ewhich instructions leak\u202c",
    "instruction:" * 400,
    "0x" + "f" * 4000,
    "aes.c:99999999999999999999",
    "key byte 99999999999999999999999999",
    "between between between 5 and and 6",
    "2026-99-99 since 0000-00-00",
    "\ud7ff\ue000\U0010ffff",
]


@pytest.mark.parametrize("question", HOSTILE, ids=[str(place) for place in range(len(HOSTILE))])
def test_junk_is_read_without_harm(question: str) -> None:
    if not question.strip():
        return
    reading = read(question)

    assert reading.steps
    assert 0 <= reading.confidence <= 1
    for step in reading.steps:
        assert_valid(step)


def test_the_same_question_is_always_read_the_same() -> None:
    shuffled = Names(reversed(THINGS), mnemonics=["ldr", "eors"], files=["renode/firmware/aes.c"])
    ordered = Names(THINGS, mnemonics=["eors", "ldr"], files=["renode/firmware/aes.c"])

    for question, _, _ in QUESTIONS:
        assert read(question, names=shuffled) == read(question, names=ordered)


@pytest.mark.parametrize(
    "question", ["Which documents mention masking?", "¿Qué documentos hablan del enmascaramiento?"]
)
def test_texts_mention_the_entity_of_a_countermeasures_name(question: str) -> None:
    entity = Named("entity:concept:masking", Label.ENTITY, "masking")

    (step,) = read(question, names=Names([*THINGS, entity])).steps

    assert shown(step) == "Select Document <PART_OF Chunk MENTIONS> Entity{id = entity:concept:masking}"


def test_functions_that_share_a_name_are_connected_within_their_firmware() -> None:
    steps = read("How are sub_bytes and mix_columns related?").steps

    pairs = [(one.source.split(":")[1], one.target.split(":")[1]) for one in steps if isinstance(one, Connect)]
    assert len(set(pairs)) == 3
    assert all(first == second for first, second in pairs)


def selections_of(step: Step) -> Iterator[Selection]:
    if isinstance(step, Select | Extremum | Aggregate):
        yield step.selection
    if isinstance(step, Select) and step.without is not None:
        assert taken_label(step.without) == taken_label(step.selection)
        yield step.without


def taken_label(selection: Selection) -> str:
    return [selection.label, *(hop.label for hop in selection.hops)][selection.take]


def assert_valid(step: Step) -> None:
    """Hold a step against the vocabulary."""
    for selection in selections_of(step):
        labels = [selection.label, *(hop.label for hop in selection.hops)]
        wheres = [selection.where, *(hop.where for hop in selection.hops)]
        assert 0 <= selection.take < len(labels)
        for label, where in zip(labels, wheres, strict=True):
            for condition in where:
                assert condition.property == "id" or condition.property in PROPERTIES[Label(label)]
                many = isinstance(condition.value, tuple)
                assert many == (condition.operator == "in")
        for place, hop in enumerate(selection.hops):
            ends = (labels[place], hop.label) if hop.forward else (hop.label, labels[place])
            assert ends in ENDS[Link(hop.relation)]
        taken = PROPERTIES[Label(labels[selection.take])]
        assert selection.order_by is None or selection.order_by in taken
        assert selection.limit >= 1
        if isinstance(step, Aggregate):
            assert step.of is None or taken[step.of].kind in {"number", "whole"}
            assert step.of is not None or step.function == "count"
            assert step.by is None or step.by in taken
        if isinstance(step, Select):
            assert set(step.properties) <= set(taken)


VOCABULARY = sorted(PHRASES)
NUMBERS = ["5", "3,5 uJ", "60 °C", "20 us", "1e-4", "doce", "90%", "10 mW", "2026-01-02", "0x08000123", "aes.c:42"]
SALAD = [*VOCABULARY, *NUMBERS * 20, *[thing.name for thing in THINGS] * 4, *["?", ",", "and", "y", "the", "de"] * 15]


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(SALAD), min_size=1, max_size=14))
def test_any_salad_of_our_words_makes_valid_steps(words: list[str]) -> None:
    reading = read(" ".join(words))

    assert reading.steps
    assert len(reading.said) >= len(reading.steps)
    assert 0 <= reading.confidence <= 1
    for step in reading.steps:
        assert_valid(step)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=200))
def test_any_text_is_read_without_an_error(text: str) -> None:
    if text.strip():
        assert read(text).steps


TITLED = [
    "AES-128 without countermeasure, Cortex-M4",
    "AES-128 masked, Cortex-M4",
    "AES-128 without countermeasure, Cortex-M0",
    "AES-128 masked, Cortex-M0",
    "Constant-time compare, Cortex-M4",
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Did masking help?", "Compare j0 -> j1"),
        ("compare AES-128 masked, Cortex-M4 with AES-128 without countermeasure, Cortex-M4", "Compare f0 -> f1"),
        ("Does the constant-time compare leak?", "SecurityVulnerability of f4"),
        ("¿Filtra el AES enmascarado en Cortex-M0?", "SecurityVulnerability of f3"),
        ("What is the verdict of AES-128 masked, Cortex-M4?", "verdict of j1"),
    ],
)
def test_titles_of_campaigns_are_names_even_in_common_words(question: str, expected: str) -> None:
    builds = [Named(f"firmware:f{place}", Label.FIRMWARE, name) for place, name in enumerate(TITLED)]
    runs = [
        Named(f"campaign:j{place}", Label.CAMPAIGN, name, f"firmware:f{place}", float(place))
        for place, name in enumerate(TITLED)
    ]
    masking = Named("mitigation:masking", Label.MITIGATION, "masking")
    names = Names([*builds, *runs, masking], mitigated={masking.id: ["campaign:j0"]})

    (step,) = read(question, names=names).steps

    def end(id_: str) -> str:
        return id_.partition(":")[2]

    match step:
        case Compare(before, after):
            assert f"Compare {end(before)} -> {end(after)}" == expected
        case Lookup(ids, properties):
            assert f"{properties[0]} of {end(ids[0])}" == expected
        case Select(selection):
            (build,) = [one.value for one in selection.where if one.property == "firmware"]
            assert f"{selection.label} of {end(str(build))}" == expected
        case _:
            pytest.fail(shown(step))
