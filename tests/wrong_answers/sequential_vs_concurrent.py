"""Answers to the exercises of lesson 01."""

import asyncio
import time
from functools import partial

import asynclab as lab

from . import right, wrong


async def fetch(client, path):
    response = await client.get(path)
    return response.json()


# -- evening_total -------------------------------------------------------------------------


@wrong("evening_total", "sum expected")
def everything_adds_up(sport, city, harbour):
    return sport + city + harbour


@wrong("evening_total", "slowest expected")
def the_longest_counts(sport, city, harbour):
    return max(sport, city, harbour)


@wrong("evening_total", "measured")
def await_waits_for_all_tasks(sport, city, harbour):
    return max(sport, city) + harbour


@wrong("evening_total", "measured")
def a_task_is_for_free(sport, city, harbour):
    return city + harbour


@wrong("evening_total", "measured")
def a_task_begins_where_it_is_awaited(sport, city, harbour):
    return max(city, harbour) + sport


@wrong("evening_total", "raised")
def takes_the_waits_for_a_list(sport, city, harbour):
    return sum(sport, city, harbour)


@wrong("evening_total", "no return")
def forgets_to_return(sport, city, harbour):
    max(sport, city + harbour)


@right("evening_total")
def counts_in_hundredths(sport, city, harbour):
    in_turn = round(city * 100) + round(harbour * 100)
    return (max(round(sport * 100), in_turn)) / 100


# -- member_desk ---------------------------------------------------------------------------


def _paths(number):
    return [f"/users/{number}", f"/posts/{number}", f"/todos/{number}"]


@wrong("member_desk", "one by one")
async def awaits_each_request(client, number):
    user = await client.get(f"/users/{number}")
    posts = await client.get(f"/posts/{number}")
    todos = await client.get(f"/todos/{number}")
    return [user.json(), posts.json(), todos.json()]


@wrong("member_desk", "one by one")
async def makes_all_coroutines_first(client, number):
    calls = [fetch(client, path) for path in _paths(number)]
    return [await call for call in calls]


@wrong("member_desk", "one by one")
async def awaits_each_task_at_once(client, number):
    answers = []
    for path in _paths(number):
        task = asyncio.create_task(fetch(client, path))
        answers.append(await task)
    return answers


@wrong("member_desk", "partly one by one")
async def gathers_two_and_awaits_one(client, number):
    first, second, third = _paths(number)
    user = await fetch(client, first)
    return [user, *await asyncio.gather(fetch(client, second), fetch(client, third))]


@wrong("member_desk", "returned a coroutine")
async def forgets_to_await_the_gather(client, number):
    return asyncio.gather(*(fetch(client, path) for path in _paths(number)))


@wrong("member_desk", "returned a coroutine")
async def returns_the_tasks(client, number):
    tasks = [asyncio.create_task(fetch(client, path)) for path in _paths(number)]
    await asyncio.wait(tasks)
    return tasks


@wrong("member_desk", "never awaited")
async def uses_coroutines_as_responses(client, number):
    return [client.get(path).json() for path in _paths(number)]


@wrong("member_desk", "finish order")
async def collects_as_they_come(client, number):
    calls = [fetch(client, path) for path in _paths(number)]
    return [await call for call in asyncio.as_completed(calls)]


@wrong("member_desk", "response kept")
async def returns_the_responses(client, number):
    return await asyncio.gather(*(client.get(path) for path in _paths(number)))


@wrong("member_desk", "arguments of gather")
async def forgets_the_star(client, number):
    return await asyncio.gather([fetch(client, path) for path in _paths(number)])


@wrong("member_desk", "called too often")
async def asks_once_to_look_and_once_to_take(client, number):
    await asyncio.gather(*(client.get(path) for path in _paths(number)))
    return await asyncio.gather(*(fetch(client, path) for path in _paths(number)))


@wrong("member_desk", "result too early")
async def takes_the_results_at_once(client, number):
    tasks = [asyncio.create_task(fetch(client, path)) for path in _paths(number)]
    return [task.result() for task in tasks]


@wrong("member_desk", "loop in a loop")
async def runs_a_loop_for_each_request(client, number):
    return [asyncio.run(fetch(client, path)) for path in _paths(number)]


@wrong("member_desk", "asked elsewhere")
async def forgets_the_number(client, number):
    return await asyncio.gather(*(fetch(client, path) for path in ("/users", "/posts", "/todos")))


