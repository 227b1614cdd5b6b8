"""Run by Prefect's own interpreter: no-op tasks in a chain, side by side, and from its cache. Prints JSON."""

import asyncio
import json
import statistics
import sys
import time

from prefect import Task, flow, task
from prefect.cache_policies import INPUTS, NO_CACHE, TASK_SOURCE


@task(cache_policy=NO_CACHE)
async def nothing(text: str, number: int) -> str:
    return str(number)


@task(cache_policy=INPUTS + TASK_SOURCE, persist_result=True)
async def kept(text: str, number: int) -> str:
    return str(number)


@flow(validate_parameters=False)
async def chain(step: Task, steps: int) -> None:
    text = "x"
    for number in range(steps):
        text = await step(text, number)


@flow(validate_parameters=False)
async def parallel(step: Task, steps: int) -> None:
    await asyncio.gather(*(step("x", number) for number in range(steps)))


async def main(steps: int, repeats: int) -> None:
    await chain(nothing, 1)  # Starts the server of this process.
    results = []
    for what, run, step in (
        ("chain", chain, nothing),
        ("parallel", parallel, nothing),
        ("chain, results kept", chain, kept),
        ("chain, cached", chain, kept),
    ):
        wall, cpu = [], []
        for _ in range(1 if what.endswith("kept") else repeats):
            begin, begin_cpu = time.perf_counter(), time.process_time()
            await run(step, steps)
            wall.append((time.perf_counter() - begin) * 1000 / steps)
            cpu.append((time.process_time() - begin_cpu) * 1000 / steps)
        results.append((what, statistics.median(wall), statistics.median(cpu)))
    print(json.dumps(results))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
