"""Blocks of `record_inside` that overlap, and layers whose calls don't run torch's kernel."""

import asyncio
import contextlib
import contextvars
import gc
import threading
import warnings
import weakref
from itertools import permutations, product

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules import module as calls
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.checkpoint import checkpoint

from gatesviz.gradients import gradient_flow
from gatesviz.recordings import Recordings, record, record_inside
from tests.recordings.cases import Case

X = Case().inputs()


def stack() -> int:
    return torch._C._len_torch_function_stack()


@pytest.fixture(autouse=True)
def nothing_stays_open():
    hooks = calls._global_forward_pre_hooks, calls._global_forward_hooks
    yield
    assert (stack(), *map(len, hooks)) == (0, 0, 0)


class Half(nn.LSTM):
    """Runs torch's kernel for long sequences only."""

    def forward(self, x, hx=None):
        if len(x) > 3:
            return super().forward(x, hx)
        return x.new_zeros(*x.shape[:2], self.hidden_size), None


@pytest.mark.parametrize("kind", [nn.LSTM, Half])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_blocks_that_end_in_any_order_record_what_is_called_while_they_are_open(order, kind):
    one, other = nn.Sequential(kind(3, 5)), nn.Sequential(nn.GRU(3, 5))
    held = [dict(vars(each)) for each in (*one.modules(), *other.modules())]
    blocks, recordings, expected = [], [], []

    def call() -> None:
        one(X)
        other(X)
        for k, block in enumerate(blocks):
            expected[k] += block is not None

    for model in (one, other, one):
        blocks.append(record_inside(model))
        recordings.append(blocks[-1].__enter__())
        expected.append(0)
        call()
    for k in order:
        blocks[k].__exit__(None, None, None)
        blocks[k] = None
        call()
        assert [len(each["0"]) for each in recordings] == expected
    output = one(X)[0].detach().numpy()
    np.testing.assert_array_equal(recordings[0]["0"][-1].output, output)
    assert [dict(vars(each)) for each in (*one.modules(), *other.modules())] == held


def test_generators_that_take_turns():
    one, other = nn.Sequential(nn.GRU(3, 5)), nn.Sequential(nn.LSTM(3, 5))

    def watched(model):
        with record_inside(model) as recordings:
            yield recordings

    first, second = watched(one), watched(other)
    ended, still_open = next(first), next(second)
    assert next(first, None) is None
    one(X)
    other(X)
    assert (len(ended["0"]), len(still_open["0"])) == (0, 1)
    second.close()
    other(X)
    assert len(still_open["0"]) == 1


def test_a_block_within_a_mode_leaves_the_mode_where_it_is():
    seen = []

    class Count(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            seen.append(func)
            return func(*args, **(kwargs or {}))

    model = nn.GRU(3, 5)
    with contextlib.ExitStack() as outer:
        block = contextlib.ExitStack()
        recordings = block.enter_context(record_inside(model))
        outer.enter_context(Count())
        block.close()
        seen.clear()
        model(X)
        assert stack() == 1
    assert torch._VF.gru in seen
    assert recordings[""] == []


class Passes(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


class Other(Passes):
    pass


class Dispatches(TorchDispatchMode):
    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))


def test_a_mode_around_a_block_that_is_left_in_it_is_an_error_and_ends():
    """torch takes the last mode off, the block's own, when a mode before it ends."""
    model = nn.Sequential(nn.GRU(3, 5))
    held = [dict(vars(each)) for each in model.modules()]
    with Other() as around:
        mode, block = Passes(), record_inside(model)
        mode.__enter__()
        recordings = block.__enter__()
        model(X)
        mode.__exit__(None, None, None)
        with pytest.raises(RuntimeError, match=r"^Passes, a TorchFunctionMode, was active when th"):
            block.__exit__(None, None, None)
        assert [torch._C._get_function_stack_at(k) for k in range(stack())] == [around]
        assert len(recordings["0"]) == 1
        with block as again:
            model(X)
        assert len(again["0"]) == 1
    assert [dict(vars(each)) for each in model.modules()] == held


