"""The syllabus: every lesson's stem and the one question it answers, and README's table of them."""

from __future__ import annotations

from pathlib import Path

__all__ = ["SYLLABUS", "check_readme", "write_readme"]

SYLLABUS = {
    "00_start_here": "How does this course work?",
    "01_sequential_vs_concurrent": "Why does awaiting one by one take the sum?",
    "02_gather": "What comes back, and in what order?",
    "03_gather_failures": "Who is cancelled when one fails?",
    "04_create_task": 'What does "in the background" mean?',
    "05_cancellation_and_timeouts": "How do you stop something?",
    "06_semaphore": "How many at once?",
    "07_wait_and_as_completed": "How do you react as things finish?",
    "08_common_mistakes": "Can you spot it?",
    "09_task_groups": "What does structure buy?",
    "10_fastapi": "What does it do for a web handler?",
    "11_capstone": "Can you build it for real?",
    "12_quick_reference": "Which one do I need?",
}

BEGIN = "<!-- syllabus: written by `asynclab build` -->\n"
END = "<!-- end of syllabus -->"


def write_readme(root: Path) -> None:
    """Bring the table in README.md up to date: a lesson gets its link when its notebook exists.

    Args:
        root: the folder of the course.
    """
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    if (wanted := _with_table(text, root)) != text:
        readme.write_text(wanted, encoding="utf-8", newline="\n")
        print("wrote the syllabus in README.md")


def check_readme(root: Path) -> int:
    """0 if the table in README.md is up to date; otherwise 1, after saying how to mend it.

    Args:
        root: the folder of the course.
    """
    text = (root / "README.md").read_text(encoding="utf-8")
    if _with_table(text, root) == text:
        return 0
    print("README.md: its syllabus is stale; run `python3 course.py build`")
    return 1


def _with_table(readme: str, root: Path) -> str:
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md has lost a mark of its syllabus: {BEGIN.strip()} or {END}")
    return "".join([before, begin, _table(root), end, after])


def _table(root: Path) -> str:
    rows = ["| lesson | the question | exercises |", "|---|---|---|"]
    for stem, question in SYLLABUS.items():
        lesson = _link(f"`{stem}`", f"notebooks/{stem}.ipynb", root)
        exercises = _link("exercises", f"exercises/{stem}.ipynb", root)
        # A lesson that is not written yet is named, and has nothing to click on.
        rows.append(f"| {lesson or f'`{stem}`'} | {question} | {exercises} |")
    return "\n".join([*rows, ""])


def _link(text: str, path: str, root: Path) -> str:
    return f"[{text}]({path})" if (root / path).exists() else ""
