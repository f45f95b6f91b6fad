"""Decides whether a search matches a text: as typed, or all its words in any order, singular or plural."""

from coach.text import folded

ENDINGS = (("ies", "y"), ("ves", "f"), ("ves", "fe"), ("es", ""), ("s", ""), ("men", "man"))
SHORTEST_WITH_PLURAL = 4


def found(search: str, words: str) -> bool:
    """`words` must already be folded (`coach.text.folded`).

    >>> found("Families", folded("Family\\nDad should not be driving"))
    True
    """
    typed = folded(search)
    return typed in words or all(any(form in words for form in _forms(word)) for word in typed.split())


def _forms(word: str) -> list[str]:
    """The word, and the singulars it could be the English plural of; a regular plural contains its singular."""
    forms = [word]
    if len(word) >= SHORTEST_WITH_PLURAL and word.isascii():
        word = word.removesuffix("'s") or word
        forms += [word.removesuffix(plural) + single for plural, single in ENDINGS if word.endswith(plural)]
        # The singular was typed but the text has the irregular plural.
        forms += [word.removesuffix(single) + plural for plural, single in ENDINGS if single and word.endswith(single)]
    return forms
