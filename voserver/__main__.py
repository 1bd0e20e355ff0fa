"""The `voserver` command: `python -m voserver` and the script of that name."""

from voserver.cli.failures import run


def main() -> None:
    """Run the command line and leave with its exit code."""
    run()


if __name__ == "__main__":
    main()