@wrong("member_desk", "not async")
def is_an_ordinary_function(client, number):
    return asyncio.run(asyncio.wait_for(fetch(client, f"/users/{number}"), 1))


@wrong("member_desk", "returned a coroutine")
async def does_not_await_the_gather(client, number):
    responses = asyncio.gather(*map(client.get, _paths(number)))
    return [response.json() for response in responses]


@wrong("member_desk", "asked too little")
async def opens_a_client_of_its_own(client, number):
    async with lab.api.client() as my_own:
        return await asyncio.gather(*(fetch(my_own, path) for path in _paths(number)))


@right("member_desk")
async def uses_a_task_group(client, number):
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetch(client, path)) for path in _paths(number)]
    return [task.result() for task in tasks]


@right("member_desk")
async def makes_tasks_and_awaits_them_backwards(client, number):
    tasks = [asyncio.create_task(fetch(client, path)) for path in _paths(number)]
    return [await task for task in reversed(tasks)][::-1]


@right("member_desk")
async def puts_finished_ones_back_in_order(client, number):
    answers = {}

    async def keep(path):
        answers[path] = await fetch(client, path)

    for call in asyncio.as_completed([keep(path) for path in _paths(number)]):
        await call
    return [answers[path] for path in _paths(number)]


@right("member_desk")
async def has_workers_and_a_queue(client, number):
    paths = _paths(number)
    answers, queue = [None] * len(paths), asyncio.Queue()
    for numbered in enumerate(paths):
        queue.put_nowait(numbered)

    async def work():
        while not queue.empty():
            place, path = queue.get_nowait()
            answers[place] = await fetch(client, path)

    await asyncio.gather(work(), work(), work())
    return answers


@right("member_desk")
async def listens_to_callbacks(client, number):
    answers, all_there = {}, asyncio.get_running_loop().create_future()

    def keep(path, task):
        answers[path] = task.result()
        if len(answers) == 3:
            all_there.set_result(None)

    for path in _paths(number):
        asyncio.create_task(fetch(client, path)).add_done_callback(partial(keep, path))
    await all_there
    return [answers[path] for path in _paths(number)]


@right("member_desk")
def hands_on_what_can_be_awaited(client, number):
    return asyncio.gather(*(fetch(client, path) for path in _paths(number)))


# -- both_wires ----------------------------------------------------------------------------


@wrong("both_wires", "one by one")
def awaits_before_the_second_is_started():
    return "3 6> 2> 1> 7> 4>"


@wrong("both_wires", "one by one")
def takes_a_call_for_a_start():
    return "3 6> 5> 2> 7> 4>"


@wrong("both_wires", "unknown name")
def forgets_to_start_the_far_one():
    return "3 6> 2> 7> 4>"


@wrong("both_wires", "misplaced")
def forgets_to_indent():
    return "3 6 1 2 7 4"


@wrong("both_wires", "misplaced")
def begins_with_a_task():
    return "6 1 3 2> 7> 4>"


@wrong("both_wires", "leaked")
def returns_before_it_has_awaited():
    return "3 6> 1>"


@right("both_wires")
def starts_the_far_one_first():
    return "3 1> 6> 7> 2> 4>"


@right("both_wires")
def awaits_the_far_coroutine_beside_the_near_task():
    return "3 5> 6> 7> 2> 4>"


# -- letter_page ---------------------------------------------------------------------------


@wrong("letter_page", "one by one")
async def awaits_all_four(client, number):
    member = await fetch(client, f"/members/{number}")
    latest = await fetch(client, f"/latest/{number}")
    letters = await fetch(client, f"/letters/{latest['article']}")
    drawings = await fetch(client, f"/drawings/{latest['article']}")
    return [member, letters, drawings]


@wrong("letter_page", "chained needlessly")
async def takes_the_first_step_in_turn(client, number):
    member = await fetch(client, f"/members/{number}")
    latest = await fetch(client, f"/latest/{number}")
    article = latest["article"]
    letters, drawings = await asyncio.gather(
        fetch(client, f"/letters/{article}"), fetch(client, f"/drawings/{article}")
    )
    return [member, letters, drawings]


