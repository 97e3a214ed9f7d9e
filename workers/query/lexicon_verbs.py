"""Verbs of our vocabulary with all their forms: each line a meaning, its English verbs, its Spanish verbs, in the infinitive.

Particles follow a verb (`give away`); forms that no rule gives stand in IRREGULAR.
"""

from collections.abc import Iterator
from typing import Final

VERBS: Final = """
leak leak | leak, expose, reveal, disclose, betray, spill, give away, let slip, divulge, bleed, seep, drip, escape, compromise, blab, lose information, lose data, let out, let through, slip out, leak out, get out, give off, bring to light, lay bare | filtrar, fugar, revelar, exponer, delatar, escapar, gotear, chorrear, soltar, divulgar, traicionar, desvelar, comprometer, dejar escapar, dejar ver, perder informacion, perder datos, dejar salir, dejar pasar, dejar al descubierto, poner al descubierto, sacar a la luz, rezumar, dejar filtrar, regalar informacion, ventilar, evidenciar
prop energy | consume, burn, draw, drain, eat, guzzle, spend, devour, gobble, expend, dissipate, eat up, burn through, use up | consumir, gastar, chupar, jalar, tragar, derrochar, disipar, devorar
prop latency | last, linger, dawdle, take | tardar, demorar, durar, retrasar
prop executions | execute | ejecutar
op > | exceed, surpass, outstrip, top, go over, go above, go beyond, run over, rise above, be over, go past, get past, cross, clear, get above, get over | superar, exceder, sobrepasar, rebasar, pasar de, pasar los, pasar las, pasar la barrera de, pasar el limite de, cruzar, cruzar los, cruzar las, subir de, ir mas alla de
op < | fall below, drop below, stay below, stay under, remain below, remain under, fall under, go under, undercut, fall short of | bajar de, quedar por debajo de, quedar debajo de, caer por debajo de, no pasar de, no pasar los, no pasar las, quedar en menos de, quedar bajo, no superar, no llegar a, no alcanzar
op >= | reach, amount to | alcanzar, llegar a
rel mitigated | mitigate, counter, remedy, address, protect, defend, neutralise, neutralize, thwart, combat, apply to, plug, tackle, use against, deploy against, work against, attenuate, dampen, soften, tame, suppress, guard against, help against, help with, protect against, act against, do about | mitigar, contrarrestar, remediar, proteger, neutralizar, combatir, aplicar, frenar, tapar, paliar, atajar, usar contra, atenuar, amortiguar, suavizar, suprimir, servir contra, valer contra, funcionar contra, actuar contra, ayudar contra, ayudar con, blindar, subsanar, solventar, hacer frente a
rel precedes | precede | preceder
rel follows | follow, succeed | seguir a, suceder a
rel correlates | correlate, co vary, covary, move together with | correlacionar, covariar
rel triggers | trigger, fire, cause | disparar, activar, desencadenar, provocar
rel mentions | mention, discuss, cite, talk about, refer to, speak of, deal with | mencionar, citar, hablar de, tratar de, tratar sobre, hablar sobre
rel measured | measure, cover, assess, evaluate, examine, exercise, test | medir, cubrir, evaluar, analizar, examinar, probar
rel contains | consist of, live in, make up, compose, constitute, correspond to, live, contain, include, belong to, comprise, hold, house | contener, incluir, pertenecer a, abarcar, albergar, integrar, componer, constituir, corresponder a, corresponder, residir en, conformar
intent compare | compare, contrast, differ, change, evolve, diff | comparar, contrastar, diferir, cambiar, evolucionar, variar
intent help | help, work, fix, solve, pay off, succeed | ayudar, servir, funcionar, arreglar, solucionar, resolver
change better | improve, profit, profit from, benefit from, diminish, decrease, lessen, weaken, shrink, disappear, vanish, stop leaking, cease leaking, quit leaking, get better, go away, become better, get fixed, heal, calm down, stop revealing, stop exposing, stop giving, heal up, clean up, ease, subside, abate, favour, bring down, drive down, cut down, lower | mejorar, disminuir, desaparecer, reducirse, debilitar, dejar de filtrar, dejar de fugar, dejar de revelar, dejar de exponer, dejar de gotear, sanear, sanar, aliviar, aminorar, remitir, favorecer, beneficiar, dejar de estar, dejar de ser
change worse | worsen, regress, degrade, deteriorate, aggravate, get worse, become worse, go downhill, start leaking, begin leaking, start to leak, begin to leak, come to leak, grow worse, take a turn, spoil, ruin, relapse, decay, harm, hurt, damage, penalise, penalize | empeorar, agravar, degradar, deteriorar, introducir, aparecer, empezar a filtrar, comenzar a filtrar, pasar a filtrar, empezar a fugar, ir a peor, estropear, malograr, arruinar, danar, desmejorar, retroceder, recaer, echar a perder, agudizar, acentuar, perjudicar
change unchanged | remain, stay, persist, survive, continue leaking, continue to leak, keep leaking, keep on leaking, stay the same, go on leaking, linger on, endure, stick around, go on as | persistir, permanecer, sobrevivir, mantener, quedar igual, seguir igual, seguir filtrando, seguir fugando, seguir revelando, seguir goteando, seguir exponiendo, continuar filtrando, continuar igual, perdurar, subsistir, aguantar
intent why | explain, account for, justify | explicar, justificar
agg total | sum, add up | sumar, totalizar
extract key | extract, recover, deduce, infer, derive, steal, read off, read out, pull out, get back, get at, obtain, learn, discover, reconstruct, find out | sacar, extraer, obtener, recuperar, deducir, inferir, robar, leer, adivinar, averiguar, conseguir, conocer, descubrir, reconstruir, hallar
"""

