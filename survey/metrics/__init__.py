"""Figures for whoever runs the server, at ``/metrics``: requests counted by all its processes, and how the instance is.

What could tell when somebody answered is rounded (:mod:`survey.metrics.routes`); no figure names an office or a group.
"""
