"""The page "What if?", without a browser: its numbers against the library's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import gatesviz as gv
from gatesviz.experiments.changes import (
    HELD,
    fixed,
    longer_changes,
    network,
    one_step_changes,
    one_unit_changes,
)
from gatesviz.experiments.known import CARDS
from gatesviz.experiments.known.release import released
from gatesviz.experiments.outcomes import LOST, OUTCOMES, SAME, WORSE, WRONG, outcome
from gatesviz.experiments.what_if import Row, fresh_sequences, hold_gates, measure
from gatesviz.recordings.edit_text import edits_from_text
from gatesviz.tasks import TASKS
from gatesviz.trained import PackagedModel
from gatesviz.training import History, TrainedModel, save_run
from gatesviz.ui.links import reworded
from gatesviz.ui.shares import percent, probability
from gatesviz.ui.what_if import for_good, one_step
from gatesviz.ui.what_if.downloads import to_script
from gatesviz.ui.what_if.measurements import describe_lead, describe_left, opened, row
from gatesviz.ui.what_if.models import Subject, flagship, packaged, recorded
from gatesviz.ui.what_if.parameters import LATCH, PACKAGED, PARAMETERS, RECORDED
from tests.hostile import MARKUP, TITLES
from tests.serving import ROOT
from tests.ui.test_feed import player

RECALL = "LSTM: Recall the last capital letter"


def open_page(session: dict[str, Any] | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    for name, value in (session or {}).items():
        app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    app = app.switch_page("../../pages/what_if.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(one.value for one in [*app.header, *app.markdown, *app.text, *app.error])


def in_table(share: float) -> str:
    return f"{100 * share:.1f} %"


def latch() -> TrainedModel:
    trial = CARDS["T13"].trials[0]
    result = released([trial])[trial]
    return TrainedModel(trial.spec, result.updates, result.weights)


def test_the_first_screen_shows_the_model_at_the_step_and_no_result() -> None:
    app = open_page()
    assert "Make a guess to see the result." in words(app)
    assert not app.table
    assert "Principle" not in words(app)
    model, arrays = player(app)
    assert [panel["engine"]["edits"] for panel in model["panels"]] == [[]]
    assert model["select"]["step"] == 25
    inputs = fresh_sequences(latch(), steps=[25]).inputs[:, 0]
    plain = gv.record(latch().module(), inputs).trace()
    np.testing.assert_allclose(arrays["0.c"], plain.states["c"], atol=1e-3)


@pytest.mark.parametrize("guess", [None, SAME])
def test_a_link_restores_the_step_and_the_edits_of_the_player(guess: str | None) -> None:
    query = {"t": "31", "u": "2", "edits": "f@25=0,c@30=1"} | ({"wiguess": guess} if guess else {})
    select = player(open_page(**query))[0]["select"]
    assert (select["step"], select["unit"], select["edits"]) == (31, 2, "f@25=0,c@30=1")


def test_a_player_ignores_the_position_that_another_one_left_in_the_address() -> None:
    """You play freely, then ask about one step: its player shows the step in question."""
    app = open_page(wiview="free play", t="31", edits="f@3=0")
    app.segmented_control(key="wiview").set_value("one step").run()
    assert not app.exception
    select = player(app)[0]["select"]
    assert (select["step"], select["edits"]) == (25, "")
    assert app.query_params["t"] == "25"
    assert "edits" not in app.query_params
    app.segmented_control(key="wiview").set_value("free play").run()
    select = player(app)[0]["select"]
    assert (select["step"], select["edits"]) == (31, "f@3=0")


def recall_lstm() -> PackagedModel:
    return gv.load_trained("recall-lstm")


def model_state(model: PackagedModel | TrainedModel) -> str:
    return gv.CELLS[model.cell].kept_state


@pytest.mark.parametrize(
    ("label", "right"),
    [(LATCH, SAME), (RECALL, LOST), ("GRU: Recall the last capital letter", LOST)],
)
def test_a_guess_is_judged_by_the_scores_of_many_sequences(label: str, right: str) -> None:
    model = latch() if label == LATCH else gv.load_trained(PACKAGED[label])
    for guess in (right, WORSE):
        app = open_page(wimodel=label, wiguess=guess)
        letter = gv.CELLS[model.cell].carried.gate
        step = 25 if label == LATCH else 20
        changes = (*one_step_changes(model), *longer_changes(model))
        rows = {row.name: row for row in measure(model, changes)}
        asked = rows[f"{letter} = 0 at step {step}"]
        text = words(app)
        assert (
            f"{'Yes' if guess == right else 'Not quite'}. {opened(right)}: accuracy 100 % →" in text
        )
        assert f"→ {model.task.score_text(asked.score)} on 500 held-out sequences" in text
        assert f"Right after the step it is **{percent(asked.left)}**. {letter} = 0" in text
        assert (
            f" keeps nothing of the old {model_state(model)}, so the cell wrote this part" in text
        )
        # The model that can't repair its memory begins with the table of two models.
        assert ("Model" in app.table[0].value) == (model.name == one_step.CHARGED)
        table = next(one.value for one in app.table if "Change" in one.value)
        assert list(table["Change"]) == [
            *("no change", one_step.BASELINE),
            *(name.removesuffix(f" at step {step}") for name in rows),
        ]
        found = [outcome(model.task, row) for row in rows.values()]
        assert list(table["Result"]) == ["–", "–", *found]
        scores = [asked.unchanged, asked.constant, *(row.score for row in rows.values())]
        assert list(table["Accuracy"]) == [in_table(score) for score in scores]
        [panel], arrays = player(app)[0]["panels"], player(app)[1]
        [edit] = panel["engine"]["edits"]
        assert gv.Edit.from_dict(edit) == gv.Edit(letter, 0, step, layer=0)
        np.testing.assert_array_equal(arrays[f"0.{letter}"][step], 0)


def test_six_steps_without_output_and_every_unit_alone_change_no_answer() -> None:
    model = latch()
    assert [one.name for one in longer_changes(model)] == ["o = 0 at steps 22 to 27"]
    assert longer_changes(gv.load_trained("recall-gru")) == ()
    text = words(open_page(wiguess=SAME))
    assert (
        "At step 25 only, we set c to 0 in one unit at a time. The score doesn't change:"
        " accuracy 100 %. So no single unit matters much at this step."
    ) in text


def test_the_unit_that_matters_most_is_named() -> None:
    subject = Subject("recall-lstm", recall_lstm(), "")
    found = list(measure(subject.model, one_unit_changes(subject.model), sequences=100))
    by_hand = [
        next(measure(subject.model, [fixed([gv.Edit("c", 0.0, 20, unit)])], sequences=100)).score
        for unit in range(6)
    ]
    assert [one.score for one in found] == by_hand
    worst = int(np.argmin(by_hand))
    assert by_hand[worst] < 0.95
    said = one_step.describe_units(subject, found, 6)
    assert (
        f"Unit {worst} changes the score most: accuracy 100 % → {100 * by_hand[worst]:g} %." in said
    )
    assert "no single unit" not in said
    early = one_step.describe_units(subject, found[:2], 6)
    assert early.endswith("Measured so far: 2 of 6 units.")


def test_both_lstms_are_compared_and_the_reason_is_measured() -> None:
    app = open_page(wiguess=SAME)
    assert "In the first model the input gate is partly open (mean 0.22). So i·g writes" in words(
        app
    )
    assert "almost 0 between a letter and its “?” (mean at this step 0.0042)" in words(app)
    table = app.table[1].value
    assert list(table["Accuracy with f = 0"]) == ["100.0 %", "24.6 %"]
    models = latch(), recall_lstm()
    baselines = [next(measure(m, one_step_changes(m))).constant for m in models]
    assert list(table[one_step.BASELINE]) == [in_table(score) for score in baselines]
    other = open_page(wimodel="LSTM: Continue a wave", wiguess=SAME)
    assert len(other.table) == 1
    assert "We measured this" not in words(other)


def test_without_the_difference_the_page_says_so() -> None:
    def one(score: float) -> one_step.Compared:
        row = Row("?", score, 1.0, 0.5, 500, 0.1, 0.5)
        return flagship(), row, replace(row, score=0.5), 0.2

    assert one_step.explanation(one(1.0), one(0.5)).startswith("f = 0 erases c, but h still")
    assert one_step.explanation(one(0.5), one(0.5)).startswith("These models don't show")


def test_each_gate_is_held_and_the_guess_is_judged() -> None:
    model = gv.load_trained("recall-lstm")
    rows = [*hold_gates(model)]
    app = open_page(wiview="one gate at all steps", wimodel=RECALL, wigate="o")
    table = app.table[0].value
    for k, (_, line) in enumerate(table.iterrows()):
        assert line["Gate or candidate"].startswith("ifgo"[k])
        letter = "ifgo"[k]
        scores = {f"held at {HELD[r.value]}": r.score for r in rows if r.letter == letter}
        assert len(scores) == (5 if letter == "g" else 3)
        for column in table.columns[1:]:
            assert line[column] == (in_table(scores[column]) if column in scores else "–")
    best = {letter: max(r.score for r in rows if r.letter == letter) for letter in "ifgo"}
    needed = min(best, key=best.__getitem__)
    assert (
        f"Not quite: **{needed}** is the hardest to replace. This is the accuracy with each one"
        " held at its best constant: **i** " in words(app)
    )
    assert f"Yes: **{needed}** is the hardest to replace." in words(
        open_page(wiview="one gate at all steps", wimodel=RECALL, wigate=needed)
    )


def test_where_less_is_better_the_best_constant_is_the_smallest() -> None:
    subject = packaged("wave-gru")
    rows = [*hold_gates(subject.model, sequences=100)]
    best = for_good.best_constants(subject, rows)
    assert best == {k: min(r.score for r in rows if r.letter == k) for k in "rzn"}
    worst = max(best, key=best.__getitem__)
    assert for_good.answer(subject, rows, worst).startswith(
        f"Yes: **{worst}** is the hardest to replace."
    )


def test_a_table_that_is_not_complete_has_places_for_what_comes() -> None:
    subject = flagship()
    lines = for_good.lines(subject, [*hold_gates(subject.model, sequences=20)][:4])
    assert [line["Gate or candidate"] for line in lines][1] == "f, forget gate"
    assert [line["held at 1"] == "…" for line in lines] == [False, True, True, True]
    assert [line["held at −½"] for line in lines] == ["–", "–", "…", "–"]


def test_a_candidate_may_be_replaced_best_by_a_negative_constant() -> None:
    """In the LSTM for brackets, −½ replaces g twice as well as the best constant from 0 to 1."""
    subject = packaged("brackets-lstm")
    rows = [*hold_gates(subject.model)]
    scores = {row.value: row.score for row in rows if row.letter == "g"}
    assert max(scores, key=scores.__getitem__) == -0.5
    assert scores[-0.5] > 2 * max(scores[value] for value in (0.0, 0.5, 1.0))
    assert for_good.best_constants(subject, rows)["g"] == scores[-0.5]


def test_a_cell_without_gates_says_so() -> None:
    app = open_page(wiview="one gate at all steps", wimodel="RNN: Count brackets")
    assert "**The RNN (tanh) has no gates to hold.**" in words(app)
    assert "h is all that the cell remembers." in str(
        [one.label for one in open_page(wimodel="RNN: Count brackets").segmented_control]
    )


def measured(app: AppTest) -> AppTest:
    [button] = [one for one in app.button if one.label.startswith("Measure these edits on")]
    button.click().run()
    assert not app.exception
    return app


def test_free_play_opens_the_player_with_the_edits_of_the_link_and_measures_them() -> None:
    app = open_page(wiview="free play", edits="f@25=0,i@25=0", wiseq="3")
    model, arrays = player(app)
    inputs = fresh_sequences(latch()).inputs[:, 3]
    trace = gv.record(latch().module(), inputs).trace()
    np.testing.assert_allclose(arrays["0.h"], trace.states["h"], atol=1e-4)
    assert model["select"]["edits"] == "f@25=0,i@25=0"
    assert "ccuracy" not in "".join(one.value for one in app.markdown)  # not before it is asked
    (row,) = [r for r in measure(latch(), one_step_changes(latch())) if r.name.startswith("f = i")]
    text = words(measured(app))
    score = latch().task.score_text(row.score)
    assert (
        f"**Accuracy 100 % → {score}** on 500 held-out sequences: {LOST}. That is worse than"
        in text
    )
    assert f"it is **{percent(row.left_later)}**." in text


def test_without_edits_the_page_says_how_to_make_one() -> None:
    app = open_page(wiview="free play")
    assert "Press Edit in the player below, and change" in words(app)
    assert player(app)[0]["select"]["step"] == 25  # at step 0 an LSTM has nothing to forget yet
    assert not [one for one in app.button if one.label.startswith("Measure")]


@pytest.mark.parametrize(
    ("edits", "says"),
    [
        ("f@3=0,z@3=0,r=1", "The LSTM has no z and no r, only i, f, g, o, c, h, x. Remove these"),
        ("f@50=0", "Step 50 does not exist: steps are 0 to 49, or -50 to -1 counted from the end."),
        (
            "f.u16=0",
            "Unit 16 does not exist: units are 0 to 15, or -16 to -1 counted from the end.",
        ),
        ("f.l1@3=0", "This model has no layer 2, only one layer. Remove these edits in the player"),
        ("f.b@3=0", "Direction 'backward' does not exist: the module only reads forward."),
    ],
)
def test_edits_that_do_not_fit_are_refused(edits: str, says: str) -> None:
    app = open_page(wiview="free play", edits=edits)
    assert f"These edits can't be measured with this model. {says}" in words(app)
    assert not [one for one in app.button if one.label.startswith("Measure")]


@pytest.mark.parametrize("text", [TITLES[0], MARKUP, "f@1=nan", "f@0-99999999=0", "f@1=0;g=1"])
def test_hostile_edits_in_a_link_are_ignored_with_a_notice(text: str) -> None:
    app = AppTest.from_file(str(ROOT / "gatesviz" / "ui" / "main.py"), default_timeout=60)
    app.query_params["edits"] = text
    app.query_params["wiview"] = "free play"
    app.run()
    assert "was ignored: edit" in words(app)
    app = app.switch_page("../../pages/what_if.py").run()
    assert not app.exception
    assert player(app)[0]["select"]["edits"] == ""
    assert "Press Edit in the player below, and change" in words(app)
    assert not any(MARKUP in one.value for one in app.markdown)


def test_a_value_that_no_gate_has_is_flagged() -> None:
    app = measured(open_page(wiview="free play", edits="f@25=2,c@25=99"))
    assert "f = 2 is outside the gate's range 0 to 1. No input could make" in words(app)


def test_where_no_sequence_fits_the_edits_the_score_is_missing_with_a_sentence() -> None:
    app = measured(open_page(wiview="free play", wimodel=RECALL, edits="f@1-39=0"))
    assert "has noise at step 39; choose other steps." in words(app)
    app = measured(open_page(wiview="free play", wimodel=RECALL, edits="f@0-9=0"))
    assert "capital letter” has noise at step 0; choose other steps." in words(app)
    app = measured(open_page(wiview="free play", wimodel=RECALL, edits="f@0=0"))
    assert "capital letter” has noise at step 0; choose another step." in words(app)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (flagship(), "f@25=0,i@25=0"),
        (packaged("recall-gru"), "z@20=0.25,h@20-22.u1.u3=-1"),
        (packaged("wave-rnn"), "h.u0=0"),
        (recorded("walk"), "c@20=0"),
        (recorded("stock"), "f@9=0"),
    ],
    ids=lambda one: getattr(one, "key", one),
)
def test_the_script_makes_the_same_edits(
    subject: Subject, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    edits = edits_from_text(text)
    script = to_script(subject, edits, 2)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(script, "script", "exec"), names)
    assert names["edits"] == list(edits)
    net, batch = network(subject.model), fresh_sequences(subject.model)
    ours = gv.record(net.module, batch.inputs[:, 2], edits=edits)
    np.testing.assert_array_equal(names["edited"].output, ours.output)
    (row,) = measure(subject.model, [fixed(edits)])
    assert f"-> {subject.task.score_text(row.score)}" in capsys.readouterr().out
    assert all(len(line) <= 100 for line in script.splitlines())


def test_the_forecasts_of_the_lesson_can_be_opened() -> None:
    """They are held-out samples: no room hears of a reader's own data."""
    for label, series in RECORDED.items():
        app = open_page(wiview="free play", wimodel=label, wiseq="9")
        [panel] = player(app)[0]["panels"]
        assert panel["answers"]["forecasts"] is True
        subject = recorded(series)
        assert subject.about in words(app)
        assert subject.public_task == subject.task.explanation
    walk = recorded("walk").model
    assert isinstance(walk, TrainedModel)
    known = walk.spec.task.standardised(walk.spec.task.values[:, None])[800:, 0]  # type: ignore[union-attr]
    shown = fresh_sequences(walk).inputs[:, 9, 0].numpy()
    windows = np.lib.stride_tricks.sliding_window_view(known, len(shown))
    assert np.isclose(windows, shown, atol=1e-6).all(1).any()  # of the last fifth of the walk


