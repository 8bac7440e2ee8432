"""What Django may show of a crash (the page under DEBUG, a mail to the operators): where it was, and nothing that it held."""

from typing import Any

from django.views.debug import ExceptionReporter

from integrations.wire.redact import redact


class CrashReporter(ExceptionReporter):
    def get_traceback_data(self) -> dict[str, Any]:
        data: dict[str, Any] = super().get_traceback_data()
        for frame in data["frames"]:
            # Variables hold forms, tokens and keys under names that no list foresees.
            frame["vars"] = []
            if cause := frame.get("exc_cause"):
                frame["exc_cause"] = redact(str(cause))
        said = redact(str(data.get("exception_value", "")))
        # The address of a return from a CRM carries its code; the settings carry addresses with passwords.
        return data | {"request": None, "request_insecure_uri": None, "settings": {}, "exception_value": said}
