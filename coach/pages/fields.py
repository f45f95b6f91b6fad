"""Form fields that know what text is."""

from typing import Any

from django import forms

from coach.text import is_blank


class WordsField(forms.CharField):
    """Text of which something can be seen; invisible characters alone count as nothing."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return self.empty_value if is_blank(text) else text
