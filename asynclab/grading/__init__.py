"""Grading: the same checks as in a notebook, over many notebooks, each in a sandbox.

============== ==========================================================================
submissions    finds the notebooks, in the layouts that staff have
course         the course's own copy of each
limits         what one submission may use up
sandbox        what its code can reach: tiers A, B and C (landlock, seccomp)
children       its process, as the grader sees it (zygote and spawned: the programs; ending)
worker         what happens inside: reads (notebook), runs, plays; watched by attempts
channel        what is said between the two, and evidence: what may be said
ledger         the calls that it makes, written down outside
examination    one submission: from the file to its records
record         the canonical result
store          results on disk
engine         all submissions, many at once (cluster: on many machines)
reports        what teachers, learners and learning platforms read
command        ``asynclab grade``
============== ==========================================================================
"""