@pytest.mark.parametrize("updates", [2, 49])  # the history has no weights of update 49
def test_the_script_reads_a_model_of_your_own_from_the_file_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, updates: int
) -> None:
    spec = gv.TrainingSpec(task="recall", cell="gru", hidden_size=3, length=12, convolution=3)
    state, snapshots = gv.advance(gv.start(spec), updates)
    history = History(spec).add(snapshots)
    model = replace(state.model, key="my run")
    edits = edits_from_text("z@4-5.u1=0.5")
    script = to_script(Subject("my run", model, ""), edits, 1)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="with the button “GRU: run”"):
        exec(compile(script, "script", "exec"), {})
    save_run(tmp_path / "gatesviz-run-gru.safetensors", state, history)
    names: dict[str, Any] = {}
    exec(compile(script, "script", "exec"), names)
    net, batch = network(model), fresh_sequences(model)
    ours = gv.record(net.module, net.features(batch.inputs[:, [1]])[:, 0], edits=edits)
    np.testing.assert_array_equal(names["edited"].output, ours.output)
    assert all(len(line) <= 100 for line in script.splitlines())


def test_a_script_is_offered_for_every_model() -> None:
    def labels(session: dict[str, Any] | None = None, **query: str) -> list[str]:
        app = open_page(session, wiview="free play", **query)
        return [one.proto.label for one in app.get("download_button")]

    player = "Download the player (one HTML file)"
    assert labels(edits="f@25=0") == ["Download these edits as a script", player]
    assert labels() == [player]
    session = {"handed models": (handed_model(),), "handed run": "trcells=LSTM"}
    assert labels(session, wimodel="yours: LSTM", edits="f@3=0") == labels(edits="f@25=0")


