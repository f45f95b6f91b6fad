"""The help text beside each field: how to write a good skill and a good scenario."""

from django.utils.translation import gettext_lazy as _

SKILL = {
    "name": _("What trainees see on the scenario and beside their score, such as “Active listening”."),
    "category": _("Groups skills in lists, such as “Understanding” or “Speaking up”."),
    "description": _("One or two sentences for trainees: what this skill is."),
    "rubric": _(
        "What a listener hears at each level: three lines that begin 1:, 3: and 5:. Write what can be checked in a "
        "transcript. “Is empathetic” cannot be; “puts the other person’s worry in their own words and asks "
        "whether that is right” can. 2 and 4 are what lies between."
    ),
    "external_id": _(
        "The key under which imports find this skill again. Left empty, it is made from the name. It cannot be "
        "changed later."
    ),
}

SCENARIO = {
    "title": _("What people dread, in a few words: “Asking your roommate to move out”."),
    "category": _("The catalogue category. Write it as the other scenarios do."),
    "language": _("What is spoken and heard."),
    "description": _(
        "Addressed to the trainee as “you”: what happened, what is at stake, where you are now. 60 to 160 words, "
        "Markdown. Dates, sums and one overheard sentence give people something to say. The AI reads it too, so "
        "the goal does not belong here."
    ),
    "objective": _(
        "What the trainee is trying to achieve, in one sentence. Shown to the trainee and used for scoring; the AI "
        "that plays the other person never sees it, so it cannot hand it over."
    ),
    "hard_part": _(
        "What is hard about this talk, in one line of the catalogue: “She cries, and you still have to say it.”"
    ),
    "ai_persona_voice": _("Left open, a voice is picked to fit the portrait, or else the name and background."),
    "ai_persona_portrait": _("How they look. Whatever you leave open is picked to fit the rest, and stays the same."),
    "ai_persona_name": _("As the trainee would call them."),
    "ai_persona_role": _("In relation to the trainee: “Developer on your team”."),
    "ai_persona_background": _(
        "Written to the AI as “you”, at most 90 words: what you want to keep, how you push back when pressed, and "
        "the soft spot that an honest sentence would reach. A want without a soft spot cannot be won over; a soft "
        "spot without a want is no practice."
    ),
    "trainee_persona_name": _("Who the trainee is in this story."),
    "trainee_persona_role": _("In relation to the other person: “Team lead”."),
    "trainee_persona_background": _("One or two sentences, with the weakness that makes it hard."),
    "end_criteria": _(
        "One sentence on each line, each to be answered yes or no from the words spoken alone. Say how it can "
        "succeed (“You have both said yes to one change with a date”) and how it can fail (“It fails if Sam "
        "leaves”). Say “you” to the trainee. Shown to them and checked after every reply; the AI that plays the "
        "other person never sees them."
    ),
    "prompt": _(
        "Optional: how the other person opens, best with the words themselves, such as: Come in late and say: “Sorry! "
        "So, what's this about?” Whole sentences in quotation marks are said as they stand. Left empty, an opening is "
        "made from the personas and the description."
    ),
    "idle_limit_seconds": _(
        "The talk ends after this much silence. Someone nervous needs 20 to 45 seconds to begin an answer."
    ),
    "duration_limit_seconds": _("180 to 600 fits most talks; 900 is the most."),
    "external_id": _(
        "The key under which imports find this scenario again. Left empty, it is made from the title. It cannot be "
        "changed later."
    ),
}
