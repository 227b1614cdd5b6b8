"""Make `src/halles_services/shared/things.npy`: the names of things.txt as vectors, 8 bits a number.

    python training/things/embed.py

Run it after every change of a name in things.txt. The file is committed, because embedding four thousand names
would take a quarter of a minute each time the service starts.
"""

from pathlib import Path

import numpy as np

from halles.sdk import Context
from halles_services.shared import meaning
from halles_services.shared.embedding import embedder
from halles_services.shared.weights import E5

TARGET = Path(meaning.__file__).with_name("things.npy")


def main() -> None:
    """Embed every name and write the file."""
    context = Context()
    vectors = embedder(context.weights(E5), context.threads).embed([name for _, name in meaning.names()])
    np.save(TARGET, meaning.packed(vectors))
    print(f"{TARGET.name}: {len(vectors)} names, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
