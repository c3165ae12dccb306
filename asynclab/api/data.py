"""Data: what the practice API serves, a small newspaper in a harbour town.

Ten people write for the paper. Everyone has a beat, ten articles about it, twenty things to do
and, under each article, five letters from readers. All of it is made from the word lists below
with a fixed seed, so that it reads the same everywhere.
"""

from __future__ import annotations

from random import Random
from typing import Any

__all__ = ["COLLECTIONS", "Record"]

Record = dict[str, Any]

PEOPLE = [  # name, role, beat
    ("Ines Morel", "editor", "the ferry"),
    ("Tomas Okafor", "reporter", "the fish market"),
    ("Greta Lindqvist", "photographer", "the library"),
    ("Amir Haddad", "reporter", "the night tram"),
    ("Yuki Tanabe", "reporter", "the school garden"),
    ("Bruno Castel", "columnist", "the lighthouse"),
    ("Nora Whelan", "reporter", "the swimming pool"),
    ("Pavel Novak", "photographer", "the corner bakery"),
    ("Lila Mbeki", "reporter", "the old cinema"),
    ("Oscar Brandt", "columnist", "the football ground"),
]

NEWS = [
    "opens an hour earlier",
    "looks for volunteers",
    "celebrates its fiftieth year",
    "closes for repairs until May",
    "gets a new roof at last",
    "wins a prize and is surprised",
    "will stay where it is",
    "welcomes its youngest visitor",
    "has a new neighbour",
    "survives the storm",
]

OPENINGS = [
    "Nobody had expected it before spring.",
    "It began with a note on the door.",
    "The mayor heard of it over breakfast.",
    "Forty people stood in the rain to see it.",
    "The plan had been in a drawer for nine years.",
    "It took one phone call and a lot of patience.",
]

DETAILS = [
    "Two families paid for the paint.",
    "A retired captain keeps the keys.",
    "The council will vote on Thursday.",
    "Children drew the posters.",
    "The bill was smaller than anyone feared.",
    "An apprentice found the missing plans.",
    "The old sign will hang indoors.",
]

CLOSINGS = [
    "There will be cake.",
    "The next meeting is on Monday evening.",
    "Questions go to the town hall.",
    "We will follow the story.",
    "Bring a coat.",
]

TASKS = [
    "Call the mayor about {beat}",
    "Find a photograph of {beat}",
    "Check the dates for {beat}",
    "Ask three readers about {beat}",
    "Write the headline on {beat}",
    "Draw a map of the way to {beat}",
    "Thank the people who run {beat}",
    "Correct last week's note on {beat}",
    "Read the old reports on {beat}",
    "Record an interview about {beat}",
    "Count the visitors of {beat}",
    "Plan a series on {beat}",
    "Answer the letters about {beat}",
    "Look up who built {beat}",
    "Borrow a ladder for {beat}",
    "Ask what {beat} costs",
    "Translate the article on {beat}",
    "Find someone who dislikes {beat}",
    "Visit {beat} before sunrise",
    "Send the invoice for {beat}",
]

READERS = [
    "Marta Quill",
    "Jonas Vale",
    "Edith Rowan",
    "Samuel Park",
    "Aiko Brook",
    "Henri Dusk",
    "Rosa Field",
    "Peter Lane",
    "Wanda Stone",
    "Idris Moor",
    "Clara Finch",
    "Mateo Reed",
]

LETTERS = [  # subject, text
    ("Cold", "I was there, and it was colder than you write."),
    ("Thirty years", "My grandmother worked there for thirty years."),
    ("A question", "Could you print the opening hours next time?"),
    ("Thank you", "I read this aloud to the whole bus."),
    ("Not quite right", "The photograph is the wrong way round."),
    ("And then?", "Please tell us how it goes on."),
    ("Next door", "I did not know this, and I live next door."),
    ("My dog", "My dog is in the picture, thank you."),
    ("At last", "It should have happened ten years ago."),
    ("A visit", "May my class come and see it?"),
]


def _first_name(name: str) -> str:
    return name.partition(" ")[0].lower()


def _users() -> list[Record]:
    return [
        {
            "id": number,
            "name": name,
            "username": _first_name(name),
            "email": f"{_first_name(name)}@harbourpost.example",
            "role": role,
            "beat": beat,
        }
        for number, (name, role, beat) in enumerate(PEOPLE, start=1)
    ]


def _posts(users: list[Record], random: Random) -> list[Record]:
    return [
        {
            "id": len(NEWS) * (user["id"] - 1) + number,
            "userId": user["id"],
            "title": f"{user['beat'].capitalize()} {news}",
            "body": " ".join(random.choice(part) for part in (OPENINGS, DETAILS, CLOSINGS)),
        }
        for user in users
        for number, news in enumerate(NEWS, start=1)
    ]


def _todos(users: list[Record], random: Random) -> list[Record]:
    return [
        {
            "id": len(TASKS) * (user["id"] - 1) + number,
            "userId": user["id"],
            "title": task.format(beat=user["beat"]),
            "completed": random.random() < 0.4,
        }
        for user in users
        for number, task in enumerate(TASKS, start=1)
    ]


def _comments(posts: list[Record], random: Random) -> list[Record]:
    comments: list[Record] = []
    for post in posts:
        letters = zip(random.sample(READERS, 5), random.sample(LETTERS, 5), strict=True)
        for reader, (subject, text) in letters:
            comments.append(
                {
                    "id": len(comments) + 1,
                    "postId": post["id"],
                    "name": subject,
                    "email": f"{_first_name(reader)}@readers.example",
                    "body": text,
                }
            )
    return comments


def _collections() -> dict[str, list[Record]]:
    random = Random("The Harbour Post")
    users = _users()
    posts = _posts(users, random)
    todos = _todos(users, random)
    return {"users": users, "posts": posts, "todos": todos, "comments": _comments(posts, random)}


COLLECTIONS: dict[str, list[Record]] = _collections()
"""Every collection by name; in each, record ``n`` has id ``n + 1``."""
