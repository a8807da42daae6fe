"""``python -m hub`` is the command ``kairan``."""

from hub.commandline.main import run

if __name__ == "__main__":
    run()
