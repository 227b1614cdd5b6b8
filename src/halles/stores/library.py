"""Pipelines that people keep, with their history.

A version never changes its meaning: a save that means something else makes a new one, and going back makes a new one
that equals an old one. Positions on the canvas mean nothing, so a save that only moves boxes replaces the layout of
the version that is there. What is published is one version, until another one is published: editing a pipeline does
not change what others call.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sql

from halles.engine import Catalogue, check
from halles.model import (
    Pipeline,
    PipelineEntry,
    PipelineSummary,
    PipelineVersion,
    Principal,
    Problem,
    Problems,
    Role,
    say,
    suggest,
)
from halles.stores import versions as rows
from halles.stores.database import one_at_a_time
from halles.stores.versions import heads, meaning, recorded, versions

SYSTEM = "system"
"""Who owns the pipelines of installed packages."""
TAKING_IDS = "halles-pipeline-ids"
"""What those wait for who make pipelines at the same moment, on PostgreSQL."""
PAGE = 100
"""The most pipelines of a page."""


class Library:
    """Pipelines in a database. Who may not see one is told that there is none."""

    def __init__(
        self, engine: sql.Engine, catalogue: Catalogue, elsewhere: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        """`elsewhere` gives what pipelines say, and the same in other languages: they are found by it too."""
        self._engine = engine
        self._catalogue = catalogue
        self._elsewhere = elsewhere

    def stock(self, installed: Mapping[str, Pipeline]) -> None:
        """Put the pipelines of installed packages there, published; a newer package makes a new version.

        What is no longer installed is taken away. A pipeline that somebody made under the same id stays theirs.
        """
        with self._engine.begin() as connection:
            one_at_a_time(connection, TAKING_IDS)
            there = {head["slug"]: head for head in connection.execute(_all_heads).mappings().all()}
            for slug, pipeline in installed.items():
                head = there.get(slug)
                if head is None:
                    self._insert(connection, pipeline, SYSTEM, published=True, message="installed")
                elif head["owner"] == SYSTEM:
                    self._restock(connection, head, pipeline)
            for slug, head in there.items():
                if head["owner"] == SYSTEM and head["deleted"] is None and slug not in installed:
                    rows.change(connection, head, deleted=time.time(), published=None)

    def create(
        self, pipeline: Pipeline, who: Principal, *, message: str = "", origin: str = "", draft: bool = False
    ) -> PipelineEntry:
        """Keep a new pipeline, private, as version 1. Raises `Problems` for what a check finds, unless it is a draft.

        Under the id of one that its owner deleted the old history goes on.
        """
        self._check(pipeline, draft)
        with self._engine.begin() as connection:
            one_at_a_time(connection, TAKING_IDS)
            head = rows.find(connection, pipeline.id, lock=True)
            if head is None:
                self._insert(connection, pipeline, who.id, message=message, origin=origin)
            elif head["deleted"] is not None and head["owner"] == who.id:
                number = self._append(connection, head, pipeline, who.id, message=message, origin=origin)
                rows.change(connection, head, deleted=None, current=number)
            else:
                raise rows.taken(connection, pipeline.id)
        return self.get(pipeline.id, who)

    def save(
        self,
        slug: str,
        pipeline: Pipeline,
        who: Principal,
        *,
        message: str = "",
        origin: str = "",
        expected: int | None = None,
        draft: bool = False,
        renew: bool = False,
    ) -> PipelineEntry:
        """Make a new version, unless only the layout is another one.

        With `renew` also if its services changed since, so that it is on record as made for those of today.
        `expected` is the revision that was edited. Raises `Problems` when the pipeline has moved on since
        (`precondition-failed`), when it is not theirs to edit, and for what a check finds, unless it is a draft.
        """
        self.editable(slug, who)
        if pipeline.id != slug:
            message = say(
                "The document is of `{id}`, this pipeline is `{slug}`. A fork can have an id of its own.",
                id=pipeline.id,
                slug=slug,
            )
            raise Problems([Problem(code="other-id", message=message, suggestions=(slug,))])
        self._check(pipeline, draft)
        with self._engine.begin() as connection:
            head = self._locked(connection, slug, who, expected)
            current = rows.load(connection, slug, head["current"])
            number = current.number
            renewed = renew and recorded(pipeline, self._catalogue) != current.services
            if current.meaning == meaning(pipeline) and not renewed:
                rows.move(connection, number, pipeline)
            else:
                number = self._append(connection, head, pipeline, who.id, message=message, origin=origin)
            rows.change(connection, head, current=number)
        return self.get(slug, who)

    def rollback(self, slug: str, number: int, who: Principal, *, expected: int | None = None) -> PipelineEntry:
        """Make a new version that equals an old one, even one that a check finds fault with today."""
        self.editable(slug, who)
        old = self.version(slug, number, who).pipeline
        origin = f"{slug}@{number}"
        return self.save(
            slug, old, who, message=say("back to {origin}", origin=origin), origin=origin, expected=expected, draft=True
        )

    def fork(self, slug: str, new: str, who: Principal, *, number: int | None = None) -> PipelineEntry:
        """A pipeline of one's own that begins as a version of another one."""
        source = self.get(slug, who).version if number is None else self.version(slug, number, who)
        copy = source.pipeline.model_copy(update={"id": new})
        origin = f"{slug}@{source.number}"
        return self.create(copy, who, message=say("forked from {origin}", origin=origin), origin=origin, draft=True)

    def publish(
        self, slug: str, who: Principal, *, number: int | None = None, expected: int | None = None
    ) -> PipelineEntry:
        """Let everybody see and run a version, the current one unless said. It must pass a check of today."""
        entry = self.editable(slug, who)
        version = self.version(slug, entry.current if number is None else number, who)
        self._check(version.pipeline)
        with self._engine.begin() as connection:
            head = self._locked(connection, slug, who, expected)
            rows.change(connection, head, published=version.number)
        return self.get(slug, who)

    def unpublish(self, slug: str, who: Principal, *, expected: int | None = None) -> PipelineEntry:
        """Keep a pipeline to oneself again. Runs of it go on."""
        with self._engine.begin() as connection:
            head = self._locked(connection, slug, who, expected)
            rows.change(connection, head, published=None)
        return self.get(slug, who)

    def delete(self, slug: str, who: Principal, *, expected: int | None = None) -> None:
        """Take a pipeline away. Its versions stay on record for the runs that were made of them, and so does its id.

        Raises `Problems` while it is published (`still-published`): others may be calling it.
        """
        with self._engine.begin() as connection:
            head = self._locked(connection, slug, who, expected)
            if head["published"] is not None:
                message = say("`{slug}` is published, and others may be calling it. Unpublish it first.", slug=slug)
                raise Problems([Problem(code="still-published", message=message)])
            rows.change(connection, head, deleted=time.time())

    def get(self, slug: str, who: Principal) -> PipelineEntry:
        """A pipeline as it stands for who asks: its current version when it is theirs, else the published one."""
        with self._engine.connect() as connection:
            head = self._visible(connection, slug, who)
            number = head["current"] if who.may_see(head["owner"]) else head["published"]
            return rows.entry(head, rows.load(connection, slug, number))

    def editable(self, slug: str, who: Principal) -> PipelineEntry:
        """A pipeline that who asks may change. Raises `Problems`: `not-allowed` when they only may see it."""
        entry = self.get(slug, who)
        _may_edit(slug, entry.owner, who)
        return entry

    def version(self, slug: str, number: int, who: Principal) -> PipelineVersion:
        """One version. Those that are not published are for the owner."""
        with self._engine.connect() as connection:
            head = self._visible(connection, slug, who)
            theirs = who.may_see(head["owner"])
            allowed = rows.numbers(connection, slug) if theirs else [head["published"]]
            if number not in allowed:
                message = say(
                    "`{slug}` has no version {number}. It has {numbers:, }.",
                    slug=slug,
                    number=number,
                    numbers=map(str, allowed),
                )
                raise Problems([Problem(code="unknown-pipeline-version", message=message)])
            return rows.load(connection, slug, number)

    def called(self, slug: str, who: Principal) -> PipelineVersion:
        """The version that the pipeline's endpoint runs: the published one, else, for its owner, the current one."""
        entry = self.get(slug, who)
        return entry.version if entry.published is None else self.version(slug, entry.published, who)

    def history(self, slug: str, who: Principal) -> list[PipelineVersion]:
        """All versions that who asks may see, the newest first."""
        query = sql.select(versions).where(versions.c.slug == slug).order_by(versions.c.number.desc())
        with self._engine.connect() as connection:
            head = self._visible(connection, slug, who)
            if not who.may_see(head["owner"]):
                query = query.where(versions.c.number == head["published"])
            return [rows.version(row) for row in connection.execute(query).mappings()]

    def search(
        self,
        who: Principal,
        *,
        text: str = "",
        tags: tuple[str, ...] = (),
        owner: str | None = None,
        published: bool | None = None,
        after: str = "",
        limit: int = PAGE,
    ) -> list[PipelineSummary]:
        """The pipelines that who asks may see, by slug, those after one: with all words of a text, and all tags.

        When none has them all, words that look like them count too, and what is said of them in other languages.
        """
        theirs = sql.or_(heads.c.owner == who.id, sql.literal(who.role is Role.operator))
        shown = sql.case((theirs, heads.c.current), else_=heads.c.published)
        query = (
            sql.select(*heads.c, versions.c.body, versions.c.services)
            .join(versions, (versions.c.slug == heads.c.slug) & (versions.c.number == shown))
            .where(heads.c.deleted.is_(None))
        )
        if who.pipelines is not None:
            query = query.where(heads.c.slug.in_(who.pipelines))
        for tag in tags:
            query = query.where(versions.c.tags.contains(f"|{rows.plain(tag).lower()}|", autoescape=True))
        if owner is not None:
            query = query.where(heads.c.owner == rows.plain(owner))
        if published is not None:
            query = query.where(heads.c.published.is_not(None) if published else heads.c.published.is_(None))
        with self._engine.connect() as connection:
            query = rows.with_words(connection, query, rows.plain(text).lower().split(), self._elsewhere)
            page = query.where(heads.c.slug > rows.plain(after)).order_by(heads.c.slug).limit(min(limit, PAGE))
            return [rows.summary(row) for row in connection.execute(page).mappings()]

    def visible(self, who: Principal) -> set[str]:
        """The ids of all pipelines that who asks may see."""
        with self._engine.connect() as connection:
            return {head["slug"] for head in connection.execute(_all_heads).mappings() if _may_see(head, who)}

    def _check(self, pipeline: Pipeline, draft: bool = False) -> None:
        problems = [] if draft else check(pipeline, self._catalogue)
        if problems:
            raise Problems(problems)

    def _visible(self, connection: sql.Connection, slug: str, who: Principal, *, lock: bool = False) -> Any:
        head = rows.find(connection, slug, lock=lock)
        if head is None or not _may_see(head, who):
            known = (row["slug"] for row in connection.execute(_all_heads).mappings() if _may_see(row, who))
            message, near = say("There is no pipeline `{slug}`.", slug=slug), suggest(slug, known)
            raise Problems([Problem(code="unknown-pipeline", message=message, suggestions=near)])
        return head

    def _locked(self, connection: sql.Connection, slug: str, who: Principal, expected: int | None) -> Any:
        """The head, held until the transaction ends, when who asks may change it and it is the one they know."""
        head = self._visible(connection, slug, who, lock=True)
        _may_edit(slug, head["owner"], who)
        if expected is not None and expected != head["revision"]:
            message = say(
                "`{slug}` was changed since you read it. Read it again, and make your change there.", slug=slug
            )
            raise Problems([Problem(code="precondition-failed", message=message)])
        return head

    def _insert(
        self, connection: sql.Connection, pipeline: Pipeline, owner: str, *, published: bool = False, **said: str
    ) -> None:
        now = time.time()
        head = {"slug": pipeline.id, "owner": owner, "current": 0, "revision": 0, "created": now, "updated": now}
        connection.execute(heads.insert(), head)
        number = self._append(connection, head, pipeline, owner, **said)
        rows.change(connection, head, current=number, published=number if published else None)

    def _restock(self, connection: sql.Connection, head: Any, pipeline: Pipeline) -> None:
        current = rows.load(connection, head["slug"], head["current"])
        number = current.number
        if current.meaning != meaning(pipeline):
            number = self._append(connection, head, pipeline, SYSTEM, message="installed")
        if head["published"] != number:
            rows.change(connection, head, current=number, published=number, deleted=None)

    def _append(
        self, connection: sql.Connection, head: Any, pipeline: Pipeline, author: str, *, message: str, origin: str = ""
    ) -> int:
        number = int(head["current"]) + 1
        services = recorded(pipeline, self._catalogue)
        rows.append(connection, number, pipeline, services, author=author, message=message, origin=origin)
        return number


_all_heads = sql.select(heads)


def _may_see(head: Any, who: Principal) -> bool:
    seen = head["published"] is not None or who.may_see(head["owner"])
    return seen and head["deleted"] is None and who.may_use(head["slug"])


def _may_edit(slug: str, owner: str, who: Principal) -> None:
    if owner == SYSTEM or not who.may_see(owner):
        message = say("`{slug}` is not yours. Fork it, and change the copy.", slug=slug)
        if owner == SYSTEM:
            message = say("`{slug}` is installed and cannot be changed. Fork it, and change the copy.", slug=slug)
        raise Problems([Problem(code="not-allowed", message=message)])
