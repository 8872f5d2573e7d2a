"""The process in which pictures are decoded: it reads one from standard input and has little memory.

`clean LONGEST` writes the picture as a plain JPEG to standard output; `cut FOLDER X Y` writes its cuts into the folder
and their greatest width to standard output.
"""

import contextlib
import io
import os
import resource
import sys
from pathlib import Path

from campaign.core.pictures import REFUSED, WIDTHS, PictureRefused, Why
from campaign.core.pictures.cutting import write_cuts
from campaign.core.pictures.decoding import decode

MOST_MEMORY = 260 * 1024 * 1024


def main(arguments: list[str]) -> int:
    """Do what is asked; 0, or REFUSED with the reason on standard output."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    os.nice(10)  # people who sign come first
    try:
        if arguments[0] == "clean":
            written = io.BytesIO()
            decode(sys.stdin.buffer, int(arguments[1])).save(written, "JPEG", quality=90, progressive=True)
            sys.stdout.buffer.write(written.getvalue())
        else:
            folder, x, y = Path(arguments[1]), int(arguments[2]), int(arguments[3])
            image = decode(sys.stdin.buffer, 2 * WIDTHS[-1])
            sys.stdout.write(str(write_cuts(image, folder, focus=(x, y))))
    except PictureRefused as refused:
        sys.stdout.write(refused.why.value)
        return REFUSED
    except MemoryError:
        sys.stdout.write(Why.TOO_LARGE.value)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
