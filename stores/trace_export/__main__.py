"""Write kept traces in another form: `python -m stores.trace_export FOLDER FORM COLUMNS`, COLUMNS as JSON.

The file is `export.FORM` in the folder, whole or not there; two that write it at once write the same.
"""

import json
import os
import sys
from pathlib import Path

from stores.trace_export.forms import FORMS
from stores.trace_export.kept import Kept


def main() -> None:
    """Write the file."""
    folder, form = Path(sys.argv[1]), sys.argv[2]
    columns = {name: (first, last) for name, (first, last) in json.loads(sys.argv[3]).items()}
    part = folder / f".export-{os.getpid()}.{form}"
    try:
        FORMS[form](Kept.of(folder, columns), part)
        part.replace(folder / f"export.{form}")
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    main()