@wrong("letter_page", "chained needlessly")
async def takes_the_second_step_in_turn(client, number):
    member, latest = await asyncio.gather(
        fetch(client, f"/members/{number}"), fetch(client, f"/latest/{number}")
    )
    letters = await fetch(client, f"/letters/{latest['article']}")
    drawings = await fetch(client, f"/drawings/{latest['article']}")
    return [member, letters, drawings]


@wrong("letter_page", "arguments of gather")
async def awaits_within_the_gather(client, number):
    member, latest = await asyncio.gather(
        await fetch(client, f"/members/{number}"), fetch(client, f"/latest/{number}")
    )
    return [member, latest]


@wrong("letter_page", "wrong result")
async def returns_the_article_too(client, number):
    member, latest = await asyncio.gather(
        fetch(client, f"/members/{number}"), fetch(client, f"/latest/{number}")
    )
    paths = [f"/letters/{latest['article']}", f"/drawings/{latest['article']}"]
    return [member, latest, *await asyncio.gather(*(fetch(client, path) for path in paths))]


@wrong("letter_page", "asked elsewhere")
async def asks_for_letters_of_the_member(client, number):
    member, latest = await asyncio.gather(
        fetch(client, f"/members/{number}"), fetch(client, f"/latest/{number}")
    )
    letters, drawings = await asyncio.gather(
        fetch(client, f"/letters/{number}"), fetch(client, f"/drawings/{latest['article']}")
    )
    return [member, letters, drawings]


@wrong("letter_page", "response kept")
async def takes_the_response_for_its_data(client, number):
    member, latest = await asyncio.gather(
        client.get(f"/members/{number}"), client.get(f"/latest/{number}")
    )
    return [member, latest["article"]]


@wrong("letter_page", "asked elsewhere")
async def forgets_the_f_of_its_paths(client, number):
    member, latest = await asyncio.gather(
        fetch(client, "/members/{number}"), fetch(client, "/latest/{number}")
    )
    article = latest["article"]
    letters, drawings = await asyncio.gather(
        fetch(client, f"/letters/{article}"), fetch(client, f"/drawings/{article}")
    )
    return [member, letters, drawings]


@right("letter_page")
async def lets_nothing_wait_for_the_member(client, number):
    async def about_the_article():
        latest = await fetch(client, f"/latest/{number}")
        paths = [f"/letters/{latest['article']}", f"/drawings/{latest['article']}"]
        return await asyncio.gather(*(fetch(client, path) for path in paths))

    member, both = await asyncio.gather(fetch(client, f"/members/{number}"), about_the_article())
    return [member, *both]


@right("letter_page")
async def uses_a_group_for_each_step(client, number):
    async with asyncio.TaskGroup() as first:
        member = first.create_task(fetch(client, f"/members/{number}"))
        latest = first.create_task(fetch(client, f"/latest/{number}"))
    article = latest.result()["article"]
    async with asyncio.TaskGroup() as second:
        letters = second.create_task(fetch(client, f"/letters/{article}"))
        drawings = second.create_task(fetch(client, f"/drawings/{article}"))
    return [member.result(), letters.result(), drawings.result()]


# -- tide_table ----------------------------------------------------------------------------


@wrong("tide_table", "one by one")
async def mends_the_sleep_only(ask, ports):
    async def reading(port):
        await asyncio.sleep(0.2)
        return await ask(port)

    readings = []
    for port in ports:
        task = asyncio.create_task(reading(port))
        readings.append(await task)
    return readings


@wrong("tide_table", "blocked loop")
async def mends_the_loop_only(ask, ports):
    async def reading(port):
        time.sleep(0.2)
        return await ask(port)

    return await asyncio.gather(*(reading(port) for port in ports))


@wrong("tide_table", "never awaited")
async def forgets_to_await_the_sleep(ask, ports):
    async def reading(port):
        asyncio.sleep(0.2)
        return await ask(port)

    return await asyncio.gather(*(reading(port) for port in ports))


@wrong("tide_table", "too early")
async def leaves_the_pause_out(ask, ports):
    return await asyncio.gather(*map(ask, ports))


@wrong("tide_table", "finish order")
async def appends_as_they_come(ask, ports):
    readings = []

    async def reading(port):
        await asyncio.sleep(0.2)
        readings.append(await ask(port))

    await asyncio.gather(*(reading(port) for port in ports))
    return readings


@wrong("tide_table", "partly one by one")
async def awaits_the_pauses_where_tasks_are_made(ask, ports):
    tasks = []
    for port in ports:
        await asyncio.sleep(0.2)
        tasks.append(asyncio.create_task(ask(port)))
    return [await task for task in tasks]


