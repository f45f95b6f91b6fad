"""What a small model said of courtesies, kept where every worker finds it, also one that comes after a crash."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from evaluations.models import CourtesyOdds


@dataclass(frozen=True)
class Kept:
    """A `courtesies.Memory` in the database."""

    model: str

    def known(self, digests: Collection[str]) -> Mapping[str, float]:
        return dict(CourtesyOdds.objects.filter(pk__in=digests).values_list("pk", "odds"))

    def keep(self, odds: Mapping[str, float]) -> None:
        CourtesyOdds.objects.bulk_create(
            (CourtesyOdds(digest=digest, odds=found) for digest, found in odds.items()), ignore_conflicts=True
        )