def handed_model(**settings: Any) -> TrainedModel:
    spec = gv.TrainingSpec(task="recall", hidden_size=4, length=12, **settings)
    return replace(gv.start(spec).model, key=f"my run {settings}")


@pytest.mark.parametrize(
    ("cell", "settings"),
    [
        ("LSTM", {"layers": 2, "bidirectional": True}),
        ("GRU", {"cell": "gru", "convolution": 3}),
        ("RNN", {"cell": "rnn_tanh", "attention": True}),
    ],
)
def test_your_own_models_are_changed_too(cell: str, settings: dict[str, Any]) -> None:
    session = {"handed models": (handed_model(**settings),), "handed run": "trcells=LSTM"}
    app = open_page(session, wimodel=f"yours: {cell}", wiguess=SAME)
    assert "nothing to lose" in words(app)
    assert "Your " in words(app)
    assert player(app)[0]["panels"][0]["engine"]["edits"]
    assert app.query_params["run"] == "trcells=LSTM"
    app = measured(open_page(session, wimodel=f"yours: {cell}", wiview="free play", edits="h@3=0"))
    assert " on 500 held-out sequences: there is nothing to lose." in words(app)


@pytest.mark.parametrize(
    ("task", "length"),
    [*(("latch", length) for length in range(2, 9)), ("recall", 2), ("recall", 3), ("recall", 7)],
)
def test_a_model_of_short_sequences_is_changed_between_the_letter_and_the_answer(
    task: str, length: int
) -> None:
    spec = gv.TrainingSpec(task=task, hidden_size=3, length=length)
    model = replace(gv.start(spec).model, key=f"short {task} {length}")
    session = {"handed models": (model,), "handed run": "trcells=LSTM"}
    app = open_page(session, wimodel="yours: LSTM", wiguess=SAME)
    told, last = words(app), min(length - 2, 6)
    if (task, length) == ("recall", 2):
        assert one_step.NO_STEP in told
        assert not app.table
        return
    names = app.table[0].value["Change"].tolist()
    assert names.count(f"o = 0 at steps 1 to {last}") == (last >= 2)
    assert (", the last row at" in told) == (last >= 2)
    assert last < 2 or f", the last row at steps 1 to {last}. " in told
    steps = [change.name for change in longer_changes(model)]
    assert steps == ([f"o = 0 at steps 1 to {last}"] if last > 1 else [])