_LIGHT_ENGLISH = "report register note observe record log document detect encounter notice raise flag mark count rate classify accumulate"
_LIGHT_SPANISH = (
    "reportar registrar anotar observar detectar documentar encontrar hallar notar marcar calificar lograr figurar constar "
    "localizar ubicar acumular arrojar resultar"
)
_IRREGULAR_FORMS = """
give gives gave given giving
bleed bleeds bled bleeding
draw draws drew drawn drawing
eat eats ate eaten eating
burn burns burned burnt burning
spend spends spent spending
take takes took taken taking
fall falls fell fallen falling
go goes went gone going
run runs ran running
rise rises rose risen rising
be is are was were being been
get gets got gotten getting
lose loses lost losing
lay lays laid laying
stick sticks stuck sticking
do does did done doing
bring brings brought bringing
cut cuts cutting
drive drives drove driven driving
become becomes became becoming
begin begins began begun beginning
keep keeps kept keeping
come comes came come coming
grow grows grew grown growing
hold holds held holding
deal deals dealt dealing
speak speaks spoke spoken speaking
let lets letting
pay pays paid paying
stop stops stopped stopping
top tops topped topping
quit quits quitting
plug plugs plugged plugging
drop drops dropped dropping
undercut undercuts undercutting
exponer expone exponen exponia exponian expuso expusieron expuesto expuesta expuestos expuestas exponiendo exponga expongan
soltar suelta sueltan suelto solto soltaron soltando suelte suelten
componer compone componen compuso compuesta compuesto componiendo componga
constituir constituye constituyen constituyo constituido constituyendo constituya
probar prueba prueban probo probaron probado probada probando pruebe
medir mide miden midio midieron medido medida medidas midiendo mida
servir sirve sirven sirvio sirvieron servido sirviendo sirva sirvan
resolver resuelve resuelven resolvio resolvieron resuelto resueltas resueltos resuelta resolviendo
seguir sigue siguen siguio siguieron seguido siguiendo siga sigan seguia seguian
ir va van fue fueron ido yendo vaya vayan
contener contiene contienen contuvo contenido conteniendo contenga contengan contenida contenidas
mantener mantiene mantienen mantuvo mantuvieron mantenido manteniendo mantenga mantengan
empezar empieza empiezan empezo empezaron empezado empezando empiece empiecen
comenzar comienza comienzan comenzo comenzaron comenzado comenzando comience comiencen
diferir difiere difieren difirio difirieron diferido difiriendo difiera difieran
caer cae caen cayo cayeron caido cayendo caiga caigan
permanecer permanece permanecen permanecio permanecieron permanecido permaneciendo permanezca permanezcan
pertenecer pertenece pertenecen pertenecio pertenecieron perteneciendo pertenezca pertenezcan
desaparecer desaparece desaparecen desaparecio desaparecieron desaparecido desapareciendo desaparezca desaparezcan
aparecer aparece aparecen aparecio aparecieron aparecido apareciendo aparezca aparezcan
introducir introduce introducen introdujo introdujeron introducido introduciendo introduzca
reducirse reduce reducen redujo redujeron reducido reduciendo reduzca reduzcan
disminuir disminuye disminuyen disminuyo disminuyeron disminuido disminuyendo disminuya disminuyan
extraer extrae extraen extrajo extrajeron extraido extraida extraidos extrayendo extraiga extraigan
obtener obtiene obtienen obtuvo obtuvieron obtenido obtenida obtenidos obteniendo obtenga obtengan
conseguir consigue consiguen consiguio consiguieron conseguido conseguida consiguiendo consiga consigan
deducir deduce deducen dedujo dedujeron deducido deducida deduciendo deduzca deduzcan
inferir infiere infieren infirio infirieron inferido inferida infiriendo infiera infieran
perder pierde pierden perdio perdieron perdido perdiendo pierda pierdan perdia perdian
poner pone ponen puso pusieron puesto poniendo ponga pongan
hacer hace hacen hizo hicieron hecho haciendo haga hagan
valer vale valen valio valieron valido valiendo valga valgan
suprimir suprime suprimen suprimio suprimieron suprimido suprimiendo suprima supriman
retroceder retrocede retroceden retrocedio retrocedieron retrocedido retrocediendo retroceda
recaer recae recaen recayo recayeron recaido recayendo recaiga
remitir remite remiten remitio remitieron remitido remitiendo remita
steal steals stole stolen stealing
read reads reading
hurt hurts hurting
encontrar encuentra encuentran encontro encontraron encontrado encontrada encontrados encontradas encontrando encuentre
find finds found finding
conocer conoce conocen conocio conocieron conocido conociendo conozca conozcan
favorecer favorece favorecen favorecio favorecieron favorecido favorecida favorecidas favoreciendo favorezca
descubrir descubre descubren descubrio descubrieron descubierto descubriendo descubra
reconstruir reconstruye reconstruyen reconstruyo reconstruyeron reconstruido reconstruyendo reconstruya
incluir incluye incluyen incluyo incluyeron incluido incluyendo incluya incluyan
"""
IRREGULAR: Final = {forms[0]: forms for forms in map(str.split, _IRREGULAR_FORMS.strip().splitlines())}
_VOWELS = frozenset("aeiou")
_SPANISH = {
    "ar": "o a as amos an e o aron aba aban ado ada ados adas ando e en ara aran ar aria arian ase aran".split(),  # noqa: SIM905
    "er": "o e es emos en i io ieron ia ian ido ida idos idas iendo a an era eran er eria erian iera ieran".split(),  # noqa: SIM905
    "ir": "o e es imos en i io ieron ia ian ido ida idos idas iendo a an ira iran ir iria irian iera ieran".split(),  # noqa: SIM905
}
_SOFT = {"g": "gu", "c": "qu", "z": "c"}


