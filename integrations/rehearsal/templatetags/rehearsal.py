"""How a stored moment of a practice CRM reads on a page."""

from django import template

from ..record_forms import moment

register = template.Library()
register.filter("moment", moment)
