"""Colours in words: the eleven basic terms of Berlin and Kay (1969), by hue, lightness and saturation (HLS)."""

import colorsys

BLACK, WHITE = 0.15, 0.92
"""Lightness below and above which a colour is one of the two, whatever its hue."""
GREY = 0.12
"""Saturation times 1 - |2 lightness - 1| (what is left of it to the eye) below which it has no hue."""
DARK, PALE = 0.42, 0.72
HUES = (
    *((15, "red"), (42, "orange"), (68, "yellow"), (165, "green"), (255, "blue")),
    *((290, "purple"), (335, "pink"), (361, "red")),
)
"""The degree up to which a hue is called so."""


def colour_word(colour: str) -> str:
    """Name a colour given as `#rrggbb`."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    if lightness < BLACK:
        return "black"
    if lightness > WHITE:
        return "white"
    if saturation * (1 - abs(2 * lightness - 1)) < GREY:
        return "grey"
    word = next(name for least, name in HUES if 360 * hue < least)
    if word in {"orange", "red"} and 10 <= 360 * hue < 42 and lightness < DARK:
        return "brown"
    return "pink" if word == "red" and lightness > PALE else word
