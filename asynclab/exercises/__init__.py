"""The exercises: one module for each exercise notebook, with what counts as right."""