def english(verb: str) -> tuple[str, ...]:
    """Return the forms of an English verb."""
    if verb in IRREGULAR:
        return tuple(IRREGULAR[verb])
    if verb.endswith("e"):
        return verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing"
    third = f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "z")) else f"{verb}s"
    return verb, third, f"{verb}ed", f"{verb}ing"


def spanish(verb: str) -> tuple[str, ...]:
    """Return the forms of a Spanish verb, without accents."""
    if verb in IRREGULAR:
        return tuple(IRREGULAR[verb])
    stem, ending = verb[:-2], verb[-2:]
    forms = []
    for tail in _SPANISH[ending]:
        # Before e a stem in g, c or z is written otherwise: fugar, fuguen.
        soft = ending == "ar" and tail[0] == "e" and stem[-1] in _SOFT
        forms.append((stem[:-1] + _SOFT[stem[-1]] if soft else stem) + tail)
    return tuple(dict.fromkeys([verb, *forms]))


def lines() -> Iterator[str]:
    """Yield the verbs as lines of the vocabulary, with their forms."""
    for line in VERBS.strip().splitlines():
        head, *languages = line.split(" | ")
        told = []
        for verbs, forms_of in zip(languages, (english, spanish), strict=True):
            phrases = []
            for phrase in verbs.split(", "):
                before, verb, particles = _parted(phrase.strip())
                phrases += [" ".join(filter(None, (before, form, particles))) for form in forms_of(verb)]
            told.append(", ".join(phrases))
        yield f"{head} | {' | '.join(told)}"


def _parted(phrase: str) -> tuple[str, str, str]:
    """Part a phrase into what stands before its verb, the verb, and the rest."""
    words = phrase.split()
    at = 1 if words[0] in {"no", "co"} else 0
    return " ".join(words[:at]), words[at], " ".join(words[at + 1 :])


def light() -> frozenset[str]:
    """Return the forms of verbs that only say that something is there: `the findings that were reported`."""
    return frozenset(
        [form for verb in _LIGHT_ENGLISH.split() for form in english(verb)]
        + [form for verb in _LIGHT_SPANISH.split() for form in spanish(verb)]
    )
