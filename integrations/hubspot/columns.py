"""A value that cannot stand in HubSpot."""


class Unsendable(Exception):  # noqa: N818  (refuses its own record, by name)
    """The record it belongs to is refused, the others of its batch go."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message
