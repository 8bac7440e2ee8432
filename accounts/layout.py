from typing import Any

from crispy_forms.helper import FormHelper


class ConsoleFormHelper(FormHelper):
    """Fields only: the form tag, the CSRF token and the dock (`parts/dock.html`) stand in the template."""

    def __init__(self, form: Any = None) -> None:
        super().__init__(form)
        self.form_tag = False
        self.disable_csrf = True
        self.html5_required = True
        self.use_custom_control = True
