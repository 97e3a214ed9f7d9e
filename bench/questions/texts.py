"""Documents with open text, as engineers keep them beside their measurements."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A plain text."""

    name: str
    title: str
    language: str
    text: str


DOCUMENTS = (
    Text(
        "bench-notes.txt",
        "Notes from the measurement bench",
        "en",
        "The probe sits behind the regulator, so slow drifts of the supply are filtered out. Let the board warm up for "
        "ten minutes before the first campaign. The shunt was replaced in March after two runs with clipped samples.\n\n"
        "When the two halves of a t-test disagree, repeat the run with twice the traces before opening a ticket.",
    ),
    Text(
        "masking-guide.txt",
        "How we mask table lookups",
        "en",
        "Boolean masking splits every secret word into two shares whose exclusive or is the secret. The table is "
        "recomputed under a fresh mask for each block, which costs 512 bytes of memory. Never let both shares of one "
        "word meet in the same register: the Hamming distance between them is the secret itself.",
    ),
    Text(
        "review-checklist.txt",
        "Checklist for the review of a patch",
        "en",
        "Compare the campaign after the patch with its baseline. A leak that moves to another instruction is still a "
        "leak. Reviewers sign only when the number of traces supports the verdict.\n\n"
        "Loops over secret lengths and early exits from comparisons are refused without discussion.",
    ),
    Text(
        "guia-de-medida.txt",
        "Guía de medida del laboratorio",
        "es",
        "Antes de medir, comprueba que la sonda esté detrás del regulador y que la placa lleve diez minutos encendida. "
        "El barajado cambia el orden de las operaciones en cada ejecución y reparte la fuga entre muchas muestras, pero "
        "no la elimina.\n\nGuarda cada tabla junto con el resumen criptográfico del firmware que la produjo.",
    ),
    Text(
        "turnos.txt",
        "Turnos del banco de pruebas",
        "es",
        "Lunes y miércoles mide el equipo de cifrado por bloques; martes y jueves, el de autenticación. El viernes se "
        "calibran las sondas. Quien termina una campaña archiva el informe y apaga la fuente.",
    ),
)
