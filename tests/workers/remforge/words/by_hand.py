"""Sentences and what a person read in them, written before any rule was tried on them.

Each line: text | mode | phase | foremost sense | sign of valence | horizon; `-` where a person would not decide.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Judged:
    """A sentence and a person's judgement of it; None where there is none."""

    text: str
    mode: str | None
    phase: str | None
    sense: str | None
    sign: str | None
    horizon: str | None


def _read(table: str) -> tuple[Judged, ...]:
    rows = ([part.strip() for part in line.split("|")] for line in table.strip().splitlines())
    return tuple(Judged(row[0], *(None if part == "-" else part for part in row[1:])) for row in rows)


ENGLISH = _read("""
I saw a red kite flying over the beach. | perception | past | visual | - | open
I can hear the rain tapping on the window. | perception | present | auditory | - | room
The coffee tastes bitter this morning. | perception | present | gustatory | - | -
I remember my grandmother's warm kitchen and the smell of bread. | memory | past | olfactory | pos | room
When I was a child we used to swim in the river. | memory | past | proprioceptive | - | open
Imagine a city floating above the clouds. | imagination | - | - | - | open
Someday I will build a house by the sea. | imagination | future | - | - | open
I think we should have been more careful with the data. | reflection | - | cognitive | - | -
Why do people always want what they cannot have? | reflection | atemporal | cognitive | - | -
She told me that the bus was late. | language | past | - | - | -
"Come in," he whispered. | language | past | auditory | - | -
I ran up the stairs and opened the door. | action | past | proprioceptive | - | room
We connect the probe to the board and press the reset button. | action | present | digital | - | near
Tomorrow I will paint the fence. | action | future | - | - | -
Water boils at one hundred degrees. | - | atemporal | - | - | -
Cats sleep most of the day. | - | atemporal | - | - | -
My hands were cold and rough from the wool. | perception | past | haptic | - | intimate
The oscilloscope shows two bursts on channel one. | perception | present | digital | - | -
I felt terribly sad after the funeral. | - | past | affective | neg | -
It was a wonderful, joyful evening with my friends. | - | past | affective | pos | -
The stars stretch endlessly across the universe. | - | - | visual | - | boundless
He pressed his lips against her skin. | action | past | haptic | - | intimate
The garage stinks of gasoline and old rubber. | perception | present | olfactory | neg | room
I hate this horrible noise! | - | present | auditory | neg | -
We are going to visit the mountains next summer. | action | future | - | - | open
I dreamed that I could fly over the ocean. | imagination | past | - | - | -
The firmware writes the register and the debugger halts the core. | action | - | digital | - | -
Looking back, I realize that we were happy then. | memory | past | - | pos | -
A triangle has three sides. | - | atemporal | - | - | -
The music was too loud and the bass shook the floor. | perception | past | auditory | - | room
I wonder whether the measurement is correct. | reflection | present | cognitive | - | -
He swallowed the sweet ripe mango. | action | past | gustatory | - | -
My head spins and I lose my balance on the ladder. | - | present | proprioceptive | - | -
They said nothing and walked away. | - | past | - | - | -
If I won the lottery, I would travel around the world. | imagination | - | - | pos | -
The bright moonlight glittered on the dark lake. | perception | past | visual | - | open
Honesty matters more than success. | - | atemporal | - | - | -
I am writing this letter at my desk. | language | present | - | - | near
The dog smelled the wet grass. | perception | past | olfactory | - | open
This is the worst day of my life. | - | present | - | neg | -
""")

SPANISH = _read("""
Vi una cometa roja volando sobre la playa. | perception | past | visual | - | open
Oigo la lluvia golpear la ventana. | perception | present | auditory | - | room
El café sabe amargo esta mañana. | perception | present | gustatory | - | -
Recuerdo la cocina de mi abuela y el olor a pan. | memory | past | olfactory | - | room
De niño nadábamos en el río. | memory | past | proprioceptive | - | open
Imagina una ciudad que flota sobre las nubes. | imagination | - | - | - | open
Algún día construiré una casa junto al mar. | imagination | future | - | - | open
Creo que deberíamos haber sido más cuidadosos con los datos. | reflection | - | cognitive | - | -
¿Por qué la gente siempre quiere lo que no tiene? | reflection | atemporal | cognitive | - | -
Me dijo que el autobús llegaba tarde. | language | past | - | - | -
«Pasa», susurró él. | language | past | auditory | - | -
Corrí escaleras arriba y abrí la puerta. | action | past | proprioceptive | - | room
Conectamos la sonda a la placa y pulsamos el botón. | action | present | digital | - | near
Mañana pintaré la valla. | action | future | - | - | -
El agua hierve a cien grados. | - | atemporal | - | - | -
Los gatos duermen casi todo el día. | - | atemporal | - | - | -
Tenía las manos frías y ásperas por la lana. | perception | past | haptic | - | intimate
El osciloscopio muestra dos ráfagas en el primer canal. | perception | present | digital | - | -
Me sentí muy triste después del funeral. | - | past | affective | neg | -
Fue una tarde maravillosa y alegre con mis amigos. | - | past | affective | pos | -
Las estrellas se extienden sin fin por el universo. | - | - | visual | - | boundless
Apretó sus labios contra la piel de ella. | action | past | haptic | - | intimate
El garaje apesta a gasolina y a goma vieja. | perception | present | olfactory | neg | room
¡Odio este ruido horrible! | - | present | auditory | neg | -
Vamos a visitar las montañas el próximo verano. | action | future | - | - | open
Soñé que podía volar sobre el océano. | imagination | past | - | - | -
El firmware escribe el registro y el depurador detiene el núcleo. | action | - | digital | - | -
Ahora, al mirar atrás, me doy cuenta de que entonces éramos felices. | memory | past | - | pos | -
Un triángulo tiene tres lados. | - | atemporal | - | - | -
La música estaba demasiado alta y el bajo hacía temblar el suelo. | perception | past | auditory | - | room
Me pregunto si la medida es correcta. | reflection | present | cognitive | - | -
Se tragó el mango dulce y maduro. | action | past | gustatory | - | -
Me da vueltas la cabeza y pierdo el equilibrio en la escalera. | - | present | proprioceptive | - | -
No dijeron nada y se marcharon. | - | past | - | - | -
Si me tocara la lotería, viajaría por todo el mundo. | imagination | - | - | - | -
La luna brillante se reflejaba en el lago oscuro. | perception | past | visual | - | open
La honestidad importa más que el éxito. | - | atemporal | - | - | -
Estoy escribiendo esta carta en mi escritorio. | language | present | - | - | near
El perro olfateaba la hierba mojada. | perception | past | olfactory | - | open
No fue un buen día, y el viaje de vuelta fue peor. | - | past | - | neg | -
""")
