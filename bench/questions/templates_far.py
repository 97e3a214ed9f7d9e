"""Templates: two hops, extremum, aggregate and compare."""

from bench.questions import answers, draws
from bench.questions.template import template as _t

TWO_HOP = (
    _t(
        "mitigations-of", "two-hop", "Mitigations whose campaign shows an instruction of the function better than this one.",
        answers.mitigations, draws.patched_function,
        ("Which mitigations address the vulnerabilities of {function} in {build}?",
         "What mitigates the leaks of the function {function} of build {number}?"),
        ("¿Qué mitigaciones hay para las vulnerabilidades de {function} en {build}?",
         "¿Qué mitiga las fugas de la función {function} de la build {number}?"),
    ),
    _t(
        "functions-leaking", "two-hop", "Functions of a build with an instruction that leaks.",
        answers.leaking_functions, draws.anywhere,
        ("Which functions of {build} have instructions that leak?", "Which functions leak in build {number}?"),
        ("¿Qué funciones de {build} tienen instrucciones con fugas?", "¿Qué funciones filtran información en la build {number}?"),
    ),
    _t(
        "functions-of-byte", "two-hop", "Functions of a build with an instruction that leaks a key byte.",
        answers.leaking_functions, draws.keyed,
        ("Which functions of {build} leak key byte {byte}?", "In which function of build {number} does key byte {byte} leak?"),
        ("¿Qué funciones de {build} filtran el byte {byte} de la clave?",
         "¿En qué función de la build {number} se filtra el byte de clave {byte}?"),
    ),
    _t(
        "functions-by-severity", "two-hop", "Functions of a build with a finding of exactly this severity.",
        answers.functions_by_severity, draws.graded,
        ("Which functions of {build} have {severity} findings?", "In which functions of build {number} are there {severity} vulnerabilities?"),
        ("¿Qué funciones de {build} tienen hallazgos {severity}?", "¿En qué funciones de la build {number} hay hallazgos {severity}?"),
    ),
    _t(
        "hot-functions", "two-hop", "Functions of a build with an instruction whose mean temperature is above an amount.",
        answers.hot_functions, draws.over("temperature"),
        ("Which functions of {build} contain instructions hotter than {amount} degC?",
         "Which functions in build {number} have an instruction above {amount} °C?"),
        ("¿Qué funciones de {build} contienen instrucciones a más de {amount} grados?",
         "¿Qué funciones de la build {number} tienen alguna instrucción por encima de {amount} °C?"),
    ),
    _t(
        "firmwares-of-byte", "two-hop", "Firmwares with an instruction that leaks a key byte.",
        answers.firmwares, draws.keyed,
        ("Which firmwares leak key byte {byte}?", "In which firmware builds does key byte {byte} leak?"),
        ("¿Qué firmwares filtran el byte {byte} de la clave?", "¿En qué builds de firmware se filtra el byte de clave {byte}?"),
    ),
    _t(
        "leaking-in-function", "two-hop", "Instructions of a function that leak.",
        answers.leaking, draws.leaky,
        ("Which instructions of {function} leak in {build}?", "Which instructions of the function {function} leak in build {number}?"),
        ("¿Qué instrucciones de {function} tienen fugas en {build}?",
         "¿Qué instrucciones de la función {function} filtran información en la build {number}?"),
    ),
    _t(
        "leaking-over", "two-hop", "Instructions of a build that leak and whose mean energy is above an amount.",
        lambda c, b, p: answers.leaking(c, b, {"amount": p["amount"], "unit": p["unit"]}), draws.over("energy", leaks=True),
        ("Which instructions of {build} leak and consume more than {amount} {unit}?",
         "Which leaking instructions in build {number} have an average energy above {amount} {unit}?"),
        ("¿Qué instrucciones de {build} tienen fugas y consumen más de {amount} {unit}?",
         "¿Qué instrucciones con fugas de la build {number} tienen una energía media superior a {amount} {unit}?"),
    ),
)  # fmt: skip
EXTREMUM = (
    _t(
        "hottest", "extremum", "The k instructions of a build with the highest mean temperature.",
        answers.largest("temperature"), draws.few,
        ("What are the top {k} hottest instructions of {build}?", "Show the {k} instructions with the highest temperature in build {number}."),
        ("¿Cuáles son las {k} instrucciones más calientes de {build}?",
         "Muestra las {k} instrucciones con mayor temperatura de la build {number}."),
    ),
    _t(
        "most-energy", "extremum", "The k instructions of a build with the highest mean energy.",
        answers.largest("energy"), draws.few,
        ("What are the top {k} instructions of {build} by energy?", "Which {k} instructions consume the most energy in build {number}?"),
        ("¿Cuáles son las {k} instrucciones de {build} con más energía?",
         "¿Qué {k} instrucciones consumen más energía en la build {number}?"),
    ),
    _t(
        "slowest", "extremum", "The k instructions of a build with the largest maximum latency.",
        answers.largest("latency"), draws.few,
        ("What are the {k} slowest instructions of {build}?", "Which {k} instructions have the highest latency in build {number}?"),
        ("¿Cuáles son las {k} instrucciones más lentas de {build}?", "¿Qué {k} instrucciones tienen la mayor latencia en la build {number}?"),
    ),
    _t(
        "strongest-t", "extremum", "The k instructions of a build with the largest |t|.",
        answers.largest("strength"), draws.few,
        ("Which {k} instructions of {build} have the largest |t|?", "Show the top {k} instructions by |t| in build {number}."),
        ("¿Qué {k} instrucciones de {build} tienen el mayor |t|?", "Muestra las {k} instrucciones con el |t| más alto de la build {number}."),
    ),
    _t(
        "strongest-rho", "extremum", "The k instructions of a build with the largest correlation.",
        answers.largest("correlation"), draws.attacked,
        ("Which {k} instructions of {build} have the highest correlation?", "Show the top {k} instructions by |rho| in build {number}."),
        ("¿Qué {k} instrucciones de {build} tienen la correlación más alta?",
         "Muestra las {k} instrucciones con mayor |rho| de la build {number}."),
    ),
    _t(
        "hottest-in-function", "extremum", "The k instructions of a function with the highest mean temperature.",
        answers.largest("temperature"), draws.function,
        ("What are the {k} hottest instructions of {function} in {build}?",
         "Show the {k} hottest instructions in the function {function} of build {number}."),
        ("¿Cuáles son las {k} instrucciones más calientes de {function} en {build}?",
         "Muestra las {k} instrucciones más calientes de la función {function} de la build {number}."),
    ),
    _t(
        "most-energy-overall", "extremum", "The k instructions of the whole corpus with the highest mean energy.",
        answers.largest("energy", everywhere=True), draws.few,
        ("Which {k} instructions consume the most energy of all?", "Show the top {k} instructions by energy over all builds."),
        ("¿Qué {k} instrucciones consumen más energía de todas?", "Muestra las {k} instrucciones con más energía de todas las builds."),
    ),
)  # fmt: skip
AGGREGATE = (
    _t(
        "count-leaking", "aggregate", "Number of instructions of a build that leak.",
        answers.counted(answers.leaking), draws.anywhere,
        ("How many instructions of {build} leak?", "How many instructions leak information in build {number}?"),
        ("¿Cuántas instrucciones de {build} tienen fugas?", "¿Cuántas instrucciones filtran información en la build {number}?"),
    ),
    _t(
        "count-vulnerabilities", "aggregate", "Number of findings of a build's campaign, low ones too.",
        answers.counted(answers.findings), draws.anywhere,
        ("How many vulnerabilities does {build} have?", "How many findings are there in build {number}?"),
        ("¿Cuántas vulnerabilidades tiene {build}?", "¿Cuántos hallazgos hay en la build {number}?"),
    ),
    _t(
        "count-severity", "aggregate", "Number of findings of a build with exactly this severity.",
        answers.counted(lambda c, b, p: answers.findings(c, b, {"severity": p["severity"]})), draws.graded,
        ("How many {severity} findings does {build} have?", "How many {severity} vulnerabilities are there in build {number}?"),
        ("¿Cuántos hallazgos {severity} tiene {build}?", "¿Cuántos hallazgos {severity} hay en la build {number}?"),
    ),
    _t(
        "count-members", "aggregate", "Number of instructions of a function in a build.",
        answers.counted(lambda c, b, p: answers.members(c, b, {"function": p["function"]})), draws.function,
        ("How many instructions does {function} have in {build}?", "How many instructions are in the function {function} of build {number}?"),
        ("¿Cuántas instrucciones tiene {function} en {build}?", "¿Cuántas instrucciones hay en la función {function} de la build {number}?"),
    ),
    _t(
        "count-energy-over", "aggregate", "Number of instructions of a build whose mean energy is above an amount.",
        answers.counted(answers.compared("energy", 1)), draws.over("energy", most=50),
        ("How many instructions of {build} consume more than {amount} {unit}?",
         "How many instructions in build {number} have an average energy above {amount} {unit}?"),
        ("¿Cuántas instrucciones de {build} consumen más de {amount} {unit}?",
         "¿Cuántas instrucciones de la build {number} tienen una energía media superior a {amount} {unit}?"),
    ),
    _t(
        "mean-energy", "aggregate", "Mean over a function's instructions of their mean energy, uJ.",
        answers.average("energy"), draws.function,
        ("What is the average energy of {function} in {build}?", "What is the mean energy of the instructions of {function} of build {number}?"),
        ("¿Cuál es la energía media de {function} en {build}?",
         "¿Cuál es el promedio de energía de las instrucciones de {function} de la build {number}?"),
    ),
    _t(
        "mean-temperature", "aggregate", "Mean over a function's instructions of their mean temperature, degC.",
        answers.average("temperature"), draws.function,
        ("What is the average temperature of {function} in {build}?",
         "What is the mean temperature of the instructions of {function} of build {number}?"),
        ("¿Cuál es la temperatura media de {function} en {build}?",
         "¿Cuál es el promedio de temperatura de las instrucciones de {function} de la build {number}?"),
    ),
)  # fmt: skip
_CHANGES = tuple(
    _t(f"compare-{how}", "compare", meaning, answers.changed(how), draws.pair, en, es)
    for how, meaning, en, es in (
        (
            "better",
            "Instructions whose worst severity fell from the build before to the patched one.",
            (
                "Which instructions got better from {before} to {build}?",
                "Which instructions improved between build {earlier} and build {number}?",
            ),
            (
                "¿Qué instrucciones mejoraron de {before} a {build}?",
                "¿Qué instrucciones han mejorado entre la build {earlier} y la build {number}?",
            ),
        ),
        (
            "worse",
            "Instructions whose worst severity rose.",
            (
                "Which instructions got worse from {before} to {build}?",
                "Which instructions regressed between build {earlier} and build {number}?",
            ),
            (
                "¿Qué instrucciones empeoraron de {before} a {build}?",
                "¿Qué instrucciones están peor en la build {number} que en la build {earlier}?",
            ),
        ),
        (
            "unchanged",
            "Instructions that leak in both with the same worst severity.",
            (
                "Which leaking instructions are unchanged from {before} to {build}?",
                "Which instructions still leak the same in build {number} as in build {earlier}?",
            ),
            (
                "¿Qué instrucciones con fugas siguen igual de {before} a {build}?",
                "¿Qué instrucciones siguen filtrando igual en la build {number} que en la build {earlier}?",
            ),
        ),
    )
)
COMPARE = (
    *_CHANGES,
    _t(
        "count-better", "compare", "Number of instructions whose worst severity fell.",
        answers.counted(answers.changed("better")), draws.pair,
        ("How many instructions got better from {before} to {build}?", "How many instructions improved between build {earlier} and build {number}?"),
        ("¿Cuántas instrucciones mejoraron de {before} a {build}?", "¿Cuántas instrucciones han mejorado entre la build {earlier} y la build {number}?"),
    ),
)  # fmt: skip
