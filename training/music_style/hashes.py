"""Print the hash of what the model was made from, as `halles models push` takes it.

Usage: python training/music_style/hashes.py data|code
"""

import argparse
import hashlib
import json
import re
from typing import Any

import yaml
from settings import PROJECT

LOCK = PROJECT / "dvc.lock"


def data_hash(stages: dict[str, dict[str, Any]]) -> str:
    """That of the gathered clips, by which DVC keeps them."""
    return str(stages["data"]["outs"][0]["md5"])


def code_hash(stages: dict[str, dict[str, Any]]) -> str:
    """That of all code that a stage depends on."""
    code = {dep["path"]: dep["md5"] for stage in stages.values() for dep in stage["deps"]}
    found = {path: digest for path, digest in sorted(code.items()) if re.search(r"\.py$", path)}
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def main() -> None:
    """Read the lock, print a hash."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("of", choices=["data", "code"])
    if not LOCK.exists():
        raise SystemExit("There is no dvc.lock: nothing has been trained. Run `make train`.")
    stages = yaml.safe_load(LOCK.read_text(encoding="utf-8"))["stages"]
    print({"data": data_hash, "code": code_hash}[parser.parse_args().of](stages))


if __name__ == "__main__":
    main()