@pytest.mark.parametrize("again", [False, True])
def test_a_mode_that_was_entered_twice_is_taken_off_once(again):
    mode, block = Passes(), record_inside(nn.GRU(3, 5))
    mode.__enter__()
    if not again:
        mode.__enter__()
    block.__enter__()
    mode.__exit__(None, None, None)  # takes the block's own mode off
    if again:
        mode.__enter__()
    with pytest.raises(RuntimeError, match=r"^Passes, a TorchFunctionMode, was active when th"):
        block.__exit__(None, None, None)
    assert [torch._C._get_function_stack_at(k) for k in range(stack())] == [mode]
    mode.__exit__(None, None, None)
    assert stack() == 0


def test_an_error_in_a_block_is_not_replaced_by_that_of_a_mode():
    mode = Passes()
    mode.__enter__()

    def fail():
        with record_inside(nn.GRU(3, 5)):
            mode.__exit__(None, None, None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        fail()
    assert "Passes, a TorchFunctionMode, was active" in caught.value.__notes__[0]


@pytest.mark.parametrize("ends", list(permutations(range(4))))
def test_modes_and_blocks_that_end_in_any_order_leave_nothing_on_the_stack(ends):
    """A block that a mode's end took off the stack says so; all others record their calls."""
    model = nn.GRU(3, 5)
    opened = [Passes(), record_inside(model), Other(), record_inside(model)]
    for each in opened:
        each.__enter__()
    standing = [0, 1, 2, 3]  # as torch's stack: a mode's end takes off the last
    for k in ends:
        if k in (0, 2):
            opened[k].__exit__(None, None, None)
            standing.pop()
        elif k in standing:
            opened[k].__exit__(None, None, None)
            standing.remove(k)
        else:
            with pytest.raises(RuntimeError, match=r"a TorchFunctionMode, was active when this"):
                opened[k].__exit__(None, None, None)
            standing.remove(max(j for j in standing if j in (0, 2)))
        assert stack() == len(standing)
    assert stack() == 0


@pytest.mark.parametrize("make", [Passes, Dispatches, lambda: torch.device("cpu")])
def test_a_mode_may_begin_in_a_block_and_end_after_it(make):
    model, mode = nn.GRU(3, 5), make()
    with record_inside(model) as recordings:
        mode.__enter__()
        model(X)
    model(X)
    assert stack() + torch._C._len_torch_dispatch_stack() == 1
    mode.__exit__(None, None, None)
    assert stack() + torch._C._len_torch_dispatch_stack() == 0
    assert len(recordings[""]) == 1


def test_modes_that_may_end_in_a_block_and_one_that_may_not():
    model, mode = nn.GRU(3, 5), Dispatches()
    mode.__enter__()
    with record_inside(model) as recordings:
        mode.__exit__(None, None, None)
        model(X)
    assert len(recordings[""]) == 1
    torch.set_default_device("cpu")
    with record_inside(model) as recordings:
        torch.set_default_device(None)
        model(X)
    assert len(recordings[""]) == 1
    device, block = torch.device("cpu"), record_inside(model)
    device.__enter__()
    block.__enter__()
    device.__exit__(None, None, None)
    with pytest.raises(RuntimeError, match=r"^DeviceContext, a TorchFunctionMode, was active"):
        block.__exit__(None, None, None)


def test_a_block_that_ends_in_a_backward_pass_is_no_error():
    """torch runs a backward pass with the modes of its beginning."""
    model, mode, block = nn.GRU(3, 5), Passes(), record_inside(nn.GRU(3, 5))
    with mode:
        output = model(X)[0].sum()
        block.__enter__()
        output.register_hook(lambda gradient: block.__exit__(None, None, None))
        output.backward()
        with record_inside(model) as recordings:
            model(X)
        assert len(recordings[""]) == 1
    assert stack() == 0


def test_a_block_that_another_thread_ends_keeps_nothing_alive():
    model = nn.Sequential(nn.GRU(3, 5), Half(5, 5))
    block = record_inside(model)
    recordings = block.__enter__()
    output = model[1](model[0](X)[0])
    gone = weakref.ref(model), weakref.ref(model[0]), weakref.ref(recordings)
    thread = threading.Thread(target=block.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert len(recordings["0"]) == 1
    del model, recordings, output, block, thread
    gc.collect()
    assert [each() for each in gone] == [None, None, None]
    with record_inside(nn.GRU(3, 5)):
        assert stack() == 1


def test_a_block_can_be_entered_again_after_it_ended():
    model = nn.Sequential(nn.GRU(3, 5))
    block = record_inside(model)
    with block as first:
        model(X)
        with pytest.raises(RuntimeError, match="entered and has not ended, expected a new one: ca"):
            block.__enter__()
        model(X)
    with block as second:
        model(X)
    assert (len(first["0"]), len(second["0"])) == (2, 1)


def test_tasks_that_overlap():
    """The recordings of a task are those of its own calls, and of tasks that it started."""
    model = nn.Sequential(nn.LSTM(3, 5))

    async def call(times):
        for _ in range(times):
            await asyncio.sleep(0)
            model(X)

    async def task(number, wait):
        with record_inside(model) as recordings:
            await asyncio.sleep(wait)
            await asyncio.gather(call(number), call(number))
            model(X)
            await asyncio.sleep(0.02 - wait)
        model(X)
        return len(recordings["0"])

    async def main():
        return await asyncio.gather(task(1, 0.0), task(2, 0.02), task(3, 0.01))

    with record_inside(model) as around:
        assert asyncio.run(main()) == [3, 5, 7]
    assert len(around["0"]) == 18


def test_a_block_of_a_task_that_is_done_goes_on():
    """A notebook may run each cell in a task of its own."""
    model, left = nn.GRU(3, 5), []

    async def enter():
        left.append(record_inside(model))
        return left[0].__enter__()

    async def run():
        model(X)

    with asyncio.Runner() as runner:
        for run_in in (runner.run, lambda task: runner.run(task, context=contextvars.Context())):
            recordings = run_in(enter())
            run_in(run())
            left.pop().__exit__(None, None, None)
            run_in(run())
            assert len(recordings[""]) == 1


def test_another_thread_or_context_can_end_a_block():
    model = nn.Sequential(Half(3, 5))
    for run in (
        lambda end: contextvars.copy_context().run(end),
        lambda end: [thread := threading.Thread(target=end), thread.start(), thread.join()],
    ):
        block = record_inside(model)
        recordings = block.__enter__()
        model(X)
        run(lambda block=block: block.__exit__(None, None, None))
        model(X)
        assert len(recordings["0"]) == 1
        with record_inside(model) as recordings:
            thread = threading.Thread(target=lambda: model(X))
            thread.start()
            thread.join()
        assert recordings["0"] == []
        assert stack() == 0


def test_compiled_models_run_compiled_again_after_blocks_in_any_order():
    from torch._dynamo import eval_frame

    torch.compile(nn.Linear(3, 5), backend="eager")  # makes sure that the compiler is loaded
    before, model = eval_frame._stance, nn.GRU(3, 5)
    for order in permutations(range(3)):
        blocks = [record_inside(model) for _ in order]
        for block in blocks:
            block.__enter__()
        for k in order:
            assert eval_frame._stance.stance == "force_eager"
            blocks[k].__exit__(None, None, None)
        assert eval_frame._stance is before


@pytest.fixture
def stances():
    from torch._dynamo import eval_frame

    torch.compile(nn.Linear(3, 5), backend="eager")  # makes sure that the compiler is loaded
    yield lambda: eval_frame._stance
    torch.compiler.set_stance("default")


def test_a_stance_that_is_set_in_a_block_stays_after_it(stances):
    with record_inside(nn.GRU(3, 5)):
        torch.compiler.set_stance("fail_on_recompile")
    assert stances().stance == "fail_on_recompile"


@pytest.mark.parametrize("before", ["default", "eager_on_recompile"])
def test_stances_and_blocks_that_end_in_any_order_leave_the_stance_before_them(stances, before):
    """Some begin in a block and end after it, others begin before it and end in it."""
    for begins, ends in product(permutations(range(4)), repeat=2):
        torch.compiler.set_stance(before)
        opened = {}
        for k in begins:
            opened[k] = record_inside(nn.GRU(3, 5)) if k < 3 else None
            if k == 3:
                opened[k] = torch.compiler.set_stance("fail_on_recompile")
            opened[k].__enter__()
        for k in ends:
            if k == 3 and begins[-1] == 3 and ends[0] == 3:
                assert stances().stance == "fail_on_recompile"
            opened[k].__exit__(None, None, None)
        assert stances().stance == before, (begins, ends)


def test_within_a_users_stance_compiled_models_run_uncompiled_in_a_block_and_compiled_after(
    stances,
):
    compilations = []

    def backend(graph, inputs):
        compilations.append(graph)
        return graph.forward

    compiled = torch.compile(nn.Sequential(nn.GRU(3, 5), nn.Identity()), backend=backend)
    outer = record_inside(compiled)
    outer.__enter__()
    user = torch.compiler.set_stance("default")
    with record_inside(compiled) as recordings:
        compiled(X)
    outer.__exit__(None, None, None)
    user.__exit__(None, None, None)
    assert (len(recordings["0"]), compilations) == (1, [])
    torch.compile(lambda x: x + 1, backend=backend)(X)
    assert len(compilations) == 1


def test_a_call_without_torchs_kernel_is_named_and_keeps_its_place():
    model = nn.Sequential(Half(3, 5), nn.GRU(3, 5))
    with record_inside(model) as recordings:
        model[0](X)
        model[0](X[:2])
        model[0](X)
        model[1](X)
    says = r"^call 2 of 3 of '0' could not be recorded: Half has its own 'forward', and torch's"
    with pytest.raises(ValueError, match=says):
        recordings["0"]
    assert repr(recordings) == "Recordings('0': 3 calls, 1 of them not recorded, '1': 1 call)"
    assert len(recordings["1"]) == 1
    with record_inside(model) as recordings:
        model[0](X)
        model[0](X)
    assert len(recordings["0"]) == 2
    assert not any("list" in note for each in recordings["0"] for note in each.notes)


class OwnLoop(nn.LSTM):
    def forward(self, x, hx=None):
        h = x.new_zeros(x.shape[1], self.hidden_size)
        return torch.stack([h := (each @ self.weight_ih_l0[:5].T + h).tanh() for each in x]), None


class Delegates(nn.LSTM):
    def __init__(self, *sizes) -> None:
        super().__init__(*sizes)
        self.cell = nn.LSTMCell(*sizes)

    def forward(self, x, hx=None):
        return self.cell(x[0])[0], None


class ReturnsNone(nn.GRU):
    def forward(self, x, hx=None):
        return None


class Raises(nn.GRU):
    def forward(self, x, hx=None):
        raise ArithmeticError


class Skips(nn.GRU):
    def __call__(self, x, hx=None):
        return x


@pytest.mark.parametrize("kind", [OwnLoop, Delegates, ReturnsNone])
def test_a_layer_that_never_runs_torchs_kernel_is_not_silent(kind):
    model = nn.ModuleDict({"layer": kind(3, 5), "unused": kind(3, 5)})
    with record_inside(model) as recordings:
        try:
            raise ValueError
        except ValueError:  # an error that is handled isn't the call's own
            model["layer"](X)
    with pytest.raises(ValueError, match=f"call 1 of 1 .*: {kind.__name__} has its own") as caught:
        recordings["layer"]
    assert "\n" not in str(caught.value)
    assert recordings["unused"] == []
    assert f"'unused': no call seen ({kind.__name__} has its own 'forward')" in repr(recordings)
    if kind is Delegates:
        assert "The layers inside it are recorded: 'layer.cell'" in str(caught.value)
        assert len(recordings["layer.cell"]) == 1


def test_a_call_that_raises_is_no_call_and_an_unseen_one_is_not_denied():
    model = nn.Sequential(Raises(3, 5), Skips(3, 5), Half(3, 5))
    with record_inside(model) as recordings:
        for _ in range(2):
            with pytest.raises(ArithmeticError):
                model[0](X)
        model[1](X)
        model[2].forward(X)
    assert recordings["0"] == []
    with pytest.raises(ValueError, match="no recorded call: Skips has its own '__call__', expect"):
        recordings["1"]
    [direct] = recordings["2"]
    assert "such calls are missing from this list if they don't run torch's kernel" in repr(direct)


def test_a_forward_that_is_replaced_in_the_block():
    model = nn.Sequential(nn.GRU(3, 5))
    with record_inside(model) as recordings:
        model[0].forward = lambda x: x
        model(X)
        model.append(OwnLoop(3, 5))
    for name, says in (("0", "'forward' was replaced on this GRU"), ("1", "OwnLoop has its own")):
        with pytest.raises(ValueError, match=f"has no recorded call: {says}"):
            recordings[name]


class Twice(nn.LSTM):
    def forward(self, x, hx=None):
        first, state = super().forward(x[:3], hx)
        second, state = super().forward(x[3:], state)
        return torch.cat([first, second]), state


def test_several_runs_of_the_kernel_in_a_call_are_numbered(tmp_path):
    model = nn.Sequential(Twice(3, 5))
    with record_inside(model) as recordings:
        outputs = [model(X)[0].detach().numpy() for _ in range(2)]
    assert len(recordings["0"]) == 4
    for k, recording in enumerate(recordings["0"]):
        assert f"Run {k % 2 + 1} of 2 of torch's kernel in one call" in repr(recording)
    assert "'0': 4 runs of torch's kernel, several in one call" in repr(recordings)
    np.testing.assert_allclose(recordings["0"][3].output, outputs[1][3:], atol=1e-6)


@pytest.mark.parametrize("reentrant", [True, False])
def test_what_is_computed_again_for_a_backward_pass_is_no_call_of_a_counted_layer(reentrant):
    model, x = Half(3, 5), X.clone().requires_grad_()
    with record_inside(model) as recordings:
        checkpoint(lambda x: model(x)[0], x, use_reentrant=reentrant).sum().backward()
    assert len(recordings[""]) == 1


def test_a_compiled_layer_with_its_own_forward_gives_no_warning():
    compiled = torch.compile(Half(3, 5), backend="eager")
    with warnings.catch_warnings(), record_inside(compiled) as recordings:
        warnings.simplefilter("error")
        compiled(X[:2])
    with pytest.raises(ValueError, match="no recorded call: Half has its own 'forward'"):
        recordings[""]
    with record_inside(compiled) as recordings:
        compiled(X)
    assert "if they don't run torch's kernel" in repr(recordings[""][0])


class Doubled(TorchFunctionMode):
    def __torch_function__(s, func, types, args=(), kwargs=None):  # noqa: N805
        result = func(*args, **(kwargs or {}))
        if func in (torch._VF.lstm, torch._VF.gru):
            result = (result[0] * 2, *result[1:])
        return result


def test_a_mode_that_can_change_a_result_is_refused():
    module = nn.LSTM(3, 5)
    for ask in (record, lambda m, x: gradient_flow(m, x, torch.sum)):
        with Doubled(), pytest.raises(ValueError, match="Doubled, a TorchFunctionMode, is active"):
            ask(module, X)
    with torch.device("cpu"), record_inside(module):  # neither changes a number
        np.testing.assert_allclose(
            record(module, X).output, module(X)[0].detach().numpy(), atol=1e-6
        )


def test_a_mode_in_or_around_a_block():
    module = nn.LSTM(3, 5)
    with record_inside(module) as recordings, Doubled():
        module(X)
    assert "differ from this recording: Doubled, a TorchFunctionMode, is active" in repr(
        recordings[""][0]
    )
    with Doubled(), record_inside(module) as recordings:
        module(X)
    with pytest.raises(ValueError, match=r"other numbers than it returned.*: leave the block of D"):
        recordings[""]
    assert isinstance(recordings, Recordings)
