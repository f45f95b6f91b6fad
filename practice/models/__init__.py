from practice.models.catalog import Scenario, ScenarioSkill, Skill
from practice.models.presence import LastSweep, Socket, WebProcess
from practice.models.session import PracticeSession
from practice.models.turn import Turn

__all__ = ["LastSweep", "PracticeSession", "Scenario", "ScenarioSkill", "Skill", "Socket", "Turn", "WebProcess"]
