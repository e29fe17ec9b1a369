"""``python -m bot``: the same as ``jawab bot``."""

import sys

from bot.cli import main

if __name__ == "__main__":
    main(["bot", *sys.argv[1:]])
