"""Words that tell noun phrases of technical English and Spanish from other words in a row; without accents."""


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


TECHNICAL_HEADS = _words(
    # What a phrase may be about although it is said only once.
    "attack counter countermeasure implementation leakage trace traces key cipher register mask probe supply voltage clock "
    "oscillator amplifier sensor detector regulator converter decoder encoder encryption decryption signature protocol "
    "algorithm simulator emulator compiler linker debugger interrupt exception handler buffer cache memory table "
    "lookup permutation substitution multiplication exponentiation inversion polynomial module peripheral controller "
    "processor core board chip transistor capacitor resistor inductor filter threshold estimator classifier "
    "distinguisher hypothesis histogram spectrum bandwidth gadget share shares vulnerability exploit "
    "ataque contramedida implementacion fuga traza clave cifrador registro mascara sonda tension reloj oscilador "
    "amplificador sensor detector regulador convertidor cifrado descifrado firma protocolo algoritmo simulador "
    "emulador compilador interrupcion excepcion memoria tabla permutacion sustitucion multiplicacion modulo "
    "periferico controlador procesador nucleo placa filtro umbral estimador clasificador espectro vulnerabilidad"
)
GENERIC = _words(
    # Words that say nothing about which one it is.
    "new old good bad better best first second third last next previous same different several many few various other "
    "another certain such own main major minor large small big little high low higher lower long short great whole "
    "entire full total single double simple complex possible important necessary available following present current "
    "general common typical usual real actual original final initial early late recent similar given known more most "
    "less least very only both each every all any some no one two three four five six seven eight nine ten half twice "
    "thousand million part parts kind kinds way ways case cases thing things time times number numbers amount lot set "
    "result results example examples section chapter figure table page line lines word words question work works day "
    "days year years week weeks month months hour hours minute minutes people person reader author authors text "
    "nuevo nueva viejo buen buena mejor mejores primer primera primero segundo segunda tercer tercera ultimo ultima "
    "siguiente anterior diferente diferentes distinto distinta varios varias muchos muchas pocos otro otra cierto "
    "propio propia principal principales grande pequeno pequena alto alta bajo baja largo corto todo toda simple "
    "posible importante necesario disponible actual general comun tipico real original final inicial similar dado dada "
    "dos tres cuatro cinco parte partes tipo tipos forma formas modo modos caso casos cosa cosas vez veces numero "
    "cantidad resultado resultados ejemplo seccion capitulo figura pagina linea palabra pregunta trabajo dia dias ano "
    "anos gente persona autor autores texto"
)
_VERBS = _words(
    "show use need take make give find see get know say keep leave begin start stop end run call return read write draw "
    "recover reduce increase decrease improve measure compute calculate apply compare require allow provide contain "
    "include consist describe explain present propose reveal depend leak reach become remain seem appear mean "
    "cause let put set turn lead bring hold happen occur exist follow report record repeat contribute detect prevent "
    "protect attack load store move add mask hide break perform execute implement replace remove change work help try "
    "want look come go obtain achieve observe expect assume suggest confirm note consider yield produce generate "
    "drop operate process handle send receive support check verify test fail pass cost save drop rise grow fall exceed differ vary"
)
_IRREGULAR = _words(
    "took taken made gave given found saw seen got known knew said kept left began begun ran drew drawn wrote written "
    "became led brought held came went gone sent fell rose grew broke broken meant hid hidden built shown "
    "muestra muestran usa usan utiliza utilizan mide miden filtra filtran recupera recuperan reduce reducen aumenta "
    "aumentan necesita necesitan requiere requieren permite permiten contiene contienen depende dependen ejecuta "
    "ejecutan calcula calculan compara comparan aplica aplican obtiene obtienen revela revelan protege protegen carga "
    "cargan guarda guardan produce producen genera generan llega llegan sigue siguen queda quedan hace hacen da dan "
    "consume consumen falla fallan detecta detectan debe deben existe existen ocurre ocurren puede pueden va van sirve "
    "sirven pasa pasan conviene cambia cambian mejora mejoran indica indican supera superan vale valen"
)


def _inflected(verb: str) -> tuple[str, ...]:
    stem = verb.removesuffix("e")
    third = f"{verb}es" if verb.endswith(("s", "x", "ch", "sh", "o")) else f"{verb}s"
    return verb, third, f"{stem}ed", f"{stem}ing"


VERBS = frozenset(form for verb in _VERBS for form in _inflected(verb)) | _IRREGULAR
PARTICLES = _words(
    "else our your his her them themselves itself minus plus max min everything nothing something stand near onto along across within upon toward towards against behind beside beyond despite except inside outside "
    "through throughout around among per often always never still yet even again once twice too just almost quite rather "
    "enough however therefore thus hence whether while because although though until unless instead together alone away "
    "later earlier soon sometimes usually here like unlike due based using cannot must might shall "
    "cerca lejos dentro fuera junto tras ante contra mediante aunque mientras ademas asi aun todavia siempre nunca casi "
    "tan tanto tanta tambien tampoco luego entonces ahora aqui alli solo quiza sino salvo excepto alrededor encima debajo"
)
CALENDAR = _words(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december english spanish figure table section chapter appendix equation listing "
    "lunes martes miercoles jueves viernes sabado domingo enero febrero marzo abril mayo junio julio agosto septiembre "
    "octubre noviembre diciembre figura tabla seccion capitulo apendice ecuacion listado"
)
"""Capitalised words that name nothing of the field."""
