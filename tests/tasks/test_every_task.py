"""What holds for every task."""

import math
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from gatesviz.limits import STEPS
from gatesviz.tasks import TASKS, Batch, Task
from gatesviz.tasks.losses import least_constant
from tests.tasks.reading import right, samples

EVERY = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


@EVERY
@settings(max_examples=30)  # time says more of the machine than of the code
@given(data=st.data(), number=st.integers(1, 5), seed=st.integers(0, 9_999), held_out=st.booleans())
def test_samples_have_the_shapes_that_the_task_tells(
    task: Task, data: st.DataObject, number: int, seed: int, held_out: bool
) -> None:
    length = data.draw(st.integers(task.shortest, min(task.longest, 120)))
    generator = torch.Generator().manual_seed(seed)
    batch = task.batch(generator, number, length, held_out=held_out)
    assert batch.inputs.shape == (length, number, task.input_size)
    assert batch.inputs.dtype == torch.float32
    assert batch.inputs.isfinite().all()
    assert batch.mask.shape == (length, number)
    assert batch.mask.any(0).all()  # every sample is scored somewhere
    answers = (task.output_size,) if task.kind == "set" else ()
    assert batch.targets.shape == (length, number, *answers)
    if task.vocabulary is not None:
        assert ((batch.inputs == 1).sum(-1) == 1).all()
        assert batch.inputs.sum() == length * number
    if task.kind == "choice":
        assert 0 <= batch.targets.min() <= batch.targets.max() < task.output_size
    if task.kind == "set":
        assert ((batch.targets == 0) | (batch.targets == 1)).all()
        assert batch.targets[batch.mask].any(-1).all()  # something may always come next


@EVERY
def test_one_seed_gives_the_same_bits_and_leaves_the_global_generator(task: Task) -> None:
    before = torch.get_rng_state()
    first, again, other = (samples(task.key, 4, seed=seed) for seed in (3, 3, 4))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.inputs, other.inputs)
    assert torch.equal(before, torch.get_rng_state())


@EVERY
def test_a_pickled_task_makes_the_same_samples(task: Task) -> None:
    copy = pickle.loads(pickle.dumps(task))
    first, again = (
        t.batch(torch.Generator().manual_seed(5), 3, t.length, held_out=True) for t in (task, copy)
    )
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert copy.baseline(again) == task.baseline(first)


@EVERY
def test_too_little_and_too_much_are_refused(task: Task) -> None:
    with pytest.raises(ValueError, match=r"^batch: expected at least 1 sample, got 0$"):
        task.batch(torch.Generator(), 0, task.length)
    for length in (-1, 0, task.shortest - 1, task.longest + 1):
        sentence = re.escape(f"“{task.title}”: {length:,} is outside")
        with pytest.raises(ValueError, match=sentence):
            task.batch(torch.Generator(), 3, length)


@EVERY
def test_its_own_length_is_allowed(task: Task) -> None:
    assert STEPS.low <= task.shortest <= task.length <= task.longest <= STEPS.high


@EVERY
def test_the_reader_is_told_in_sentences(task: Task) -> None:
    for sentence in (task.asks, task.answer, task.source):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert task.title
    assert task.constant_answer
    assert len(set(task.answer_names)) == task.output_size
    assert task.missing == ""


@EVERY
def test_the_example_can_be_read(task: Task) -> None:
    if task.vocabulary is not None:
        assert set(task.example) <= set(task.vocabulary)
        assert len(set(task.vocabulary)) == len(task.vocabulary)
        return
    steps = task.example.split(";") if task.input_size > 1 else task.example.split()
    for step in steps:
        assert len([float(number) for number in step.split()]) == task.input_size


@EVERY
def test_a_right_answer_scores_best_and_beats_the_baseline(task: Task) -> None:
    batch = samples(task.key)
    best, baseline = task.score(right(task, batch), batch), task.baseline(batch)
    assert best == pytest.approx(1 if task.better == "higher" else 0, abs=1e-9)
    assert task.solved(best)
    assert task.beats(best, baseline)
    assert not task.solved(baseline)
    assert task.loss(right(task, batch), batch) < 1e-6
    assert task.measures(right(task, batch), batch)[task.metric] == best


@EVERY
def test_an_answer_that_is_nan_is_neither_right_nor_wrong(task: Task) -> None:
    batch = samples(task.key)
    answer = right(task, batch).clone()
    step, sample = batch.mask.nonzero()[-1]
    answer[step, sample, -1] = float("nan")
    measures = task.measures(answer, batch)
    assert all(math.isnan(value) for value in measures.values()), measures
    assert not task.solved(measures[task.metric])


@EVERY
def test_answers_are_probabilities_or_numbers(task: Task) -> None:
    batch = samples(task.key)
    told = task.answers(right(task, batch))
    if task.kind == "number":
        assert torch.equal(told[..., 0], batch.targets)
    elif task.kind == "set":
        assert torch.equal(told.round(), batch.targets)
    else:
        assert torch.equal(told.argmax(-1), batch.targets)
        assert (told.sum(-1) - 1).abs().max() < 1e-6


@EVERY
def test_no_constant_nearby_has_a_smaller_loss(task: Task) -> None:
    batch, size = samples(task.key), task.output_size
    least = least_constant(batch, task.kind, task.learns, size)
    assert torch.equal(least, least[:1, :1].expand_as(least))
    assert task.baseline_loss(batch) == float(task.loss(least, batch)) > 0
    for nudge in 0.002 * torch.cat([torch.eye(size), -torch.eye(size)]).double():
        # the loss is convex, so that a low point is the lowest; 1e-9 for outputs that hardly count
        assert task.loss(least + nudge, batch) >= task.baseline_loss(batch) - 1e-9


@EVERY
def test_references_begin_with_the_baseline(task: Task) -> None:
    batch = samples(task.key)
    assert next(iter(task.references(batch).values())) == task.baseline(batch)


def test_importing_tasks_loads_nothing_heavy() -> None:
    heavy = {"torch", "pandas", "plotly", "vega_datasets", "sklearn"}
    code = f"import sys, gatesviz.tasks; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("key", "score", "text"),
    [
        ("recall", 1.0, "accuracy 100 %"),
        ("recall", 0.99999, "accuracy 99.9 %"),  # not all answers are right
        ("recall", 0.2539, "accuracy 25.4 %"),
        ("recall", 0.0, "accuracy 0 %"),
        ("recall", float("nan"), "accuracy not finite"),
        ("brackets", 0.5, "accuracy 50 %"),
        ("wave", 0.05126, "RMSE 0.0513"),
        ("temperature", 0.16666, "RMSE 0.167 standard deviations"),
        ("characters", 2.3456, "2.35 bits per character"),
        ("adding", 0.0123456, "mean squared error 0.0123"),
    ],
)
def test_a_score_is_described_with_its_name_and_unit(key: str, score: float, text: str) -> None:
    assert TASKS[key].describe_score(score) == text


@EVERY
def test_the_score_over_all_follows_from_the_scores_of_samples(task: Task) -> None:
    batch = samples(task.key, 6, seed=5)
    output = torch.randn(
        (*batch.mask.shape, task.output_size), generator=torch.Generator().manual_seed(1)
    )
    parts = [Batch(*(part[:, k : k + 1] for part in batch)) for k in range(6)]
    each = np.array([task.score(output[:, k : k + 1], parts[k]) for k in range(6)])
    power, weights = task.score_power, task.counted(batch).numpy()
    found = np.average(each**power, weights=weights) ** (1 / power)
    assert found == pytest.approx(task.score(output, batch), rel=1e-6)
