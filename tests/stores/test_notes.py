"""What owners say of their runs, on both databases."""

from pathlib import Path

import pytest

from halles.main import Market
from halles.model import Notes, Problems
from halles.stores.database import connect
from halles.stores.ledger import Ledger
from halles.stores.notes import Notebook
from tests import running

SHOUT = running.pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")


def test_each_part_is_said_by_itself_and_found_whatever_its_letters(where: Path | str, market: Market) -> None:
    run = running.run(market, SHOUT, text="hello")
    engine = connect(where)
    ledger, notebook = Ledger(engine), Notebook(engine)
    for event in market.ledger.events(run.id):
        ledger.append(event)
    notebook.change(run.id, title="Étude", liked={"mood": True, "covers[0]": True})
    said = notebook.change(run.id, artist="Ada", liked={"mood": False})
    assert said == notebook.of(run.id) == Notes(title="Étude", artist="Ada", liked=("covers[0]",))
    assert [each.notes for each in ledger.recent(text="étude ADA")] == [said]
    with pytest.raises(Problems, match="no run"):
        notebook.change("nobody", title="x")
    assert notebook.of("nobody") == Notes()