@wrong("tide_table", "too early")
async def reads_first_and_pauses_then(ask, ports):
    async def reading(port):
        height = await ask(port)
        await asyncio.sleep(0.2)
        return height

    return await asyncio.gather(*map(reading, ports))


@wrong("tide_table", "asked elsewhere")
async def reads_all_ports_as_one(ask, ports):
    async def reading(port):
        await asyncio.sleep(0.2)
        return await ask(port)

    return await asyncio.gather(reading(ports))


@right("tide_table")
async def pauses_in_threads(ask, ports):
    async def reading(port):
        await asyncio.to_thread(time.sleep, 0.2)
        return await ask(port)

    return await asyncio.gather(*(reading(port) for port in ports))


@right("tide_table")
async def pauses_once_for_all_ports(ask, ports):
    await asyncio.sleep(0.2)
    tasks = [asyncio.create_task(ask(port)) for port in ports]
    await asyncio.wait(tasks)
    return [task.result() for task in tasks]


# -- weekend_page --------------------------------------------------------------------------


async def _letters(client, author):
    paths = [f"/letters/{article}" for article in author["articles"]]
    return await asyncio.gather(*(fetch(client, path) for path in paths))


@wrong("weekend_page", "one by one")
async def asks_for_everything_in_turn(client, number):
    weather = await fetch(client, "/weather/weekend")
    author = await fetch(client, f"/authors/{number}")
    letters = [await fetch(client, f"/letters/{article}") for article in author["articles"]]
    return {"weather": weather, "letters": letters}


@wrong("weekend_page", "chained needlessly")
async def asks_for_the_weather_first(client, number):
    weather = await fetch(client, "/weather/weekend")
    author = await fetch(client, f"/authors/{number}")
    return {"weather": weather, "letters": await _letters(client, author)}


@wrong("weekend_page", "chained needlessly")
async def makes_two_steps(client, number):
    weather, author = await asyncio.gather(
        fetch(client, "/weather/weekend"), fetch(client, f"/authors/{number}")
    )
    return {"weather": weather, "letters": await _letters(client, author)}


@wrong("weekend_page", "chained needlessly")
async def asks_for_the_weather_with_the_letters(client, number):
    author = await fetch(client, f"/authors/{number}")
    weather, letters = await asyncio.gather(
        fetch(client, "/weather/weekend"), _letters(client, author)
    )
    return {"weather": weather, "letters": letters}


@wrong("weekend_page", "one by one")
async def takes_the_loop_for_concurrent(client, number):
    author = await fetch(client, f"/authors/{number}")
    letters = []
    for article in author["articles"]:
        (letter,) = await asyncio.gather(fetch(client, f"/letters/{article}"))
        letters.append(letter)
    return {"weather": await fetch(client, "/weather/weekend"), "letters": letters}


@wrong("weekend_page", "finish order")
async def lists_the_letters_as_they_come(client, number):
    weather = asyncio.create_task(fetch(client, "/weather/weekend"))
    author = await fetch(client, f"/authors/{number}")
    calls = [fetch(client, f"/letters/{article}") for article in author["articles"]]
    letters = [await call for call in asyncio.as_completed(calls)]
    return {"weather": await weather, "letters": letters}


@wrong("weekend_page", "returned a coroutine")
async def forgets_the_weather_task(client, number):
    weather = asyncio.create_task(fetch(client, "/weather/weekend"))
    author = await fetch(client, f"/authors/{number}")
    return {"weather": weather, "letters": await _letters(client, author)}


@right("weekend_page")
async def starts_the_weather_and_follows_the_chain(client, number):
    weather = asyncio.create_task(fetch(client, "/weather/weekend"))
    author = await fetch(client, f"/authors/{number}")
    return {"letters": await _letters(client, author), "weather": await weather}


@right("weekend_page")
async def has_one_group_for_all(client, number):
    async with asyncio.TaskGroup() as group:
        weather = group.create_task(fetch(client, "/weather/weekend"))
        author = await fetch(client, f"/authors/{number}")
        letters = [
            group.create_task(fetch(client, f"/letters/{article}"))
            for article in author["articles"]
        ]
    return {"weather": weather.result(), "letters": [letter.result() for letter in letters]}
