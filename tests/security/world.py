"""Real objects of real people, for requests that are tried by everybody."""

import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from halles.csia.messages import Announcement, DataField
from halles.main import Market
from halles.model import Account, Artifact, Order, Origin, Principal, Role, Run
from halles.runners import bundle, zipped
from halles.sdk import Image
from halles.stores.directory import Manners
from halles.stores.executions import PIPELINE
from tests import running, trained
from tests.people import person

SHOUT = running.pipeline([{"id": "a", "service": "shout", "inputs": {"text": "inputs.text"}}], out="a.output")
DOCUMENT = SHOUT.model_dump(mode="json", exclude_defaults=True)


@dataclass
class World:
    """A market where everybody has something. What is made is new for each request, so that none spoils another's."""

    market: Market
    people: dict[tuple[str, Role], tuple[Account, dict[str, str]]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    template: Run | None = None
    outside: str = ""

    def __post_init__(self) -> None:
        for who in ("owner", "other"):
            for role in Role:
                self.people[who, role] = person(self.market, f"{who} {role}", role)

    def number(self) -> int:
        return next(self.numbers)

    def key(self, owner: Account) -> str:
        return self.market.keys.create(owner, "a key", Role.viewer)[0].id

    def artifact(self, owner: Account) -> Artifact:
        """An upload."""
        artifact = self.market.objects.put(f"text {self.number()}".encode(), "text/plain")
        self.market.holdings.hold(artifact, owner.id, "text.txt")
        return artifact

    def order(self, owner: Account) -> Order:
        """A run that waits, and that nobody executes."""
        return Order(
            run=secrets.token_hex(8),
            plan=self.market.plan(SHOUT),
            inputs={"text": self.artifact(owner)},
            owner=owner.id,
        )

    def waiting(self, owner: Account) -> str:
        order = self.order(owner)
        self.market.ledger.accept(order)
        return order.run

    def picture(self, owner: Account) -> Artifact:
        """An upload that is a picture."""
        pixels = np.full((4, 4, 3), self.number() % 256, np.uint8)
        artifact = self.market.objects.put(Image.from_array(pixels).read(), "image/png")
        self.market.holdings.hold(artifact, owner.id, "a.png")
        return artifact

    def finished(self, owner: Account) -> str:
        """A run that was executed once, and is told again as another one's."""
        if self.template is None:
            self.template = running.run(self.market, SHOUT, text="hello")
        order = self.order(owner)
        self.market.ledger.accept(order)
        for number, event in enumerate(self.market.ledger.events(self.template.id), 2):
            self.market.ledger.append(event.model_copy(update={"run": order.run, "seq": number}))
        return order.run

    def share(self, owner: Account, *, run: bool = False) -> tuple[str, str]:
        """The id of a link and what the link says."""
        what: dict[str, Any] = {"run": self.finished(owner)} if run else {"artifact": self.artifact(owner)}
        share = self.market.shares.make(owner.id, 4e9, **what)
        return share.id, self.market.shares.token(share)

    def pipeline(self, owner: Account, *, published: bool = False) -> str:
        """A pipeline with two versions."""
        slug = f"pipeline-{self.number()}"
        who = Principal(id=owner.id, role=Role.author)
        pipeline = SHOUT.model_copy(update={"id": slug})
        self.market.library.create(pipeline, who)
        self.market.library.save(slug, pipeline.model_copy(update={"name": "Another name"}), who)
        if published:
            self.market.library.publish(slug, who)
        return slug

    def service(self, owner: Account) -> tuple[str, UUID]:
        """A service of another server: its slug and its id."""
        slug = f"service-{self.number()}"
        text = DataField(name="text", type=["text/plain"])
        said = Announcement(
            name=slug, slug=slug, summary="", url="http://127.0.0.1:9", docs_url="http://127.0.0.1:9/docs",
            data_in_fields=[text], data_out_fields=[text],
        )  # fmt: skip
        entry = self.market.abroad.directory.announce(said, Manners(1, polls=False), owner.id)
        return slug, UUID(entry.id)

    def model(self, _: Account) -> str:
        """A model with a candidate."""
        name = f"model-{self.number()}"
        self.market.models.push(name, trained.files(self.market.home / name), Origin(), who="somebody")
        return name

    def promoted(self, owner: Account) -> str:
        """A model with a version in production."""
        name = self.model(owner)
        self.market.models.promote(name, None, who="somebody")
        return name

    def stored(self) -> str:
        return self.market.exchange.store("a.txt", [b"hello"], 5)

    def task(self, owner: Account) -> tuple[str, str]:
        """A task that a service has: its id, and the key of its input."""
        slug, _ = self.service(owner)
        task, key = str(uuid4()), self.stored()
        self.market.abroad.tasks.add(task, "key", slug, "http://127.0.0.1:9", [key])
        return task, key

    def batch(self, owner: Account) -> str:
        """A batch of one run that waits."""
        name = secrets.token_hex(8)
        self.market.batches.add(name, owner.id, "test", 1)
        self.market.ledger.accept(self.order(owner).model_copy(update={"batch": name}))
        return name

    def bundle(self, owner: Account) -> tuple[str, str]:
        """A run as a bundle that was uploaded, and another run of the same pipeline."""
        run, market = self.finished(owner), self.market
        assert self.template
        files = bundle.entries(self.template, market.ledger.events(self.template.id), market.objects, market.results)
        artifact = market.objects.put(b"".join(zipped.stream(files)), "application/zip")
        market.holdings.hold(artifact, owner.id, "run.zip")
        return artifact.sha256, run

    def execution(self, owner: Account, kind: str = PIPELINE) -> str:
        """What a client of the Swiss AI Center's engine began."""
        id, run = str(uuid4()), self.waiting(owner)
        self.market.executions.add(kind, run, "shout", owner.id, [(id, "a", "shout")])
        return id
