"""Questions that eight people ask in their own words, and what each means: data for developing the planner.

Written without sight of the planner, its lexicons or the questions of the benchmark. The people are the first part of
an id: eng a hurried firmware security engineer, aca a pedantic academic, nnn not a native speaker of English,
mgr a manager, stu a student, cid a developer who thinks in CI, sev a laboratory technician from Seville, mex an
embedded developer from Mexico.

A meaning is a tuple of steps in the question's order, each a dict with a `type`:

    lookup     `thing`: an id, an address, file:line or a name; `of`: the properties asked for, () for all that is known
    select     all things of `label` that meet the conditions; `of`: properties asked about each
    extremum   the `k` things of `label` with the largest (`largest`) or smallest property `by`; `of` as in select
    aggregate  `function` (count, mean, total, minimum, maximum, sd, share) over the things of `label` that meet the
               conditions; `of`: the property, absent for count and share; `by`: one figure per value of it;
               `top`: only so many of these, the largest first; `only`: only those whose figure compares so;
               share: the fraction of them that leaks (two counts say the same)
    compare    `before` and `after`: two builds; `only`: better, worse, unchanged or None for all; `helped`: whether
               a judgement is asked for; `function`: within it only; always of leakage
    around     the neighbours of `thing`, whatever they are; `link`: along these relations only, with `direction`
               next or previous along PRECEDES
    connect    how `source` and `target` are related
    explain    why `thing` is as it is; like lookup with `where`, if the question says in which firmware
    none       there is nothing to answer with; `why` says what is unknown, not measured or off the topic

Conditions of select, extremum and aggregate:

    where      what the thing is or is linked to, at any distance: firmware, function, instruction (id, address),
               source_line, mnemonic, secret, kind, severity, verdict, mitigation; a tuple of values: any of them
    leaks      True: has a finding of severity medium or worse, which is about the secret and of the kind in `where`,
               where named; False: has none. For label SecurityVulnerability: is itself of medium severity or worse
    having     (property, operator, value) each, all of them to hold; values in uJ, degC, us,
               to be compared with a tolerance

Conventions:

    - "how many" wins over "average": "how many instructions average over 3 uJ" counts.
    - The verb (leaks, spills, gives away, reveals, exposes, betrays, filtra, delata, revela, suelta, fuga, chorrea,
      gotea) means `leaks`. A named severity replaces it: critical is exactly critical, "high or worse" both of these.
    - The noun (leaks, findings, issues, fugas, hallazgos) means SecurityVulnerability, of any severity that is not
      named. A kind of finding such as tvla-1 is exactly that kind.
    - "still leak", "unchanged", "remains", "sigue fugando" are those that leak before or after and did not change:
      `only` unchanged. "The masking" alone compares aes128 build 7 with 8, "the shuffling" present build 3 with 4.
    - Spots, places, opcodes, sites are instructions; lines are instructions of which `source_line` is asked.
    - Hungry, burns, draws, eats, gasta, consume, chupa, jala ask for avg_energy unless power is named; hot for
      avg_temperature; slow, takes longest, tarda for max_latency; |t| for max_abs_t; rho for max_abs_rho.
    - The figure of a function is the mean over its instructions, for max_latency, max_abs_t and max_abs_rho the
      maximum, unless the question says total, average, peak, ...
    - A superlative in the singular has `k` (or `top`) 1.
    - "Build 7" alone is aes128 build 7: the number of each known build is its own.

Known: the builds below, their functions, instructions, findings, campaigns and mitigations (masking, shuffling).
"""

from dataclasses import dataclass
from typing import Any, Literal

