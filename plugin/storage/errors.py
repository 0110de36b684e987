"""What can go wrong with the database as a whole.

StorageError
├── DatabaseUnusable   it can't be opened or written
├── DatabaseGone       it did not answer; what was asked may or may not have happened
└── DatabaseTooNew     a newer version of this program has migrated it
"""


class StorageError(Exception):
    """Base; `str()` is one line for whoever starts the program."""


class DatabaseUnusable(StorageError):
    pass


class DatabaseGone(StorageError):
    def __init__(self) -> None:
        super().__init__("The database does not answer.")


class DatabaseTooNew(StorageError):
    def __init__(self, revision: str) -> None:
        super().__init__(
            f"The database has schema revision {revision}, which a newer version of incident-response made. "
            "Install that version, or restore a backup."
        )
