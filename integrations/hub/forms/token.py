from typing import Any

from django import forms

from accounts.layout import ConsoleFormHelper

from ..models import ApiToken


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ConsoleFormHelper()
