"""Reads pages, and exactly one page ahead on one thread: the network works while the database writes."""

from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection, connections

from ..connector import Connector, Page, Read


class Reader:
    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self._ahead: tuple[Read, str, Future[Page]] | None = None
        # Inside somebody's transaction another thread would not see its rows: then everything stays on this one.
        self._pool = None if connection.in_atomic_block else ThreadPoolExecutor(1, thread_name_prefix="reading")

    def page(self, read: Read, token: str, *, goes_on: bool = True) -> Page:
        page = self._taken(read, token) or self.connector.read(read, token)
        if page.next and goes_on and self._pool:
            self._ahead = (read, page.next, self._pool.submit(self.connector.read, read, page.next))
        return page

    def settle(self) -> None:
        """Before anybody else uses the connector: its session belongs to one thread at a time."""
        if self._ahead:
            _, _, future = self._ahead
            self._ahead = None
            future.exception()

    def close(self) -> None:
        self.settle()
        if self._pool:
            self._pool.submit(connections.close_all).result()
            self._pool.shutdown()

    def _taken(self, read: Read, token: str) -> Page | None:
        if self._ahead and self._ahead[:2] == (read, token):
            future = self._ahead[2]
            self._ahead = None
            return future.result()
        self.settle()
        return None
