"""Say where data and models are kept in versions: a bucket of an S3 server.

Usage: python training/music_style/remote.py s3://BUCKET/PREFIX

The server and its credentials are those of HALLES_S3_ENDPOINT, HALLES_S3_ACCESS_KEY_ID and HALLES_S3_SECRET_ACCESS_KEY,
or else what AWS's own settings say. They are written to `.dvc/config.local`, which git ignores and only you can read.
"""

import argparse
import os
import subprocess
import sys

from settings import PROJECT

NAME = "storage"
OPTIONS = {
    "endpointurl": "HALLES_S3_ENDPOINT",
    "access_key_id": "HALLES_S3_ACCESS_KEY_ID",
    "secret_access_key": "HALLES_S3_SECRET_ACCESS_KEY",
    "region": "HALLES_S3_REGION",
}
DEFAULTS = {"HALLES_S3_REGION": "us-east-1"}


def main() -> None:
    """Set the remote of this checkout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", metavar="s3://BUCKET/PREFIX")
    place = parser.parse_args().place
    if not place.startswith("s3://"):
        wrong = f"`{place}` is no place in a bucket" if place else "no place is given (a workflow has TRAINING_STORAGE)"
        parser.error(f"{wrong}, such as s3://models/music-style")
    dvc("remote", "add", "--local", "--force", "--default", NAME, place)
    (PROJECT / ".dvc" / "config.local").chmod(0o600)
    for option, setting in OPTIONS.items():
        if value := os.environ.get(setting) or DEFAULTS.get(setting):
            dvc("remote", "modify", "--local", NAME, option, value)
    print(f"`dvc push` and `dvc pull` use {place}.")


def dvc(*arguments: str) -> None:
    """Run DVC. Ends the program when it fails."""
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=PROJECT, check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main()
