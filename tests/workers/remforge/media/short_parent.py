"""A process whose children read a file and are then kept busy or idle, until it is killed."""

import sys
import threading
from pathlib import Path

from workers.remforge.decoding import Wanted
from workers.remforge.media.pool import DecoderPool

path, kept, program = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
pool = DecoderPool(1, memory_bytes=1 << 30, cpu_s=600, deadline_s=600, program=[sys.executable, str(program)])
pool.decode(path, name="text", media_type="", wanted=Wanted())
threading.Thread(target=lambda: pool.decode(path, name=kept, media_type="", wanted=Wanted()), daemon=True).start()
sys.stdout.write(f"{pool.children()[0]}\n")
sys.stdout.flush()
threading.Event().wait()
