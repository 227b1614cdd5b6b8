"""Print the hash of what the model was made from, as `halles models push` takes it.

Usage: python training/music_style/hashes.py data|code
"""

import argparse
import hashlib
import json
import re
from typing import Any

import yaml
from settings import PARAMS, PROJECT

LOCK = PROJECT / "dvc.lock"


def data_hash(stages: dict[str, dict[str, Any]]) -> str:
    """That of the gathered clips, by which DVC keeps them."""
    return str(stages["data"]["outs"][0]["md5"])


def code_hash(stages: dict[str, dict[str, Any]]) -> str:
    """That of all code that a stage depends on."""
    code = {dep["path"]: dep["md5"] for stage in stages.values() for dep in stage["deps"]}
    found = {path: digest for path, digest in sorted(code.items()) if re.search(r"\.py$", path)}
    return hashlib.sha256(json.dumps(found).encode()).hexdigest()


def stale(stages: dict[str, dict[str, Any]]) -> list[str]:
    """What is not as it was when the training ended: code and parameters that changed since, results that did."""
    params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    results = {out["path"]: out["md5"] for stage in stages.values() for out in stage["outs"]}
    found = [path for path in results if not (PROJECT / path).exists()]
    for stage in stages.values():
        known = {each["path"]: each["md5"] for each in (*stage["deps"], *stage["outs"])}
        found += [path for path, md5 in known.items() if results.get(path, md5) != md5 or differs(path, md5)]
        sections = stage.get("params", {}).get(PARAMS.name, {})
        found += [f"{PARAMS.name} ({name})" for name, values in sections.items() if params.get(name) != values]
    return sorted(set(found))


def differs(path: str, md5: str) -> bool:
    """Whether a file is another one. Folders are left to DVC, and what is not there to who needs it."""
    file = PROJECT / path
    return file.is_file() and hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest() != md5


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
