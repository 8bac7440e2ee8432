"""How any practice CRM gets its contents: what its file holds is kept, until it is asked to be filled anew."""

from collections.abc import Callable

from integrations.simulation.app import Simulator


def furnish(app: Simulator, fill: Callable[[], None], is_new: Callable[[], bool], *, reset: bool) -> None:
    """Fills it when it is new, or when a reset was asked for; and later whenever its controls ask for one."""

    def refill() -> None:
        with app.book.transaction():
            app.book.empty()
            fill()

    app.control.refill = refill
    with app.book.transaction():
        wanted = reset or is_new()
    if wanted:
        refill()
