"""Reports: exporters of the canonical records, each to the form that somebody reads."""

from .feedback import feedback_text
from .files import write_reports

__all__ = ["feedback_text", "write_reports"]
