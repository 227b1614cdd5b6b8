"""Run the measurements: `python -m bench [NAME …] [--quick] [--json FILE] [--song FILE]`."""

import argparse
import importlib
from pathlib import Path

from bench.report import machine, show, write

NAMES = ("startup", "engine", "server", "throughput", "crash", "services", "song")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"what to measure, of {', '.join(NAMES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, smaller graphs, a shorter song")
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--song", type=Path, help="the song for `song` and `services` (default: the demo song)")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(NAMES):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    before, tables = machine(), []
    print(f"{before['cpu']}, {before['cores']} cores, load {before['load'][0]} when this began")
    for name in arguments.names or NAMES:
        module = importlib.import_module(f"bench.{name}")
        options = {"song": arguments.song} if name in ("services", "song") else {}
        tables.append(module.run(quick=arguments.quick, **options))
        show(tables[-1])
    if arguments.json:
        write(arguments.json, tables, before)


if __name__ == "__main__":
    main()
