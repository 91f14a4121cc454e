"""``python -m nstui``."""

from nstui.cli.main import main

if __name__ == "__main__":
    main()