def test_both_directions_are_erased_one_unit_at_a_time() -> None:
    model = handed_model(bidirectional=True)
    changes = one_unit_changes(model)
    recording = gv.record(network(model).module, torch.zeros(12, 9))
    edits = [one for change in changes for one in change.edits(recording)]
    assert [(one.units, one.direction) for one in edits] == [
        ((unit,), direction) for direction in ("forward", "backward") for unit in range(4)
    ]
    assert len({change.name for change in changes}) == 8
    subject = Subject("both directions", model, "")
    found = [Row(change.name, 0.5, 1.0, 0.2, 500) for change in changes]
    found[5] = Row(changes[5].name, 0.4, 1.0, 0.2, 500)
    said = one_step.describe_units(subject, found, 8)
    assert said == (
        "At step 6 only, we set c to 0 in one unit at a time: first each forward unit, then each"
        " backward unit. Backward unit 1 changes the score most: accuracy 100 % → 40 %."
    )
    equal = [Row(change.name, 1.0, 1.0, 0.2, 500) for change in changes]
    early = one_step.describe_units(subject, equal[:4], 8)
    assert "no single unit" not in early
    assert "So no single unit matters much at" in one_step.describe_units(subject, equal, 8)
    deep = Subject("two layers", handed_model(layers=2), "")
    said = one_step.describe_units(deep, equal[:4], 4)
    assert "So no single unit of the last layer matters much at this step." in said


