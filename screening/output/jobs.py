"""Work on batches by several processes at once; what comes back is in the order in which it was given.

Each process gets one batch at a time through pipes of its own, so that one whose parent is killed reads the end
of its pipe and ends too.
"""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from screening.errors import DefectError

Batch = TypeVar("Batch")
Result = TypeVar("Result")


def in_order(
    batches: Iterable[Batch], prepare: Callable[..., Callable[[Batch], Result]], given: tuple[Any, ...], jobs: int
) -> Iterator[Result]:
    """The result of each batch. `prepare(*given)` makes the worker, once in each process.

    With one job everything is done here. Raises what the work raises, and DefectError if a process ends by itself.
    """
    if jobs <= 1:
        work = prepare(*given)
        yield from map(work, batches)
        return
    workers = [_Worker(prepare, given) for _ in range(jobs)]
    waiting: deque[_Worker] = deque()
    try:
        for number, batch in enumerate(batches):
            worker = workers[number % jobs]
            # INVARIANT: the worker of this batch is the one that was given work longest ago, so taking its
            # result before it gets more keeps the order, and no two ends of a pipe ever wait for one another.
            if len(waiting) == jobs:
                yield waiting.popleft().take()
            worker.give(batch)
            waiting.append(worker)
        while waiting:
            yield waiting.popleft().take()
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process with one pipe for batches and one for results."""

    def __init__(self, prepare: Callable[..., Any], given: tuple[Any, ...]) -> None:
        new = multiprocessing.get_context("spawn")
        theirs, self.batches = new.Pipe(duplex=False)
        self.results, sent = new.Pipe(duplex=False)
        self.process = new.Process(target=_serve, args=(prepare, given, theirs, sent), daemon=True)
        self.process.start()
        theirs.close()
        sent.close()

    def give(self, batch: Any) -> None:
        try:
            self.batches.send(batch)
        except OSError as ended:
            self.take()  # what it said of its end, if anything
            raise DefectError("a process of this run ended by itself; nothing was concluded") from ended

    def take(self) -> Any:
        try:
            done, value = self.results.recv()
        except (EOFError, OSError) as ended:
            raise DefectError("a process of this run ended by itself; nothing was concluded") from ended
        if not done:
            raise value
        return value

    def end(self) -> None:
        self.batches.close()
        self.results.close()
        self.process.join(2)
        if self.process.is_alive():
            self.process.terminate()
            self.process.join()


def _serve(prepare: Callable[..., Any], given: tuple[Any, ...], batches: Connection, results: Connection) -> None:
    """The life of a worker: until there are no more batches, or nobody who gives them."""
    try:
        work = prepare(*given)
        while True:
            results.send((True, work(batches.recv())))
    except (EOFError, BrokenPipeError, KeyboardInterrupt):
        return
    except Exception as wrong:
        results.send((False, wrong))
