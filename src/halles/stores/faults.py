"""What databases say when something is wrong, in words that say what to do."""

from typing import NamedTuple

from halles.model import Problem, say


class Fault(NamedTuple):
    """A fault by the words of its message, `…` between them. `passing`: the same request may succeed later."""

    words: str
    code: str
    advice: str
    passing: bool = False


OTHER = "is of another version of Halles. Move it away: a new one is made."
OTHER_SERVER = "is of another version of Halles. Give HALLES_DATABASE_URL a database of its own."
BUSY = "is held by another process for more than {patience:g} seconds. Try again when it has ended."
FULL = "cannot grow: the disk of its server is full."
CROWDED = "has no connection free. Allow more (`max_connections`), or run fewer processes."
UNKNOWN = "has a host name that is unknown. Check HALLES_DATABASE_URL."
SILENT = "does not answer. Is its server running, and reachable from here?"
STOPPED = "ended the connection: its server was stopped."

SQLITE = (
    Fault("full", "disk-full", "cannot grow: the disk is full. Free some space, or run `halles cache prune`."),
    Fault("disk I/O", "disk-failed", "cannot be read or written: the disk is full or fails."),
    Fault("not a database", "damaged", "is damaged, or is none. Move it away: a new one is made, runs are forgotten."),
    Fault("malformed", "damaged", "is damaged. Move it away: a new one is made, runs are forgotten."),
    Fault("readonly", "not-writable", "may not be written by this user. Give HALLES_HOME a folder of your own."),
    Fault("unable to open", "no-database", "cannot be opened. Give HALLES_HOME a folder that can be written."),
    Fault("locked", "busy", BUSY, True),
    Fault("no such table", "other-version", OTHER),
    Fault("no such column", "other-version", OTHER),
    Fault("no column named", "other-version", OTHER),
)  # fmt: skip
POSTGRES = (
    Fault("FATAL … database … does not exist", "no-database", "is not on its server. Create it: `createdb`."),
    Fault("relation … does not exist", "other-version", OTHER_SERVER),
    Fault("column … does not exist", "other-version", OTHER_SERVER),
    Fault("password authentication failed", "no-access", "refuses this user or password. Check HALLES_DATABASE_URL."),
    Fault("no password supplied", "no-access", "asks for a password. Check HALLES_DATABASE_URL."),
    Fault("pg_hba.conf", "no-access", "takes no connection from here for this user. Ask its administrator."),
    Fault("could not translate host name", "no-database", UNKNOWN, True),
    Fault("failed to resolve host", "no-database", UNKNOWN, True),
    Fault("too many clients", "busy", CROWDED, True),
    Fault("connection slots", "busy", CROWDED, True),
    Fault("read-only", "not-writable", "may only be read, by this user or at all. Use the primary server."),
    Fault("permission denied", "not-writable", "does not let this user write. Grant it all on the schema `public`."),
    Fault("No space left", "disk-full", FULL),
    Fault("could not extend file", "disk-full", FULL),
    Fault("lock timeout", "busy", "is held by others for more than {patience:g} seconds. Try again.", True),
    Fault("deadlock detected", "busy", "stopped a request that waited for another in a circle. Try again.", True),
    Fault("connection timeout", "database-down", SILENT, True),
    Fault("refused", "database-down", SILENT, True),
    Fault("failed: No such file", "database-down", SILENT, True),
    Fault("starting up", "database-down", "is starting. Try again in a moment.", True),
    Fault("shutting down", "database-down", "is shutting down.", True),
    Fault("terminating connection", "database-down", STOPPED, True),
    Fault("closed the connection", "database-down", STOPPED, True),
    Fault("connection is lost", "database-down", STOPPED, True),
    Fault("connection is closed", "database-down", STOPPED, True),
)  # fmt: skip


def explain(name: str, what: str, patience: float) -> tuple[Problem, bool]:
    """The problem behind what a database said, and whether the same request may succeed later."""
    server = "://" in name and not name.startswith("sqlite")
    for fault in POSTGRES if server else SQLITE:
        if all(words in what for words in fault.words.split(" … ")):
            advice = say(fault.advice, patience=patience)
            return Problem(
                code=fault.code, message=say("The database `{name}` {advice}", name=name, advice=advice)
            ), fault.passing
    short = " ".join(what.split())[:500]
    return Problem(
        code="database-failed", message=say("The database `{name}` failed: {short}.", name=name, short=short)
    ), False
