"""What staff see: one view module an area, one table of who may do what, one look.

A new area is: a module here, found by itself, whose views are put on ``survey.desk.blueprint.blueprint`` (endpoint
``area`` or ``area_deed``, wave pages under ``/w/<wave>/…``), a right for each endpoint in ``policy.PAGES``, its entry
in ``navigation`` (endpoints named there appear in the menu once they exist), a template that extends
``desk/base.html`` and renders forms with the macros of ``desk/fields.html``. A view begins behind the gate:
``account_here()``, ``wave_here()``, the right and the own place or unit are settled; it answers with
``rendering.page(…)`` or a redirect (303). Scripts and sheets are files in ``static``, named by ``static("x.js")``.

Sentences are Vietnamese in ``_()``; ``python -m tests.survey.test_citizen_translations`` puts new ones into
``translations/en/LC_MESSAGES/desk.po``, where their English is written. What the domain refuses (``Faults``) goes
beside the fields by ``form.refuse(faults)``, or becomes a page by itself. A view loads numpy and its kind only inside
functions, or better starts a job: the web process stays small, and a test holds it.
"""
