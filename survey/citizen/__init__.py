"""What a respondent sees."""

from survey.citizen.views import blueprint

__all__ = ["blueprint"]
