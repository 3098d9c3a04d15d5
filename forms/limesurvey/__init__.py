"""The structure of a LimeSurvey survey (.lss) as a questionnaire of ours, and a list of what of it was not kept."""

from forms.limesurvey.reading import read

__all__ = ["read"]