def test_a_guess_of_an_older_link_is_still_a_guess() -> None:
    former = "the answers get worse, but stay better than guessing"
    assert reworded({"wiguess": [former]}, PARAMETERS) == {"wiguess": WORSE}


def test_a_link_to_a_model_of_another_session_offers_to_train_it() -> None:
    app = open_page(wimodel="yours: GRU", run="trcells=GRU")
    assert "This link refers to a trained model." in "".join(one.value for one in app.info)
    assert app.selectbox(key="wimodel").value == LATCH


def test_a_large_model_is_measured_on_fewer_sequences() -> None:
    spec = gv.TrainingSpec(task="recall", hidden_size=64, length=400)
    large = Subject("?", TrainedModel(spec, 0, np.empty(0, np.float32)), "")
    assert (flagship().sequences, large.sequences) == (500, 78)


@pytest.mark.parametrize(
    ("task", "score", "unchanged", "constant", "result"),
    [
        ("latch", 1.0, 1.0, 0.5, SAME),
        ("latch", 0.8, 1.0, 0.5, WORSE),
        ("latch", 0.53, 1.0, 0.5, LOST),
        ("latch", 0.45, 1.0, 0.5, LOST),
        ("latch", 0.42, 1.0, 0.5, WRONG),
        ("latch", 0.1, 1.0, 0.5, WRONG),
        ("latch", 0.5, 0.51, 0.5, None),
        ("latch", 0.5, 0.2, 0.5, None),
        ("wave", 0.005, 0.005, 0.3, SAME),
        ("wave", 0.0054, 0.005, 0.3, SAME),
        ("wave", 0.01, 0.005, 0.3, WORSE),
        ("wave", 0.1, 0.005, 0.3, WORSE),
        ("wave", 0.3, 0.005, 0.3, LOST),
        ("wave", 0.6, 0.005, 0.3, WRONG),
        ("wave", 0.6, 0.5, 0.3, None),
    ],
)
def test_results_are_named_by_what_is_left_of_the_lead(
    task: str, score: float, unchanged: float, constant: float, result: str | None
) -> None:
    row = Row("?", score, unchanged, constant, 500)
    assert outcome(TASKS[task], row) == result
    assert result is None or result in OUTCOMES


