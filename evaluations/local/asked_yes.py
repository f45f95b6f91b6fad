"""Recognises a question for agreement to what was proposed (“Would that work for you?”). Pure."""

import re

ASKS_FOR_A_YES = re.compile(
    r"\b(?:is|are|would|will|does|do|can|could|shall)(?:n't)? (?:that|this|it|you|we|i)(?: \w+){0,2} (?:all right"
    r"|alright|okay"
    r"|ok|a yes|a deal|agreed?|work|suit|fit|fine|fair enough|live with (?:that|it)|(?:count|rely) on (?:that|it"
    r"|you))"
    r"(?:(?: with| for| by)? (?:you|that|me|us))?(?:,? then)?\s*[?.!]*$"
    r"|^(?:(?:and|so|okay|ok|then),? )?(?:could|can|would|will) you (?:do|promise(?: me)?|agree to|accept"
    r"|manage|try) (?:that|this"
    r"|it)(?: for me)?\s*[?.!]*$"
    r"|^(?:(?:is|are) (?:that|this|you) )?(?:deal|agreed|okay|ok|all right|alright|a yes|is that a yes)\s*\?$"
    r"|(?:[好行成]|可以|怎么样|行不行|好不好|可不可以|中)(?:吗|么|吧|不)?[?？]$|(?:[好行成]|可以)吗[?？]?$",
    re.IGNORECASE,
)
"""Asks for agreement to what was proposed: neither understanding, nor a need, nor an open question."""
