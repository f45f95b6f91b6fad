"""Search in the admin that folds case and accents like the pages' search, on every database."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split, unescape_string_literal

from coach.text import folded


class FoldedSearch(admin.ModelAdmin):
    """Every word (or quoted phrase) must occur in one of its `search_fields`.

    Values are compared in Python, because SQLite only folds ASCII case; but the fields named in `key_fields`, which
    have a different value in each row and only one case, are left to the database.
    """

    key_fields: frozenset[str] = frozenset()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        for word in smart_split(search_term):
            quoted = len(word) > 1 and word[0] in "\"'" and word[0] == word[-1]
            wanted = folded(unescape_string_literal(word) if quoted else word)
            matching = Q(pk__in=[])
            for field in self.search_fields:
                matching |= self._matching(queryset, field, wanted)
            queryset = queryset.filter(matching)
        return queryset, False

    def _matching(self, queryset: QuerySet[Any], field: str, wanted: str) -> Q:
        if field in self.key_fields:
            return Q(**{f"{field}__icontains": wanted})
        values = queryset.order_by().values_list(field, flat=True).distinct()
        return Q(**{f"{field}__in": [value for value in values if wanted in folded(value)]})
