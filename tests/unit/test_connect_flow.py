"""A flow between its work, the person who answers, and the person who gives it up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jupyter_drive_sync.errors import Cancelled, NotAsked, NotPossible, QuestionChanged
from jupyter_drive_sync.ports.connecting import FlowRequest, Question, QuestionType, Step, Way
from jupyter_drive_sync.service.flow import Flow

from .test_connect_parting import Desk

ASKED = Question("host", "Host", "", QuestionType.STRING)
NEXT = Question("port", "Port", "", QuestionType.INT)


def gave_up() -> NotPossible:
    return NotPossible("Too late.")


def begun(idle: float = 60.0) -> Flow:
    async def begin() -> Flow:
        return Flow(Way.OTHER, "box", "sftp", idle=idle)

    return asyncio.run(begin())


async def asking(flow: Flow, question: Question) -> asyncio.Future[str]:
    """Ask in the work's thread, and return once the question stands."""
    revision = flow.revision
    answer = asyncio.get_running_loop().run_in_executor(None, flow.ask, question)
    while flow.revision == revision:
        await flow.changed(revision, 5)
    return answer


def test_an_answer_is_taken_only_by_the_question_it_was_given_to() -> None:
    async def talk() -> None:
        flow = Flow(Way.OTHER, "box", "sftp")
        first = await asking(flow, ASKED)
        shown = flow.json()["revision"]
        flow.give("a.example", shown)
        with pytest.raises(NotAsked):
            flow.give("a.example", shown)
        assert await first == "a.example"
        second = await asking(flow, NEXT)
        with pytest.raises(QuestionChanged):
            flow.give("a.example", shown)
        assert flow.step is Step.QUESTION
        flow.give("22", flow.json()["revision"])
        assert await second == "22"

    asyncio.run(talk())


def test_what_is_given_up_before_it_is_written_is_never_written() -> None:
    flow = begun()
    flow.end(Step.CANCELLED)
    with pytest.raises(Cancelled):
        flow.settle()
    flow.gave_up(gave_up)
    assert flow.step is Step.CANCELLED


def test_what_is_given_up_while_it_is_written_is_done_all_the_same() -> None:
    flow = begun()
    flow.settle()
    flow.end(Step.CANCELLED)
    flow.check()
    assert not flow.given_up
    flow.finish(None)
    assert flow.step is Step.DONE


def test_a_question_that_nobody_answers_ends_the_flow_as_expired() -> None:
    flow = begun(idle=0.01)
    with pytest.raises(Cancelled):
        flow.ask(ASKED)
    flow.gave_up(gave_up)
    assert flow.step is Step.EXPIRED


def test_nothing_is_begun_on_a_server_that_stops(tmp_path: Path) -> None:
    async def start() -> None:
        connecting = Desk(tmp_path).connecting()
        await connecting.stop()
        await connecting.start(FlowRequest(way=Way.FOLDER))

    with pytest.raises(NotPossible, match="stopped"):
        asyncio.run(start())
