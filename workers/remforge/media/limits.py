"""How much of a file is looked at. What is larger is refused, or looked at in part, which a warning then says."""

FILE_BYTES = 1 << 30
TEXT_BYTES = 2 << 20
"""Of a text as it comes: about a long novel."""
MAX_PIXELS = 64_000_000
"""Of a picture, by its header: a PNG of so many takes 256 MB when it is decoded."""
MAX_FRAME_PIXELS = 36_000_000
"""Of one frame of a video: a little more than 8K."""
LOOK_S = 600.0
"""Of sound and of video, from the beginning."""
DECODED_PIXELS = 1_500_000_000
"""Of a video: about 24 s of 1080p. Of one that has more, only the key frames are decoded."""
MAX_FRAMES = 20_000
"""Of a video that are decoded, whatever their size."""
MAX_KEYFRAMES = 12
THUMB = 256
"""Pixels of the longer side of the copy that pictures are measured on."""
MAX_WARNINGS = 16
MAX_WARNING = 300
"""Characters."""
DRAFT = 1.2
"""How much larger than asked for a JPEG is decoded at least: with less, what is lost shows (1.6 grey levels at 1.07)."""
