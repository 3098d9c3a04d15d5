"""The desk's blueprint; ``areas`` imports the modules that put their pages on it."""

from __future__ import annotations

from flask import Blueprint

NAME = "desk"
blueprint = Blueprint(NAME, __name__, url_prefix="/desk", template_folder="templates")
