"""Reports: exporters of the canonical records, each to the form that somebody reads.

=========== ================================================================
tables      results.json, results.csv
junit       junit.xml
teacher     teacher.html
feedback    a page for each learner, and the same in plain characters
platforms   nbgrader, Canvas, Moodle (from marks)
gradescope  results.json of one learner, and the autograder's zip file
files       all of them
=========== ================================================================
"""

from .feedback import feedback_text, picture_of
from .files import write_reports
from .gradescope import write_autograder, write_gradescope
from .platforms import read_gradebook

__all__ = [
    "feedback_text",
    "picture_of",
    "read_gradebook",
    "write_autograder",
    "write_gradescope",
    "write_reports",
]
