"""The syllabus: every lesson's stem and the one question it answers."""

__all__ = ["SYLLABUS"]

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