@pytest.mark.parametrize(
    ("share", "text"),
    [
        *((None, "–"), (float("nan"), "–"), (float("inf"), "–"), (0.0041, "0.4 %")),
        *((0.5364, "53.6 %"), (-0.5364, "−53.6 %"), (1.5, "150.0 %")),
        *((0.0, "0.0 %"), (-0.0, "0.0 %"), (1.0, "100.0 %"), (-1.0, "−100.0 %")),
        *((0.0004, "0.04 %"), (-0.0001, "−0.01 %"), (0.9996, "99.96 %"), (1.0004, "100.04 %")),
        *((0.00002, "under 0.01 %"), (1e-30, "under 0.01 %"), (0.99998, "over 99.99 %")),
        *((-0.00002, "just under 0 %"), (1.00002, "just over 100 %")),
        *((-0.99998, "just over −100 %"), (np.float32(0.9999999), "over 99.99 %")),
    ],
)
def test_shares_have_one_decimal_and_never_a_false_0_or_100(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_shares_can_have_no_decimals_and_probabilities_are_never_0_or_100() -> None:
    assert [percent(share, 0) for share in (0, 1, 0.5364, 0.996, 0.004)] == [
        "0 %", "100 %", "54 %", "99.6 %", "0.4 %",
    ]  # fmt: skip
    assert [probability(p) for p in (0, 1, 0.5364, float("nan"))] == [
        "under 0.01 %", "over 99.99 %", "53.6 %", "–",
    ]  # fmt: skip


REACHES = "The best constant answer reaches"


@pytest.mark.parametrize(
    ("task", "score", "unchanged", "constant", "told"),
    [
        ("latch", 0.45, 1.0, 0.5, "That is worse than the best constant answer (50 %)."),
        ("latch", 0.5, 1.0, 0.5, "That is as good as the best constant answer"),
        (
            "latch",
            0.525,
            1.0,
            0.5,
            f"{REACHES} 50 %. The model keeps 5.0 % of its lead over this baseline.",
        ),
        (
            "wave",
            0.01,
            0.005,
            0.3,
            f"{REACHES} 0.3. The model keeps 98.3 % of its lead over this baseline.",
        ),
        ("wave", float("nan"), 0.005, 0.3, REACHES),
        ("latch", 1.0, 1.0, 0.5, f"{REACHES} 50 %."),
        ("latch", 0.5, 0.51, 0.5, f"{REACHES} 50 %."),
    ],
)
def test_a_score_is_compared_with_the_constant_answer_in_numbers(
    task: str, score: float, unchanged: float, constant: float, told: str
) -> None:
    found = describe_lead(TASKS[task], Row("?", score, unchanged, constant, 500))
    assert found.startswith(told)
    assert TASKS[task].score_text(constant) in found
    assert ("of its lead" in found) == ("of its lead" in told)


@pytest.mark.parametrize(("name", "right"), [("brackets-gru", WRONG), ("wave-gru", WORSE)])
def test_a_score_far_below_the_baseline_and_a_doubled_error_are_named(
    name: str, right: str
) -> None:
    subject = packaged(name)
    found = row(subject, one_step.asked(subject))
    told = one_step.answer(subject, found, right)
    assert told.startswith("Yes.")
    assert ("That is worse than" in told) == (right == WRONG)
    assert ("of its lead over this baseline" in told) == (right == WORSE)


@pytest.mark.parametrize(
    ("left", "later", "told"),
    [
        (
            1.005,
            0.97,
            "Right after the step it is **100.5 %**. At the next expected answer",
        ),
        (-0.2, 45.0, "At the next expected answer it is **45** times its length."),
        (1e38, -1e38, "it is less than −1,000 times its length."),
        (float("nan"), 1.0, "In some sequences, h is 0 without the change or isn't finite."),
        (0.5, float("inf"), "In some sequences, h is 0 without the change or isn't finite."),
    ],
)
def test_what_is_left_of_the_memory_is_always_a_sentence(
    left: float, later: float, told: str
) -> None:
    one = Row("?", 0.9, 1.0, 0.5, 500, left, later)
    found = describe_left(packaged("brackets-gru"), one, "the step", "without the change")
    assert told in found
    assert len(found) < 280
    assert "nan" not in found
    assert "–" not in found