AES7, AES8 = "aes128 build 7", "aes128 build 8"
PRESENT3, PRESENT4 = "present build 3", "present build 4"
HMAC12, CHACHA5 = "hmac build 12", "chacha20 build 5"
KEY3 = "key byte 3"
ID = "5e5e5e5e5e5e:08000123"
ADDRESS = "0x08000124"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its meaning."""

    id: str
    language: Literal["en", "es"]
    text: str
    meaning: tuple[dict[str, Any], ...]


QUESTIONS: tuple[Asked, ...] = (
    Asked(
        "eng-01",
        "en",
        "hottest 5 in build 7",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": True,
                "k": 5,
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked(
        "eng-02",
        "en",
        "critical leaks build 7",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"firmware": AES7, "severity": "critical"}},),
    ),
    Asked(
        "eng-03",
        "en",
        "ldrb over 2 uJ, sub_bytes, build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7, "function": "sub_bytes", "mnemonic": "ldrb"},
                "having": (("avg_energy", ">", 2),),
            },
        ),
    ),
    Asked(
        "eng-04",
        "en",
        "spots spilling keybyte 3, AES-128 #7",
        ({"type": "select", "label": "Instruction", "where": {"firmware": AES7, "secret": KEY3}, "leaks": True},),
    ),
    Asked("eng-05", "en", "0x08000124 max latency?", ({"type": "lookup", "thing": ADDRESS, "of": ("max_latency",)},)),
    Asked(
        "eng-06",
        "en",
        "what does 5e5e5e5e5e5e:08000123 give away",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"instruction": ID},
                "leaks": True,
                "of": ("secret",),
            },
        ),
    ),
    Asked(
        "eng-07",
        "en",
        "aes build 7 vs aes build 8, did masking help",
        ({"type": "compare", "before": AES7, "after": AES8, "only": None, "helped": True},),
    ),
    Asked(
        "eng-08",
        "en",
        "anything from build 7 still leaking in build 8",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "unchanged", "helped": False},),
    ),
    Asked(
        "eng-09",
        "en",
        "worst |t| in mix_columns, build 7",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_abs_t",
                "largest": True,
                "k": 1,
                "where": {"firmware": AES7, "function": "mix_columns"},
            },
        ),
    ),
    Asked(
        "eng-10",
        "en",
        "top 3 by rho, present build 3",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_abs_rho",
                "largest": True,
                "k": 3,
                "where": {"firmware": PRESENT3},
            },
        ),
    ),
    Asked(
        "eng-11",
        "en",
        "number of cpa fidnings in hmac build 12",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "where": {"firmware": HMAC12, "kind": "cpa"},
            },
        ),
    ),
    Asked(
        "eng-12",
        "en",
        "control-flow findings, any build",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"kind": "control-flow"}},),
    ),
    Asked(
        "eng-13",
        "en",
        "stuff slower than 15 us in permute",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "permute"},
                "having": (("max_latency", ">", 15),),
            },
        ),
    ),
    Asked(
        "eng-14",
        "en",
        "avg energy of str in build 7, and of eors",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "where": {"firmware": AES7, "mnemonic": "str"},
            },
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "where": {"firmware": AES7, "mnemonic": "eors"},
            },
        ),
    ),
    Asked("eng-15", "en", "aes.c:42 - why is it leaking?", ({"type": "explain", "thing": "aes.c:42"},)),
    Asked(
        "eng-16",
        "en",
        "quickest instr in quarter_round",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_latency",
                "largest": False,
                "k": 1,
                "where": {"function": "quarter_round"},
            },
        ),
    ),
    Asked(
        "eng-17",
        "en",
        "leaky opcodes in key_schedule plus their rho",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "key_schedule"},
                "leaks": True,
                "of": ("max_abs_rho",),
            },
        ),
    ),
    Asked(
        "eng-18",
        "en",
        "hungriest 4 that also leak, biuld 7",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_energy",
                "largest": True,
                "k": 4,
                "where": {"firmware": AES7},
                "leaks": True,
            },
        ),
    ),
    Asked("eng-19", "en", "leaks in poly_mul, build 7?", ({"type": "none", "why": "unknown function poly_mul"},)),
    Asked("eng-20", "en", "vcc droop at 0x08000124", ({"type": "none", "why": "voltage is not measured"},)),
    Asked("eng-21", "en", "hottest in des_round", ({"type": "none", "why": "unknown function des_round"},)),
    Asked(
        "aca-01",
        "en",
        "Which instructions of the firmware aes128 build 7 exhibit an absolute t statistic exceeding 4.5?",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("max_abs_t", ">", 4.5),),
            },
        ),
    ),
    Asked(
        "aca-02",
        "en",
        "What is the arithmetic mean of the average energy over all instructions of sub_bytes in aes128 build 7?",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "where": {"firmware": AES7, "function": "sub_bytes"},
            },
        ),
    ),
    Asked(
        "aca-03",
        "en",
        "What are the statistics before and after the application of shuffling?",
        ({"type": "lookup", "thing": "shuffling", "of": ("before", "after")},),
    ),
    Asked(
        "aca-04",
        "en",
        "Please enumerate the source lines at which key byte 3 is revealed by aes128 build 7.",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7, "secret": KEY3},
                "leaks": True,
                "of": ("source_line",),
            },
        ),
    ),
    Asked(
        "aca-05",
        "en",
        "What proportion of the instructions of present build 3 leaks?",
        ({"type": "aggregate", "function": "share", "label": "Instruction", "where": {"firmware": PRESENT3}},),
    ),
    Asked(
        "aca-06",
        "en",
        "How many distinct functions contain at least one leaking instruction in aes128 build 7?",
        ({"type": "aggregate", "function": "count", "label": "Function", "where": {"firmware": AES7}, "leaks": True},),
    ),
    Asked(
        "aca-07",
        "en",
        "What is the standard deviation of the average energy among the ldrb instructions of aes128 build 7?",
        (
            {
                "type": "aggregate",
                "function": "sd",
                "label": "Instruction",
                "of": "avg_energy",
                "where": {"firmware": AES7, "mnemonic": "ldrb"},
            },
        ),
    ),
    Asked(
        "aca-08",
        "en",
        "By which countermeasures has the leakage of key byte 3 been mitigated?",
        ({"type": "select", "label": "Mitigation", "where": {"secret": KEY3}},),
    ),
    Asked(
        "aca-09",
        "en",
        "Which tvla-2 findings are of medium severity or worse?",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"kind": "tvla-2", "severity": ("critical", "high", "medium")},
            },
        ),
    ),
    Asked(
        "aca-10",
        "en",
        "Rank the functions of chacha20 build 5 by their number of findings and retain the first three.",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "by": "function",
                "top": 3,
                "where": {"firmware": CHACHA5},
            },
        ),
    ),
    Asked(
        "aca-11",
        "en",
        "Which instructions deteriorated between present build 3 and its shuffled successor, present build 4?",
        ({"type": "compare", "before": PRESENT3, "after": PRESENT4, "only": "worse", "helped": False},),
    ),
    Asked(
        "aca-12",
        "en",
        "Instructions of hmac build 12 whose maximum latency lies above 10 microseconds and below 20 microseconds",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": HMAC12},
                "having": (("max_latency", ">", 10), ("max_latency", "<", 20)),
            },
        ),
    ),
    Asked(
        "aca-13",
        "en",
        "Why does the instruction at 0x08000124 betray key byte 3?",
        ({"type": "explain", "thing": ADDRESS},),
    ),
    Asked(
        "aca-14",
        "en",
        "What is the total number of executions, summed over the instructions of compress in hmac build 12?",
        (
            {
                "type": "aggregate",
                "function": "total",
                "label": "Instruction",
                "of": "executions",
                "where": {"firmware": HMAC12, "function": "compress"},
            },
        ),
    ),
    Asked(
        "aca-15",
        "en",
        "How many instructions of aes128 build 7 have an average energy of less than 1.5 microjoules?",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("avg_energy", "<", 1.5),),
            },
        ),
    ),
    Asked(
        "aca-16",
        "en",
        "By which instructions of add_round_key is a secret exposed, and under which severity?",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"function": "add_round_key"},
                "leaks": True,
                "of": ("instruction", "severity"),
            },
        ),
    ),
    Asked(
        "aca-17",
        "en",
        "In which campaigns has a control-flow divergence been found?",
        ({"type": "select", "label": "Campaign", "where": {"kind": "control-flow"}},),
    ),
    Asked(
        "aca-18",
        "en",
        "What is the spectral bandwidth of the electromagnetic emanation of sub_bytes?",
        ({"type": "none", "why": "electromagnetic emission is not measured"},),
    ),
    Asked("aca-19", "en", "Does the Riemann hypothesis remain unproven?", ({"type": "none", "why": "off topic"},)),
    Asked(
        "aca-20",
        "en",
        "What leakage does montgomery_ladder exhibit in aes128 build 7?",
        ({"type": "none", "why": "unknown function montgomery_ladder"},),
    ),
    Asked(
        "nnn-01",
        "en",
        "Please, you tell me the temperature of instruction 0x08000124?",
        ({"type": "lookup", "thing": ADDRESS, "of": ("avg_temperature",)},),
    ),
    Asked(
        "nnn-02",
        "en",
        "Which instruction is more hot in the build 7?",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": True,
                "k": 1,
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked(
        "nnn-03",
        "en",
        "How many instruction has sub_bytes of aes build 7?",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"firmware": AES7, "function": "sub_bytes"},
            },
        ),
    ),
    Asked(
        "nnn-04",
        "en",
        "I want know where is leaking the key byte 3 in build 7",
        ({"type": "select", "label": "Instruction", "where": {"firmware": AES7, "secret": KEY3}, "leaks": True},),
    ),
    Asked(
        "nnn-05",
        "en",
        "Is better the build 8 than the build 7?",
        ({"type": "compare", "before": AES7, "after": AES8, "only": None, "helped": True},),
    ),
    Asked(
        "nnn-06",
        "en",
        "instrucions that consume more then 3 microjoule in mix_colums",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "mix_columns"},
                "having": (("avg_energy", ">", 3),),
            },
        ),
    ),
    Asked(
        "nnn-07",
        "en",
        "What are the functions who leak in present build 3?",
        ({"type": "select", "label": "Function", "where": {"firmware": PRESENT3}, "leaks": True},),
    ),
    Asked(
        "nnn-08",
        "en",
        "The ten instructions that takes longest in compress",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_latency",
                "largest": True,
                "k": 10,
                "where": {"function": "compress"},
            },
        ),
    ),
    Asked(
        "nnn-09", "en", "Explain me why 5e5e5e5e5e5e:08000123 has so high energy", ({"type": "explain", "thing": ID},)
    ),
    Asked(
        "nnn-10",
        "en",
        "Which is the severity of the findings of load_block?",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"function": "load_block"},
                "of": ("severity",),
            },
        ),
    ),
    Asked(
        "nnn-11",
        "en",
        "Which campaigns have verdict clean?",
        ({"type": "select", "label": "Campaign", "where": {"verdict": "clean"}},),
    ),
    Asked("nnn-12", "en", "Who is neighbor of the instruction 0x08000124?", ({"type": "around", "thing": ADDRESS},)),
    Asked(
        "nnn-13",
        "en",
        "How much is the energy in average for each function of build 7?",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "by": "function",
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked(
        "nnn-14",
        "en",
        "With what countermesure was repaired the sub_bytes?",
        ({"type": "select", "label": "Mitigation", "where": {"function": "sub_bytes"}},),
    ),
    Asked(
        "nnn-15",
        "en",
        "Which instructions not leak in add_round_key of build 7?",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7, "function": "add_round_key"},
                "leaks": False,
            },
        ),
    ),
    Asked(
        "nnn-16",
        "en",
        "Instructions what are not more than 313.15 K in build 12",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": HMAC12},
                "having": (("avg_temperature", "<=", 40),),
            },
        ),
    ),
    Asked("nnn-17", "en", "How many volts needs the build 7?", ({"type": "none", "why": "voltage is not measured"},)),
    Asked(
        "nnn-18",
        "en",
        "Which instruction leaks in aes128 build 21?",
        ({"type": "none", "why": "unknown build aes128 build 21"},),
    ),
    Asked("nnn-19", "en", "Where I can to buy good headphones?", ({"type": "none", "why": "off topic"},)),
    Asked(
        "mgr-01",
        "en",
        "Are we better off with aes128 build 8 than with build 7?",
        ({"type": "compare", "before": AES7, "after": AES8, "only": None, "helped": True},),
    ),
    Asked(
        "mgr-02",
        "en",
        "I'd like to know whether the hardening in present build 4 paid off.",
        ({"type": "compare", "before": PRESENT3, "after": PRESENT4, "only": None, "helped": True},),
    ),
    Asked(
        "mgr-03",
        "en",
        "Just give me the number of critical issues in build 7.",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "where": {"firmware": AES7, "severity": "critical"},
            },
        ),
    ),
    Asked(
        "mgr-04",
        "en",
        "Number of findings per severity for hmac build 12",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "by": "severity",
                "where": {"firmware": HMAC12},
            },
        ),
    ),
    Asked(
        "mgr-05",
        "en",
        "Which build has the most high or critical findings?",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "by": "firmware",
                "top": 1,
                "where": {"severity": ("critical", "high")},
            },
        ),
    ),
    Asked(
        "mgr-06",
        "en",
        "Do we have any build that came out clean?",
        ({"type": "select", "label": "Firmware", "where": {"verdict": "clean"}},),
    ),
    Asked(
        "mgr-07",
        "en",
        "Which three functions eat up the most energy on average in build 7?",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "by": "function",
                "top": 3,
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked(
        "mgr-08",
        "en",
        "What share of the instructions in build 7 is leaky?",
        ({"type": "aggregate", "function": "share", "label": "Instruction", "where": {"firmware": AES7}},),
    ),
    Asked(
        "mgr-09", "en", "What fixes have we tried so far?", ({"type": "select", "label": "Mitigation", "where": {}},)
    ),
    Asked(
        "mgr-10",
        "en",
        "How many traces did the campaign on build 7 take, and what was its verdict?",
        ({"type": "select", "label": "Campaign", "where": {"firmware": AES7}, "of": ("traces", "verdict")},),
    ),
    Asked(
        "mgr-11",
        "en",
        "What is still leaking after the masking went into build 8?",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "unchanged", "helped": False},),
    ),
    Asked(
        "mgr-12",
        "en",
        "Which function is the slowest in build 12?",
        (
            {
                "type": "aggregate",
                "function": "maximum",
                "label": "Instruction",
                "of": "max_latency",
                "by": "function",
                "top": 1,
                "where": {"firmware": HMAC12},
            },
        ),
    ),
    Asked(
        "mgr-13",
        "en",
        "Why is sub_bytes such a problem in build 7?",
        ({"type": "explain", "thing": "sub_bytes", "where": {"firmware": AES7}},),
    ),
    Asked(
        "mgr-14",
        "en",
        "Tell me everything we know about sub_bytes in build 7.",
        ({"type": "lookup", "thing": "sub_bytes", "of": (), "where": {"firmware": AES7}},),
    ),
    Asked(
        "mgr-15",
        "en",
        "Did the patch in build 8 make anything worse, and what is left unchanged?",
        (
            {"type": "compare", "before": AES7, "after": AES8, "only": "worse", "helped": False},
            {"type": "compare", "before": AES7, "after": AES8, "only": "unchanged", "helped": False},
        ),
    ),
    Asked(
        "mgr-16",
        "en",
        "Who is the engineer responsible for build 7?",
        ({"type": "none", "why": "people are not recorded"},),
    ),
    Asked(
        "mgr-17", "en", "What does a single chip cost us in volume?", ({"type": "none", "why": "off topic: prices"},)
    ),
    Asked(
        "mgr-18",
        "en",
        "What's the gate count of the masked design?",
        ({"type": "none", "why": "gate count is not measured"},),
    ),
    Asked("mgr-19", "en", "What is the capital of Australia?", ({"type": "none", "why": "off topic"},)),
    Asked(
        "stu-01",
        "en",
        "hi, what's the avg temp of 5e5e5e5e5e5e:08000123?",
        ({"type": "lookup", "thing": ID, "of": ("avg_temperature",)},),
    ),
    Asked(
        "stu-02",
        "en",
        "so which lines of code reveal byte 3 of the key in aes build 7?",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7, "secret": KEY3},
                "leaks": True,
                "of": ("source_line",),
            },
        ),
    ),
    Asked(
        "stu-03",
        "en",
        "whats the instruction right after 0x08000124",
        ({"type": "around", "thing": ADDRESS, "link": "PRECEDES", "direction": "next"},),
    ),
    Asked(
        "stu-04",
        "en",
        "how are 0x08000124 and 5e5e5e5e5e5e:08000123 related?",
        ({"type": "connect", "source": ADDRESS, "target": ID},),
    ),
    Asked(
        "stu-05",
        "en",
        "which instructions correlate w/ 5e5e5e5e5e5e:08000123 in energy?",
        ({"type": "around", "thing": ID, "link": "CORRELATES_WITH"},),
    ),
    Asked(
        "stu-06",
        "en",
        "can u list everything cooler than 35 degrees in build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("avg_temperature", "<", 35),),
            },
        ),
    ),
    Asked(
        "stu-07",
        "en",
        "is there any eors that leaks in build 8?",
        ({"type": "select", "label": "Instruction", "where": {"firmware": AES8, "mnemonic": "eors"}, "leaks": True},),
    ),
    Asked(
        "stu-08",
        "en",
        "what's the lowest energy instruction in s_layer",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_energy",
                "largest": False,
                "k": 1,
                "where": {"function": "s_layer"},
            },
        ),
    ),
    Asked(
        "stu-09",
        "en",
        "how many functions does chacha20 build 5 have",
        ({"type": "aggregate", "function": "count", "label": "Function", "where": {"firmware": CHACHA5}},),
    ),
    Asked(
        "stu-10",
        "en",
        "does permute leak less after the shuffling?",
        (
            {
                "type": "compare",
                "before": PRESENT3,
                "after": PRESENT4,
                "only": None,
                "helped": True,
                "function": "permute",
            },
        ),
    ),
    Asked(
        "stu-11",
        "en",
        "temprature and latancy of 0x08000124 pls",
        ({"type": "lookup", "thing": ADDRESS, "of": ("avg_temperature", "max_latency")},),
    ),
    Asked(
        "stu-12",
        "en",
        "average executions per function in build 7 lol",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "executions",
                "by": "function",
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked(
        "stu-13",
        "en",
        "why does sub_bytes give away key byte 3?? i dont get it",
        ({"type": "explain", "thing": "sub_bytes"},),
    ),
    Asked(
        "stu-14",
        "en",
        "which firmware does quarter_round belong to",
        ({"type": "select", "label": "Firmware", "where": {"function": "quarter_round"}},),
    ),
    Asked(
        "stu-15",
        "en",
        "what secrets does the finctoin key_schedule spill",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"function": "key_schedule"},
                "leaks": True,
                "of": ("secret",),
            },
        ),
    ),
    Asked(
        "stu-16",
        "en",
        "two coldest ldrb in load_block, and how many ldrb are there in it?",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": False,
                "k": 2,
                "where": {"function": "load_block", "mnemonic": "ldrb"},
            },
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"function": "load_block", "mnemonic": "ldrb"},
            },
        ),
    ),
    Asked(
        "stu-17", "en", "whats the clock jitter in build 7", ({"type": "none", "why": "clock jitter is not measured"},)
    ),
    Asked("stu-18", "en", "can you do my homework on integrals", ({"type": "none", "why": "off topic"},)),
    Asked("stu-19", "en", "does inv_mix_columns leak", ({"type": "none", "why": "unknown function inv_mix_columns"},)),
    Asked(
        "cid-01",
        "en",
        "List findings with severity >= high for firmware aes128 build 7",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": AES7, "severity": ("critical", "high")},
            },
        ),
    ),
    Asked(
        "cid-02",
        "en",
        "Regressions between aes128 build 7 and aes128 build 8",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "worse", "helped": False},),
    ),
    Asked(
        "cid-03",
        "en",
        "Count of leaking instructions where function is sub_bytes",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"function": "sub_bytes"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "cid-04",
        "en",
        "verdict of the present build 4 campaign",
        ({"type": "select", "label": "Campaign", "where": {"firmware": PRESENT4}, "of": ("verdict",)},),
    ),
    Asked(
        "cid-05",
        "en",
        "max |t| of the chacha20 build 5 campaign?",
        ({"type": "select", "label": "Campaign", "where": {"firmware": CHACHA5}, "of": ("max_abs_t",)},),
    ),
    Asked(
        "cid-06",
        "en",
        "Instructions with a sample count under 100 in hmac build 12",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": HMAC12},
                "having": (("sample_count", "<", 100),),
            },
        ),
    ),
    Asked(
        "cid-07",
        "en",
        "Leaking instructions per function, build 7",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "by": "function",
                "where": {"firmware": AES7},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "cid-08",
        "en",
        "Functions with more than 3 leaking instructions in present build 3",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "by": "function",
                "only": (">", 3),
                "where": {"firmware": PRESENT3},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "cid-09",
        "en",
        "Instructions of build 7 executed at least 1000 times",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("executions", ">=", 1000),),
            },
        ),
    ),
    Asked(
        "cid-10",
        "en",
        "5 fastest instructions of load_block",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_latency",
                "largest": False,
                "k": 5,
                "where": {"function": "load_block"},
            },
        ),
    ),
    Asked(
        "cid-11",
        "en",
        "Which instructions improved from present build 3 to present build 4, and how many traces did the campaign of present build 4 use?",
        (
            {"type": "compare", "before": PRESENT3, "after": PRESENT4, "only": "better", "helped": False},
            {"type": "select", "label": "Campaign", "where": {"firmware": PRESENT4}, "of": ("traces",)},
        ),
    ),
    Asked(
        "cid-12",
        "en",
        "Function of the hottest instruction in build 12",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": True,
                "k": 1,
                "where": {"firmware": HMAC12},
                "of": ("function",),
            },
        ),
    ),
    Asked(
        "cid-13",
        "en",
        "unchanged instructions, aes build 7 -> aes build 8",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "unchanged", "helped": False},),
    ),
    Asked(
        "cid-14",
        "en",
        "Instructions using less than 900 nJ in build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("avg_energy", "<", 0.9),),
            },
        ),
    ),
    Asked(
        "cid-15",
        "en",
        "tvla-1 findngs in s_layer with more than 2000 traces",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"function": "s_layer", "kind": "tvla-1"},
                "having": (("traces", ">", 2000),),
            },
        ),
    ),
    Asked(
        "cid-16",
        "en",
        "Diff present build 3 against present build 4",
        ({"type": "compare", "before": PRESENT3, "after": PRESENT4, "only": None, "helped": False},),
    ),
    Asked(
        "cid-17",
        "en",
        "Fail the pipeline if rsa2048 build 1 leaks: does it?",
        ({"type": "none", "why": "unknown build rsa2048 build 1"},),
    ),
    Asked(
        "cid-18", "en", "verdict of campaign nightly-4411?", ({"type": "none", "why": "unknown campaign nightly-4411"},)
    ),
    Asked(
        "cid-19",
        "en",
        "test coverage of mix_columns in percent",
        ({"type": "none", "why": "test coverage is not measured"},),
    ),
    Asked(
        "cid-20", "en", "stack usage of compress in bytes", ({"type": "none", "why": "stack usage is not measured"},)
    ),
    Asked("cid-21", "en", "compile time of aes128 build 7", ({"type": "none", "why": "compile time is not measured"},)),
    Asked(
        "sev-01",
        "es",
        "¿Qué temperatura media tiene la instrucción 0x08000124?",
        ({"type": "lookup", "thing": ADDRESS, "of": ("avg_temperature",)},),
    ),
    Asked(
        "sev-02",
        "es",
        "Dime las cinco instrucciones más calientes de la build 7",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": True,
                "k": 5,
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked(
        "sev-03",
        "es",
        "¿Dónde se filtra el byte tres de la clave en la compilación 7?",
        ({"type": "select", "label": "Instruction", "where": {"firmware": AES7, "secret": KEY3}, "leaks": True},),
    ),
    Asked(
        "sev-04",
        "es",
        "instrucciones que gastan mas de 2 microjulios en sub_bytes",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "sub_bytes"},
                "having": (("avg_energy", ">", 2),),
            },
        ),
    ),
    Asked(
        "sev-05",
        "es",
        "¿Cuántos hallazgos críticos hay en aes128 build 7?",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "where": {"firmware": AES7, "severity": "critical"},
            },
        ),
    ),
    Asked(
        "sev-06",
        "es",
        "Oye, ¿ha servido de algo el parche de la build 8?",
        ({"type": "compare", "before": AES7, "after": AES8, "only": None, "helped": True},),
    ),
    Asked(
        "sev-07",
        "es",
        "¿Qué sigue fugando después del enmascaramiento?",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "unchanged", "helped": False},),
    ),
    Asked(
        "sev-08",
        "es",
        "¿Podría decirme usted qué funciones delatan algún secreto en present build 3?",
        ({"type": "select", "label": "Function", "where": {"firmware": PRESENT3}, "leaks": True},),
    ),
    Asked(
        "sev-09",
        "es",
        "¿Cuál es la instrucción que más tarda en compress?",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_latency",
                "largest": True,
                "k": 1,
                "where": {"function": "compress"},
            },
        ),
    ),
    Asked(
        "sev-10",
        "es",
        "energía media por función en la build 7",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "by": "function",
                "where": {"firmware": AES7},
            },
        ),
    ),
    Asked("sev-11", "es", "Explícame por qué gotea aes.c:42", ({"type": "explain", "thing": "aes.c:42"},)),
    Asked(
        "sev-12",
        "es",
        "¿Qué contramedidas se han aplicado a sub_bytes?",
        ({"type": "select", "label": "Mitigation", "where": {"function": "sub_bytes"}},),
    ),
    Asked(
        "sev-13",
        "es",
        "¿Qué proporción de las instrucciones de la compilación 12 filtra algo?",
        ({"type": "aggregate", "function": "share", "label": "Instruction", "where": {"firmware": HMAC12}},),
    ),
    Asked(
        "sev-14",
        "es",
        "Enumera los sitios del código que revelan key byte 3",
        ({"type": "select", "label": "Instruction", "where": {"secret": KEY3}, "leaks": True},),
    ),
    Asked(
        "sev-15",
        "es",
        "¿Qué instrucción va justo antes de 0x08000124?",
        ({"type": "around", "thing": ADDRESS, "link": "PRECEDES", "direction": "previous"},),
    ),
    Asked(
        "sev-16",
        "es",
        "Me gustaría saber si permute filtra menos en present build 4 que en present build 3",
        (
            {
                "type": "compare",
                "before": PRESENT3,
                "after": PRESENT4,
                "only": None,
                "helped": True,
                "function": "permute",
            },
        ),
    ),
    Asked(
        "sev-17",
        "es",
        "menos de 40 grados, build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("avg_temperature", "<", 40),),
            },
        ),
    ),
    Asked(
        "sev-18",
        "es",
        "las tres que mas chupan en mix_columns",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_energy",
                "largest": True,
                "k": 3,
                "where": {"function": "mix_columns"},
            },
        ),
    ),
    Asked(
        "sev-19",
        "es",
        "¿Hay alguna ldrb que no filtre en la build 7?",
        ({"type": "select", "label": "Instruction", "where": {"firmware": AES7, "mnemonic": "ldrb"}, "leaks": False},),
    ),
    Asked(
        "sev-20",
        "es",
        "líneas de add_round_key con algún hallazgo tvla-2",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "add_round_key", "kind": "tvla-2"},
                "of": ("source_line",),
            },
        ),
    ),
    Asked(
        "sev-21",
        "es",
        "¿Cuántas trazas llevó la campaña de la build 12 y qué veredicto dio?",
        ({"type": "select", "label": "Campaign", "where": {"firmware": HMAC12}, "of": ("traces", "verdict")},),
    ),
    Asked(
        "sev-22",
        "es",
        "Compara present build 3 con present build 4: ¿qué ha empeorado?",
        ({"type": "compare", "before": PRESENT3, "after": PRESENT4, "only": "worse", "helped": False},),
    ),
    Asked(
        "sev-23",
        "es",
        "Latencia máxima y número de muestras de 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": ID, "of": ("max_latency", "sample_count")},),
    ),
    Asked(
        "sev-24",
        "es",
        "¿Cuántas funciones tienen alguna instrucción que filtre?",
        ({"type": "aggregate", "function": "count", "label": "Function", "where": {}, "leaks": True},),
    ),
    Asked(
        "sev-25",
        "es",
        "instruciones con corelacion mayor que 0,7 en la build 3",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": PRESENT3},
                "having": (("max_abs_rho", ">", 0.7),),
            },
        ),
    ),
    Asked(
        "sev-26",
        "es",
        "¿Qué builds han salido limpias?",
        ({"type": "select", "label": "Firmware", "where": {"verdict": "clean"}},),
    ),
    Asked("sev-27", "es", "¿Qué hay alrededor de 5e5e5e5e5e5e:08000123?", ({"type": "around", "thing": ID},)),
    Asked(
        "sev-28",
        "es",
        "¿Qué instrucciones bajan de los 800 nJ y además fugan en la build 7?",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "leaks": True,
                "having": (("avg_energy", "<", 0.8),),
            },
        ),
    ),
    Asked(
        "sev-29",
        "es",
        "Decidme cuántos hallazgos tiene cada función de chacha20 build 5",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "by": "function",
                "where": {"firmware": CHACHA5},
            },
        ),
    ),
    Asked(
        "sev-30",
        "es",
        "¿Por qué motivo queda expuesto un secreto en la fucnión s_layer?",
        ({"type": "explain", "thing": "s_layer"},),
    ),
    Asked(
        "sev-31",
        "es",
        "¿Cuántas instrucciones filtran en la build 3, y cuáles son las dos peores por |t|?",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"firmware": PRESENT3},
                "leaks": True,
            },
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_abs_t",
                "largest": True,
                "k": 2,
                "where": {"firmware": PRESENT3},
            },
        ),
    ),
    Asked(
        "sev-32",
        "es",
        "¿A cuánto estaba el voltaje en la build 7?",
        ({"type": "none", "why": "voltage is not measured"},),
    ),
    Asked("sev-33", "es", "¿Qué tapas me recomiendas en Triana?", ({"type": "none", "why": "off topic"},)),
    Asked(
        "sev-34",
        "es",
        "¿Filtra algo shift_rows en la build 7?",
        ({"type": "none", "why": "unknown function shift_rows"},),
    ),
    Asked(
        "sev-35",
        "es",
        "¿Qué veredicto dio la campaña nocturna-88?",
        ({"type": "none", "why": "unknown campaign nocturna-88"},),
    ),
    Asked(
        "sev-36",
        "es",
        "radiación electromagnética de quarter_round",
        ({"type": "none", "why": "electromagnetic emission is not measured"},),
    ),
    Asked(
        "sev-37",
        "es",
        "¿Dónde se fuga el byte 99 de la clave?",
        ({"type": "none", "why": "unknown secret key byte 99"},),
    ),
    Asked(
        "sev-38",
        "es",
        "¿Cuánto dura la batería con la build 7?",
        ({"type": "none", "why": "battery life is not measured"},),
    ),
    Asked(
        "mex-01",
        "es",
        "¿Cuánta energía jala la instrucción 0x08000124?",
        ({"type": "lookup", "thing": ADDRESS, "of": ("avg_energy",)},),
    ),
    Asked(
        "mex-02",
        "es",
        "las 10 instrucciones mas lentas de hmac build 12, porfa",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_latency",
                "largest": True,
                "k": 10,
                "where": {"firmware": HMAC12},
            },
        ),
    ),
    Asked(
        "mex-03",
        "es",
        "¿Cuáles instrucciones sueltan el key byte 3 en la build 7?",
        ({"type": "select", "label": "Instruction", "where": {"firmware": AES7, "secret": KEY3}, "leaks": True},),
    ),
    Asked(
        "mex-04",
        "es",
        "¿Cuántas instrucciones tiene la función quarter_round?",
        ({"type": "aggregate", "function": "count", "label": "Instruction", "where": {"function": "quarter_round"}},),
    ),
    Asked(
        "mex-05",
        "es",
        "oye, ¿y sí funcionó el arreglo de present build 4?",
        ({"type": "compare", "before": PRESENT3, "after": PRESENT4, "only": None, "helped": True},),
    ),
    Asked(
        "mex-06",
        "es",
        "fugas de severidad alta o crítica en la build 12",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": HMAC12, "severity": ("critical", "high")},
            },
        ),
    ),
    Asked(
        "mex-07",
        "es",
        "promedio de temperatura de las instrucciones str en la build 7",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_temperature",
                "where": {"firmware": AES7, "mnemonic": "str"},
            },
        ),
    ),
    Asked(
        "mex-08",
        "es",
        "¿Qué mitigación se le puso a la fuga del byte 3 de la llave?",
        ({"type": "select", "label": "Mitigation", "where": {"secret": KEY3}},),
    ),
    Asked(
        "mex-09",
        "es",
        "¿Qué opcodes se pasan de 12 microsegudnos en s_layer?",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "s_layer"},
                "having": (("max_latency", ">", 12),),
            },
        ),
    ),
    Asked(
        "mex-10",
        "es",
        "nomás dime la instrucción con el |t| más alto de la build 5",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "max_abs_t",
                "largest": True,
                "k": 1,
                "where": {"firmware": CHACHA5},
            },
        ),
    ),
    Asked("mex-11", "es", "¿Por qué se calienta tanto load_block?", ({"type": "explain", "thing": "load_block"},)),
    Asked(
        "mex-12",
        "es",
        "funciones de la build 7 con mas de dos instrucciones que filtran",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "by": "function",
                "only": (">", 2),
                "where": {"firmware": AES7},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "mex-13",
        "es",
        "¿Qué mejoró de aes128 build 7 a aes128 build 8?",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "better", "helped": False},),
    ),
    Asked(
        "mex-14",
        "es",
        "¿Cuál función consume más en promedio en chacha20 build 5?",
        (
            {
                "type": "aggregate",
                "function": "mean",
                "label": "Instruction",
                "of": "avg_energy",
                "by": "function",
                "top": 1,
                "where": {"firmware": CHACHA5},
            },
        ),
    ),
    Asked(
        "mex-15",
        "es",
        "líneas de código donde chorrea key_schedule",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"function": "key_schedule"},
                "leaks": True,
                "of": ("source_line",),
            },
        ),
    ),
    Asked(
        "mex-16",
        "es",
        "¿Está usted seguro de que 5e5e5e5e5e5e:08000123 no filtra nada?",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"instruction": ID}, "leaks": True},),
    ),
    Asked(
        "mex-17",
        "es",
        "cuantos hallazgos de tipo control-flow hay por funcion",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "SecurityVulnerability",
                "by": "function",
                "where": {"kind": "control-flow"},
            },
        ),
    ),
    Asked(
        "mex-18",
        "es",
        "instrucciones ejecutadas menos de 50 veces en la build 4",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": PRESENT4},
                "having": (("executions", "<", 50),),
            },
        ),
    ),
    Asked(
        "mex-19",
        "es",
        "Quiero saber si quedó igual algo entre la build 7 y la build 8",
        ({"type": "compare", "before": AES7, "after": AES8, "only": "unchanged", "helped": False},),
    ),
    Asked(
        "mex-20",
        "es",
        "¿Qué secretos quedan expuestos en mix_columns?",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"function": "mix_columns"},
                "leaks": True,
                "of": ("secret",),
            },
        ),
    ),
    Asked(
        "mex-21",
        "es",
        "la instrucción más fría de present build 3 y la más caliente de present build 4",
        (
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": False,
                "k": 1,
                "where": {"firmware": PRESENT3},
            },
            {
                "type": "extremum",
                "label": "Instruction",
                "by": "avg_temperature",
                "largest": True,
                "k": 1,
                "where": {"firmware": PRESENT4},
            },
        ),
    ),
    Asked(
        "mex-22",
        "es",
        "¿Cuántas eors hay en la build 7 y cuántas de ellas filtran?",
        (
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"firmware": AES7, "mnemonic": "eors"},
            },
            {
                "type": "aggregate",
                "function": "count",
                "label": "Instruction",
                "where": {"firmware": AES7, "mnemonic": "eors"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "mex-23",
        "es",
        "potencia promedio de cada instrucción de permute",
        ({"type": "select", "label": "Instruction", "where": {"function": "permute"}, "of": ("avg_power",)},),
    ),
    Asked(
        "mex-24",
        "es",
        "temperatra maxima por funcion en la build 12",
        (
            {
                "type": "aggregate",
                "function": "maximum",
                "label": "Instruction",
                "of": "avg_temperature",
                "by": "function",
                "where": {"firmware": HMAC12},
            },
        ),
    ),
    Asked(
        "mex-25",
        "es",
        "¿Qué instrucciones correlacionan con 0x08000124?",
        ({"type": "around", "thing": ADDRESS, "link": "CORRELATES_WITH"},),
    ),
    Asked(
        "mex-26",
        "es",
        "el antes y el despues del enmascaramiento",
        ({"type": "lookup", "thing": "masking", "of": ("before", "after")},),
    ),
    Asked(
        "mex-27",
        "es",
        "¿A qué función pertenece 0x08000124?",
        ({"type": "lookup", "thing": ADDRESS, "of": ("function",)},),
    ),
    Asked(
        "mex-28",
        "es",
        "instrucciones arriba de 45 °C y abajo de 3 µJ en la build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": AES7},
                "having": (("avg_temperature", ">", 45), ("avg_energy", "<", 3)),
            },
        ),
    ),
    Asked(
        "mex-29",
        "es",
        "checame que funcoines filtran por cpa en hmac build 12",
        ({"type": "select", "label": "Function", "where": {"firmware": HMAC12, "kind": "cpa"}, "leaks": True},),
    ),
    Asked(
        "mex-30",
        "es",
        "¿En qué campañas filtra compress?",
        ({"type": "select", "label": "Campaign", "where": {"function": "compress"}, "leaks": True},),
    ),
    Asked(
        "mex-31",
        "es",
        "¿Cuántos miliamperes consume la build 7?",
        ({"type": "none", "why": "current is not measured"},),
    ),
    Asked("mex-32", "es", "¿A cómo está el dólar hoy?", ({"type": "none", "why": "off topic"},)),
    Asked(
        "mex-33",
        "es",
        "¿Qué filtra la función ntt_butterfly?",
        ({"type": "none", "why": "unknown function ntt_butterfly"},),
    ),
    Asked("mex-34", "es", "dame las fugas de kyber build 2", ({"type": "none", "why": "unknown build kyber build 2"},)),
    Asked(
        "mex-35",
        "es",
        "fluctuación del reloj en aes128 build 8",
        ({"type": "none", "why": "clock jitter is not measured"},),
    ),
    Asked(
        "mex-36",
        "es",
        "¿cuántas compuertas lógicas usa sub_bytes?",
        ({"type": "none", "why": "gate count is not measured"},),
    ),
    Asked(
        "mex-37",
        "es",
        "¿Cuánta memoria RAM libre queda en la build 5?",
        ({"type": "none", "why": "free memory is not measured"},),
    ),
)
