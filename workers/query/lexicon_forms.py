"""Phrases that follow a rule: how much of a quality, requests in every person, and words that stand for each other."""

from collections.abc import Iterator
from typing import Final

_QUALITIES: Final = """
prop temperature | hot, warm, cold, cool, heated | caliente, calientes, calida, calidas, caluroso, fria, frias, tibia, tibias
prop latency | slow, fast, quick, sluggish | lenta, lentas, lento, lentos, rapida, rapidas, rapido, tardada, demorada
prop energy | hungry, greedy, thirsty, energy hungry, power hungry | hambrienta, tragona, gastona, glotona, gastadora
prop severity | bad, severe, serious, grave, critical | grave, graves, severa, severas, seria, serias, mala, malo, critica, criticas
prop cost | expensive, costly, dear, pricey | cara, caro, costosa, costoso
prop effectiveness | effective, efficacious | eficaz, efectiva, efectivo
"""
"""A property, and the adjectives that say how much there is of it."""
_MEASURED: Final = """
energy | uj, nj, mj, joules, microjoules, nanojoules, millijoules | uj, nj, mj, julios, microjulios, nanojulios, milijulios
temperature | degrees, degrees celsius, celsius | grados, grados celsius, grados centigrados
latency | us, ms, microseconds, milliseconds, seconds | us, ms, microsegundos, milisegundos, segundos
"""
"""A property, and its units: `how many degrees` asks for it."""
_DEGREES: Final = (("how",), ("que tan", "cuan", "como de"))
_ASKED: Final = """
lista muestra da di encuentra busca enumera identifica ensena nombra indica senala saca devuelve pasa trae manda
envia regala facilita detalla proporciona entrega enlista tira canta recita deja pon haz
liste muestre de diga encuentre busque enumere identifique ensene indique senale saque devuelva pase traiga mande
envie facilite detalle proporcione entregue enliste
listen muestren den digan busquen enumeren indiquen senalen saquen pasen traigan manden envien
listad mostrad dad decid buscad enumerad indicad senalad sacad pasad traed
mostra deci trae
listar mostrar dar decir encontrar buscar enumerar identificar ensenar nombrar indicar senalar sacar devolver pasar
traer mandar enviar facilitar detallar proporcionar entregar aclarar confirmar
"""
"""Imperatives of tú, usted, ustedes, vosotros and vos, and infinitives, that ask for a list with a pronoun behind them."""
_PRONOUNS: Final = ("me", "nos", "melo", "mela", "melos", "melas", "noslo", "noslas", "noslos", "le", "les")
_REQUESTS: Final = """
give us, send me, send us, tell us, get me, hand over, walk me through, take me through, spell out, lay out, bring up,
point me to, point me at, point to, call out, single out, throw me, let me have, let me see, let us see, can i see,
can i have, could i get, can i get, i need, we need, i want, we want, pick out, go through, run through, write out
"""
_SAME: Final = (("clave", "llave"), ("claves", "llaves"), ("fuga", "filtracion"), ("fugas", "filtraciones"))
"""What stands for each other in a Spanish phrase."""


def lines() -> Iterator[str]:
    """Yield lines of the vocabulary."""
    for line in _QUALITIES.strip().splitlines():
        head, *languages = line.split(" | ")
        told = [
            ", ".join(f"{degree} {word}" for degree in degrees for word in words.split(", "))
            for degrees, words in zip(_DEGREES, languages, strict=True)
        ]
        yield f"{head} | {' | '.join(told)}"
    for line in _MEASURED.strip().splitlines():
        name, english, spanish = line.split(" | ")
        units_of = (("how many", english), ("cuantos", spanish))
        yield " | ".join(
            [
                f"much much {name}",
                *(", ".join(f"{many} {unit}" for unit in units.split(", ")) for many, units in units_of),
            ]
        )
    asked = ", ".join(f"{form}{pronoun}" for form in _ASKED.split() for pronoun in _PRONOUNS)
    yield f"ask list | {' '.join(_REQUESTS.split())} | {asked}"


def alike(phrase: str) -> Iterator[str]:
    """Yield a phrase and what it is with another word for the same."""
    yield phrase
    words = phrase.split()
    for one, other in _SAME:
        if one in words:
            yield " ".join(other if word == one else word for word in words)
