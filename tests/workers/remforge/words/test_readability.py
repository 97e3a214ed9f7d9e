"""Syllables, reading ease and entropy against counts by hand."""

import math

import pytest

from workers.remforge.words.readability import entropy, readability, syllables_en, syllables_es
from workers.remforge.words.reading import read

ENGLISH = """
cat 1 window 2 memory 3 remember 3 the 1 tables 2 table 2 walked 1 wanted 2 created 3 idea 3 science 2 being 2 going 2 beautiful 3 loved 1 houses 2
horses 2 makes 1 apple 2 apples 2 little 2 people 2 area 3 radio 3 oscilloscope 4 firmware 2 lonely 2 movement 2 careful 2 hopeless 2 evening 3
interesting 4 rhythm 2 didn't 2 don't 1 quiet 2 question 2 nation 2 religious 3 million 2 video 3 museum 3 poem 2 lion 2 real 1 year 1 fire 1 eye 1
eyes 1 through 1 thought 1 business 2 chocolate 3 different 3 watched 1 needed 2 judged 1 changes 2 boxes 2 wishes 2 cries 1 tried 1 played 1 flying 2
seeing 2 doing 2 whole 1 she 1 me 1 be 1 acre 2 centre 2 pole 1 tale 1 simple 2 singled 2 handled 2 university 5 experience 4 material 4 immediately 5
usual 3 actually 4 situation 4 measure 2 measurement 3 sometimes 2 something 2 everything 3 safety 2 lovely 2 home 1 a 1 usage 2 mother's 2
"""
SPANISH = """
casa 2 gato 2 agua 2 aire 2 ciudad 2 día 2 río 2 reír 2 leer 2 poeta 3 teatro 3 ahora 3 país 2 baúl 2 oír 2 oía 3 guerra 2 pingüino 3 queso 2 quién 1
muy 1 rey 1 yo 1 ayer 2 playa 2 hay 1 construir 2 ruido 2 viuda 2 miau 1 buey 1 paraguay 3 averiguáis 4 estudiáis 3 aéreo 4 héroe 3 caos 2 alcohol 3
prohibir 2 búho 2 ahí 2 vehículo 4 cohete 3 chiita 3 oscilador 4 memoria 3 recuerdo 3 viaje 2 lluvia 2 cielo 2 sueño 2 huevo 2 hielo 2 energía 4
canción 2 corazón 3 y 1 o 1 extraordinario 6 murciélago 4 psicología 5 examen 3 limpiáis 2 vacío 3 tío 2 continúa 4
"""


def by_hand(table: str) -> list[tuple[str, int]]:
    words = table.split()
    return [(word, int(count)) for word, count in zip(words[::2], words[1::2], strict=True)]


@pytest.mark.parametrize(("word", "count"), by_hand(ENGLISH))
def test_english_syllables(word: str, count: int) -> None:
    assert syllables_en(word) == count


@pytest.mark.parametrize(("word", "count"), by_hand(SPANISH))
def test_spanish_syllables(word: str, count: int) -> None:
    assert syllables_es(word) == count


def test_english_readability_is_flesch() -> None:
    # 10 words, 2 sentences, 12 syllables.
    found = readability(read("The cat sat on the mat. It was very happy."))

    assert found.value == pytest.approx(206.835 - 1.015 * 5 - 84.6 * 1.2)
    assert found.how.method == "flesch"


def test_spanish_readability_is_fernandez_huerta() -> None:
    # 8 words, 2 sentences, 14 syllables: el ga-to duer-me en la ca-sa, es-tá con-ten-to.
    found = readability(read("El gato duerme en la casa. Está contento."))

    assert found.value == pytest.approx(206.84 - 1.02 * 4 - 60 * 14 / 8)
    assert found.how.method == "fernandez-huerta"


def test_longer_texts_have_a_surer_readability() -> None:
    short, long = (readability(read("The cat sat on the mat. " * times)).how.confidence for times in (1, 100))

    assert short is not None
    assert long is not None
    assert short < long <= 0.9


@pytest.mark.parametrize("text", ["", "Two words", "Le chat est dans la maison et il dort."])
def test_too_short_or_unread_texts_have_none(text: str) -> None:
    found = readability(read(text))

    assert found.value is None
    assert found.how.reason


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("the the the the", 0),
        ("the sea The SEA", 1),
        ("one two three four", 2),
        ("to be or not to be", math.log2(6) - 2 * 2 / 6),
        ("море море рыба кот", 1.5),
    ],
)
def test_entropy_is_that_of_the_words(text: str, bits: float) -> None:
    assert entropy(read(text)).value == pytest.approx(bits)
