"""More questions of engineers, written when the planner was known but before each was put to it. Meanings as in
`development_questions`. The first part of an id is what is asked: a comparison, a property, one relation or two.

After the first reading two meanings were corrected, a property's name and what `draw` asks for, and one question was
left out. The planner was then changed with its failures in sight: this is a lock, no measure of unseen questions.
"""

from typing import Final

from tests.workers.query.development_questions import Asked

LATER: Final[tuple[Asked, ...]] = (
    Asked(
        "cmp-01",
        "en",
        "what regressed between aes128 build 7 and aes128 build 8",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-02",
        "en",
        "anything still leaking in aes128 build 8 that leaked in aes128 build 7",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-03",
        "en",
        "which spots did the hardening in aes128 build 8 not cure compared to aes128 build 7",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-04",
        "en",
        "what got fixed going from present build 3 to present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-05",
        "en",
        "instructions that stayed leaky from aes128 build 7 to aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-06",
        "en",
        "new leaks introduced by aes128 build 8 over aes128 build 7",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-07",
        "en",
        "diff the leakage of present build 3 and present build 4",
        ({"type": "compare", "before": "present build 3", "after": "present build 4", "only": None, "helped": False},),
    ),
    Asked(
        "cmp-08",
        "en",
        "aes128 build 7 to aes128 build 8: what is cleaner now",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-09",
        "en",
        "which opcodes are dirtier in present build 4 than in present build 3",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "worse",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-10",
        "en",
        "what did the move from aes128 build 7 to aes128 build 8 break",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-11",
        "en",
        "which instructions were cured between present build 3 and present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-12",
        "en",
        "list the spots that went quiet from aes128 build 7 to aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-13",
        "en",
        "where did aes128 build 8 make things worse than aes128 build 7",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-14",
        "en",
        "side by side: present build 3 and present build 4",
        ({"type": "compare", "before": "present build 3", "after": "present build 4", "only": None, "helped": False},),
    ),
    Asked(
        "cmp-15",
        "en",
        "what leaks did aes128 build 8 fail to remove from aes128 build 7",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-16",
        "en",
        "which instructions leak just as much in aes128 build 8 as in aes128 build 7",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-17",
        "en",
        "how does the leakage of mix_columns differ between aes128 build 7 and aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": None,
                "helped": False,
                "function": "mix_columns",
            },
        ),
    ),
    Asked(
        "cmp-18",
        "en",
        "in sub_bytes, what is still leaky after going from aes128 build 7 to aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
                "function": "sub_bytes",
            },
        ),
    ),
    Asked(
        "cmp-19",
        "en",
        "anything that leaks only since aes128 build 8, not yet in aes128 build 7",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-20",
        "en",
        "which leaks of present build 3 are gone in present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-21",
        "en",
        "what was patched successfully from aes128 build 7 to aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-22",
        "en",
        "which instructions resisted the fix from present build 3 to present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-23",
        "en",
        "aes128 build 8 against aes128 build 7, fresh leaks only",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-24",
        "en",
        "opcodes unaffected by the step from present build 3 to present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-25",
        "en",
        "what's the leakage delta from aes128 build 7 to aes128 build 8",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": None, "helped": False},),
    ),
    Asked(
        "look-01",
        "en",
        "give me the temperature of 0x08000124 in aes128 build 7",
        (
            {
                "type": "lookup",
                "thing": "0x08000124",
                "of": ("avg_temperature",),
                "where": {"firmware": "aes128 build 7"},
            },
        ),
    ),
    Asked(
        "look-02",
        "en",
        "how long does 0x08000124 take at worst in aes128 build 7",
        ({"type": "lookup", "thing": "0x08000124", "of": ("max_latency",), "where": {"firmware": "aes128 build 7"}},),
    ),
    Asked(
        "look-03",
        "en",
        "what opcode sits at 0x08000124 in present build 3",
        ({"type": "lookup", "thing": "0x08000124", "of": ("mnemonic",), "where": {"firmware": "present build 3"}},),
    ),
    Asked(
        "look-04",
        "en",
        "which source line is 0x08000124 of aes128 build 7",
        ({"type": "lookup", "thing": "0x08000124", "of": ("source_line",), "where": {"firmware": "aes128 build 7"}},),
    ),
    Asked(
        "look-05",
        "en",
        "how many traces did the aes128 build 7 campaign run",
        ({"type": "lookup", "thing": "aes128 build 7", "of": ("traces",)},),
    ),
    Asked(
        "look-06",
        "en",
        "aes128 build 7's verdict?",
        ({"type": "lookup", "thing": "aes128 build 7", "of": ("verdict",)},),
    ),
    Asked(
        "look-07",
        "en",
        "how many samples back the energy of 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("sample_count",)},),
    ),
    Asked(
        "look-08",
        "en",
        "mean power draw of 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("avg_power",)},),
    ),
    Asked(
        "look-09",
        "en",
        "what |t| does 0x08000124 reach in aes128 build 8",
        ({"type": "lookup", "thing": "0x08000124", "of": ("max_abs_t",), "where": {"firmware": "aes128 build 8"}},),
    ),
    Asked(
        "look-10",
        "en",
        "worst case latency of 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("max_latency",)},),
    ),
    Asked(
        "look-11",
        "en",
        "how hot does 5e5e5e5e5e5e:08000123 run",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("avg_temperature",)},),
    ),
    Asked(
        "look-12",
        "en",
        "how much juice does 5e5e5e5e5e5e:08000123 need",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("avg_energy",)},),
    ),
    Asked(
        "look-13",
        "en",
        "which mnemonic is behind 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("mnemonic",)},),
    ),
    Asked(
        "look-14",
        "en",
        "how often was 5e5e5e5e5e5e:08000123 executed",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("executions",)},),
    ),
    Asked(
        "look-15",
        "en",
        "which function does 5e5e5e5e5e5e:08000123 sit in",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("function",)},),
    ),
    Asked(
        "look-16",
        "en",
        "was the hmac build 12 campaign a pass or a fail",
        ({"type": "lookup", "thing": "hmac build 12", "of": ("verdict",)},),
    ),
    Asked(
        "look-17",
        "en",
        "number of traces behind the chacha20 build 5 campaign",
        ({"type": "lookup", "thing": "chacha20 build 5", "of": ("traces",)},),
    ),
    Asked(
        "look-18",
        "en",
        "where in the source is 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("source_line",)},),
    ),
    Asked(
        "look-19",
        "en",
        "the energy figure for 0x08000124 of present build 4, please",
        ({"type": "lookup", "thing": "0x08000124", "of": ("avg_energy",), "where": {"firmware": "present build 4"}},),
    ),
    Asked(
        "look-20",
        "en",
        "what does 0x08000124 cost in energy in aes128 build 7",
        ({"type": "lookup", "thing": "0x08000124", "of": ("avg_energy",), "where": {"firmware": "aes128 build 7"}},),
    ),
    Asked(
        "look-21",
        "en",
        "what correlation peak does 5e5e5e5e5e5e:08000123 show",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("max_abs_rho",)},),
    ),
    Asked(
        "one-01",
        "en",
        "what spills byte 3 of the key in aes128 build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "secret": "key byte 3"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-02",
        "en",
        "opcodes in sub_bytes of aes128 build 7 that give anything away",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "function": "sub_bytes"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-03",
        "en",
        "list the criticals in aes128 build 7",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 7", "severity": "critical"},
            },
        ),
    ),
    Asked(
        "one-04",
        "en",
        "what's wrong with key_schedule in aes128 build 7",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 7", "function": "key_schedule"},
            },
        ),
    ),
    Asked(
        "one-05",
        "en",
        "all t-test findings of first order in aes128 build 7",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 7", "kind": "tvla-1"},
            },
        ),
    ),
    Asked(
        "one-06",
        "en",
        "stores in mix_columns of aes128 build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "function": "mix_columns", "mnemonic": ("str", "strb")},
            },
        ),
    ),
    Asked(
        "one-07",
        "en",
        "show me the highs of present build 3",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "present build 3", "severity": "high"},
            },
        ),
    ),
    Asked(
        "one-08",
        "en",
        "which opcodes touch key byte 5 and leak it in aes128 build 8",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 8", "secret": "key byte 5"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-09",
        "en",
        "strb instructions in load_block of aes128 build 8",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 8", "function": "load_block", "mnemonic": "strb"},
            },
        ),
    ),
    Asked(
        "one-10",
        "en",
        "which functions does hmac build 12 have",
        ({"type": "select", "label": "Function", "where": {"firmware": "hmac build 12"}},),
    ),
    Asked(
        "one-11",
        "en",
        "functions of present build 3 with something leaking",
        ({"type": "select", "label": "Function", "where": {"firmware": "present build 3"}, "leaks": True},),
    ),
    Asked(
        "one-12",
        "en",
        "second order t-test findings in aes128 build 8",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 8", "kind": "tvla-2"},
            },
        ),
    ),
    Asked(
        "one-13",
        "en",
        "which instructions of permute in present build 4 carry a high finding",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "present build 4", "function": "permute", "severity": "high"},
            },
        ),
    ),
    Asked(
        "one-14",
        "en",
        "medium severity stuff in quarter_round of chacha20 build 5",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "chacha20 build 5", "function": "quarter_round", "severity": "medium"},
            },
        ),
    ),
    Asked(
        "one-15",
        "en",
        "every vulnerability that concerns key byte 9 in aes128 build 7",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 7", "secret": "key byte 9"},
            },
        ),
    ),
    Asked(
        "one-16",
        "en",
        "what problems did we find in compress of hmac build 12",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "hmac build 12", "function": "compress"},
            },
        ),
    ),
    Asked(
        "one-17",
        "en",
        "what in s_layer of present build 3 leaks",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "present build 3", "function": "s_layer"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-18",
        "en",
        "the code at aes.c:42 in aes128 build 7, which instructions is that",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "source_line": "aes.c:42"},
            },
        ),
    ),
    Asked(
        "two-01",
        "es",
        "qué contramedidas se aplicaron a las fugas de la función sub_bytes",
        ({"type": "select", "label": "Mitigation", "where": {"function": "sub_bytes"}},),
    ),
    Asked(
        "two-02",
        "es",
        "en qué funciones están las instrucciones que filtran el byte 5 de la clave",
        ({"type": "select", "label": "Function", "where": {"secret": "key byte 5"}, "leaks": True},),
    ),
    Asked(
        "two-03",
        "es",
        "qué builds tienen alguna instrucción con fugas críticas",
        ({"type": "select", "label": "Firmware", "where": {"severity": "critical"}},),
    ),
    Asked(
        "two-04",
        "es",
        "qué líneas de código corresponden a las instrucciones que filtran la clave en aes128 build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7"},
                "leaks": True,
                "of": ("source_line",),
            },
        ),
    ),
    Asked(
        "two-05",
        "es",
        "en qué firmwares hay instrucciones que filtran el byte 3 de la clave",
        ({"type": "select", "label": "Firmware", "where": {"secret": "key byte 3"}, "leaks": True},),
    ),
    Asked(
        "two-06",
        "es",
        "funciones cuyas instrucciones tienen hallazgos críticos en aes128 build 7",
        ({"type": "select", "label": "Function", "where": {"firmware": "aes128 build 7", "severity": "critical"}},),
    ),
    Asked(
        "two-07",
        "es",
        "contramedidas para las vulnerabilidades de mix_columns en aes128 build 7",
        (
            {
                "type": "select",
                "label": "Mitigation",
                "where": {"firmware": "aes128 build 7", "function": "mix_columns"},
            },
        ),
    ),
    Asked(
        "two-08",
        "es",
        "¿qué fugas afectan a las instrucciones ldrb de sub_bytes?",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"function": "sub_bytes", "mnemonic": "ldrb"}},),
    ),
    Asked(
        "two-09",
        "es",
        "¿a qué funciones pertenecen las instrucciones con fugas de severidad alta en present build 3?",
        ({"type": "select", "label": "Function", "where": {"firmware": "present build 3", "severity": "high"}},),
    ),
    Asked(
        "two-10",
        "es",
        "¿qué vulnerabilidades tienen las instrucciones que están en src/present.c:30?",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"source_line": "present.c:30"}},),
    ),
    Asked(
        "two-11",
        "es",
        "¿con qué se mitigan las fugas críticas de aes128 build 7?",
        ({"type": "select", "label": "Mitigation", "where": {"firmware": "aes128 build 7", "severity": "critical"}},),
    ),
    Asked(
        "two-12",
        "es",
        "mitigaciones que cubren lo que filtra key_schedule",
        ({"type": "select", "label": "Mitigation", "where": {"function": "key_schedule"}},),
    ),
    Asked(
        "two-13",
        "es",
        "¿qué compilaciones contienen funciones que filtran el byte 2 de la clave?",
        ({"type": "select", "label": "Firmware", "where": {"secret": "key byte 2"}, "leaks": True},),
    ),
    Asked(
        "two-14",
        "es",
        "¿qué funciones de aes128 build 8 contienen instrucciones que filtran?",
        ({"type": "select", "label": "Function", "where": {"firmware": "aes128 build 8"}, "leaks": True},),
    ),
    Asked(
        "two-15",
        "es",
        "¿en qué función cae la instrucción que filtra el byte 7 de la clave en aes128 build 8?",
        (
            {
                "type": "select",
                "label": "Function",
                "where": {"firmware": "aes128 build 8", "secret": "key byte 7"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "cmp-26",
        "en",
        "name the leaks that build 8 of aes128 cured relative to build 7",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-27",
        "en",
        "what is new in the leakage of present build 4 compared with present build 3",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "worse",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-28",
        "en",
        "did the leaks in mix_columns survive from aes128 build 7 to aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
                "function": "mix_columns",
            },
        ),
    ),
    Asked(
        "cmp-29",
        "en",
        "instructions that went from clean to leaking between aes128 build 7 and aes128 build 8",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-30",
        "en",
        "instructions that went from leaking to clean between aes128 build 7 and aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-31",
        "en",
        "which opcodes does present build 4 leave as leaky as present build 3",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-32",
        "en",
        "show what aes128 build 8 fixed over aes128 build 7",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-33",
        "en",
        "which leaks carry over from present build 3 into present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-34",
        "en",
        "which spots got leakier going from aes128 build 7 to aes128 build 8",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-35",
        "en",
        "what did the masking not fix in aes128",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-36",
        "en",
        "instructions the shuffling left untouched",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-37",
        "en",
        "where did the shuffling backfire",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "worse",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-38",
        "en",
        "instructions where the masking paid off",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-39",
        "en",
        "any regressions in aes128 build 8 versus aes128 build 7?",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-40",
        "en",
        "which instructions no longer show a leak after the masking",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-41",
        "en",
        "what persists between present build 3 and present build 4",
        (
            {
                "type": "compare",
                "before": "present build 3",
                "after": "present build 4",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-42",
        "en",
        "which opcodes does the patch in aes128 build 8 make leak that were fine in aes128 build 7",
        ({"type": "compare", "before": "aes128 build 7", "after": "aes128 build 8", "only": "worse", "helped": False},),
    ),
    Asked(
        "cmp-43",
        "en",
        "anything still leaking after the patch in aes128",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-44",
        "en",
        "leakage before and after the shuffling",
        ({"type": "compare", "before": "present build 3", "after": "present build 4", "only": None, "helped": False},),
    ),
    Asked(
        "cmp-45",
        "en",
        "which findings of aes128 build 7 are closed in aes128 build 8",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "better",
                "helped": False,
            },
        ),
    ),
    Asked(
        "cmp-46",
        "en",
        "which findings of aes128 build 7 are open in aes128 build 8 too",
        (
            {
                "type": "compare",
                "before": "aes128 build 7",
                "after": "aes128 build 8",
                "only": "unchanged",
                "helped": False,
            },
        ),
    ),
    Asked(
        "look-22",
        "en",
        "tell me how hot 0x08000124 of aes128 build 7 gets",
        (
            {
                "type": "lookup",
                "thing": "0x08000124",
                "of": ("avg_temperature",),
                "where": {"firmware": "aes128 build 7"},
            },
        ),
    ),
    Asked(
        "look-23",
        "en",
        "peak latency figure of 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("max_latency",)},),
    ),
    Asked(
        "look-24",
        "en",
        "what is the longest 5e5e5e5e5e5e:08000123 ever took",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("max_latency",)},),
    ),
    Asked(
        "look-25",
        "en",
        "the joules of 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("avg_energy",)},),
    ),
    Asked(
        "look-26",
        "en",
        "how many traces went into present build 4",
        ({"type": "lookup", "thing": "present build 4", "of": ("traces",)},),
    ),
    Asked(
        "look-27",
        "en",
        "what came out of the present build 3 campaign",
        ({"type": "lookup", "thing": "present build 3", "of": ("verdict",)},),
    ),
    Asked(
        "look-28",
        "en",
        "did chacha20 build 5 pass its evaluation",
        ({"type": "lookup", "thing": "chacha20 build 5", "of": ("verdict",)},),
    ),
    Asked(
        "look-29",
        "en",
        "what does the instruction at 0x08000124 in aes128 build 8 draw on average",
        ({"type": "lookup", "thing": "0x08000124", "of": ("avg_energy",), "where": {"firmware": "aes128 build 8"}},),
    ),
    Asked(
        "look-30",
        "en",
        "what line of code produced 0x08000124 in aes128 build 7",
        ({"type": "lookup", "thing": "0x08000124", "of": ("source_line",), "where": {"firmware": "aes128 build 7"}},),
    ),
    Asked(
        "look-31",
        "en",
        "how many measurements stand behind the power of 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("sample_count",)},),
    ),
    Asked(
        "look-32",
        "en",
        "operands of 0x08000124 in present build 3",
        ({"type": "lookup", "thing": "0x08000124", "of": ("operands",), "where": {"firmware": "present build 3"}},),
    ),
    Asked(
        "look-33",
        "en",
        "how strongly does 5e5e5e5e5e5e:08000123 correlate, |rho|?",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("max_abs_rho",)},),
    ),
    Asked(
        "look-34",
        "en",
        "which core does hmac build 12 target",
        ({"type": "lookup", "thing": "hmac build 12", "of": ("core",)},),
    ),
    Asked(
        "look-35",
        "en",
        "how many times does 5e5e5e5e5e5e:08000123 get executed",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("executions",)},),
    ),
    Asked(
        "look-36",
        "en",
        "to which function belongs 5e5e5e5e5e5e:08000123",
        ({"type": "lookup", "thing": "5e5e5e5e5e5e:08000123", "of": ("function",)},),
    ),
    Asked(
        "look-37",
        "en",
        "when was the aes128 build 7 campaign run",
        ({"type": "lookup", "thing": "aes128 build 7", "of": ("created_at",)},),
    ),
    Asked(
        "one-19",
        "en",
        "which part of sub_bytes in aes128 build 7 is giving away the key",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "function": "sub_bytes"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-20",
        "en",
        "findings in add_round_key of aes128 build 8",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 8", "function": "add_round_key"},
            },
        ),
    ),
    Asked(
        "one-21",
        "en",
        "any critical in aes128 build 8?",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 8", "severity": "critical"},
            },
        ),
    ),
    Asked(
        "one-22",
        "en",
        "vulns of medium severity and up in hmac build 12",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"firmware": "hmac build 12"}, "leaks": True},),
    ),
    Asked(
        "one-23",
        "en",
        "all cpa hits in aes128 build 7",
        ({"type": "select", "label": "SecurityVulnerability", "where": {"firmware": "aes128 build 7", "kind": "cpa"}},),
    ),
    Asked(
        "one-24",
        "en",
        "the timing problems of chacha20 build 5",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "chacha20 build 5", "kind": "control-flow"},
            },
        ),
    ),
    Asked(
        "one-25",
        "en",
        "code in key_schedule of aes128 build 7 leaking key byte 0",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "function": "key_schedule", "secret": "key byte 0"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-26",
        "en",
        "which ldr and ldrb of sub_bytes leak in aes128 build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "function": "sub_bytes", "mnemonic": ("ldr", "ldrb")},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-27",
        "en",
        "eors that leak in aes128 build 8",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 8", "mnemonic": "eors"},
                "leaks": True,
            },
        ),
    ),
    Asked(
        "one-28",
        "en",
        "what instructions come from aes.c:42 in aes128 build 7",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "source_line": "aes.c:42"},
            },
        ),
    ),
    Asked(
        "one-29",
        "en",
        "instructions of present build 3 hotter than 60 degrees",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "present build 3"},
                "having": (("avg_temperature", ">", 60),),
            },
        ),
    ),
    Asked(
        "one-30",
        "en",
        "which functions make up present build 4",
        ({"type": "select", "label": "Function", "where": {"firmware": "present build 4"}},),
    ),
    Asked(
        "one-31",
        "en",
        "campaigns that ended with a leak verdict",
        ({"type": "select", "label": "Campaign", "where": {"verdict": "leaks"}},),
    ),
    Asked(
        "one-32",
        "en",
        "show every first-order finding of sub_bytes in aes128 build 7",
        (
            {
                "type": "select",
                "label": "SecurityVulnerability",
                "where": {"firmware": "aes128 build 7", "function": "sub_bytes", "kind": "tvla-1"},
            },
        ),
    ),
    Asked(
        "two-16",
        "es",
        "¿qué medidas de protección tienen las fugas de s_layer?",
        ({"type": "select", "label": "Mitigation", "where": {"function": "s_layer"}},),
    ),
    Asked(
        "two-17",
        "es",
        "¿en qué función está la instrucción con la fuga crítica de aes128 build 7?",
        ({"type": "select", "label": "Function", "where": {"firmware": "aes128 build 7", "severity": "critical"}},),
    ),
    Asked(
        "two-18",
        "es",
        "¿qué firmware contiene instrucciones que revelan el byte 4 de la clave?",
        ({"type": "select", "label": "Firmware", "where": {"secret": "key byte 4"}, "leaks": True},),
    ),
    Asked(
        "two-19",
        "es",
        "¿de qué líneas salen las instrucciones que filtran el byte 1 de la clave en aes128 build 7?",
        (
            {
                "type": "select",
                "label": "Instruction",
                "where": {"firmware": "aes128 build 7", "secret": "key byte 1"},
                "leaks": True,
                "of": ("source_line",),
            },
        ),
    ),
    Asked(
        "two-20",
        "es",
        "¿qué mitigaciones existen para los hallazgos de las instrucciones strb de aes128 build 8?",
        ({"type": "select", "label": "Mitigation", "where": {"firmware": "aes128 build 8", "mnemonic": "strb"}},),
    ),
    Asked(
        "two-21",
        "es",
        "funciones de hmac build 12 donde alguna instrucción filtra",
        ({"type": "select", "label": "Function", "where": {"firmware": "hmac build 12"}, "leaks": True},),
    ),
    Asked(
        "two-22",
        "es",
        "¿qué contramedidas corresponden a las vulnerabilidades de 0x08000124 en aes128 build 7?",
        (
            {
                "type": "select",
                "label": "Mitigation",
                "where": {"firmware": "aes128 build 7", "instruction": "0x08000124"},
            },
        ),
    ),
    Asked(
        "two-23",
        "es",
        "¿qué binarios tienen hallazgos cpa?",
        ({"type": "select", "label": "Firmware", "where": {"kind": "cpa"}},),
    ),
    Asked(
        "two-24",
        "es",
        "¿en qué rutinas hay hallazgos de tipo tvla-1 en aes128 build 8?",
        ({"type": "select", "label": "Function", "where": {"firmware": "aes128 build 8", "kind": "tvla-1"}},),
    ),
    Asked(
        "two-25",
        "es",
        "¿con qué contramedidas se pueden arreglar las fugas de mix_columns?",
        ({"type": "select", "label": "Mitigation", "where": {"function": "mix_columns"}},),
    ),
)
