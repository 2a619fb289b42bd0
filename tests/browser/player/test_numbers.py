"""The numbers on screen are the recording's: equations, arithmetic, sentence, diagram."""

import math
import re
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from playwright.sync_api import Locator, expect
from torch import nn

from gatesviz.player.payload import Panel
from gatesviz.recordings import record
from gatesviz.traces import Trace
from tests.browser.player.conftest import Show
from tests.player.making import traces

ROUNDED = 6e-4  # three decimals, and a ten-thousandth on the way
FUNCTIONS = {
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "tanh": math.tanh,
    "relu": lambda a: max(0.0, a),
}
GRUS = ("gru", "gru_reset_before")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
READ = """(root, places) => {
  const set = (name, value, event) => {
    const field = root.querySelector(name);
    field.value = value;
    field.dispatchEvent(new Event(event));
  };
  const each = (name, key, say) => Object.fromEntries(
    [...root.querySelectorAll(name)].map((one) => [one.dataset[key], say(one)]));
  const text = (from, name) => from.querySelector(name)?.textContent ?? null;
  return places.map(([step, unit]) => {
    set(".gv-scrub", step, "input");
    set(".gv-unit", unit, "change");
    return {
      at: [Number(root.dataset.step), Number(root.dataset.unit)],
      words: text(root, ".gv-words"),
      numbers: each(".gv-equation", "target", (row) => text(row, ".gv-numbers")),
      terms: each(".gv-equation", "target", (row) =>
        [...row.querySelectorAll(".gv-terms")].map((line) => line.textContent)),
      values: each("[data-lane]", "lane", (lane) => text(lane, ".gv-lane-value")),
      diagram: each("[data-label]", "label", (label) => text(label, "tspan:last-child")),
    };
  });
}"""


def read(root: Locator, trace: Trace) -> list[dict[str, Any]]:
    """Go to the first, a middle and the last step, each with several units; return what is said."""
    root.get_by_label("show the arithmetic").check()
    last, hidden = trace.steps - 1, trace.hidden_size
    places = [[t, u] for t in (0, 2, trace.steps // 2, last) for u in {0, hidden // 2, hidden - 1}]
    said: list[dict[str, Any]] = root.evaluate(READ, places)
    assert [one["at"] for one in said] == places
    return said


def plain(text: str) -> str:
    return text.replace("−", "-").replace("·", "*").replace("σ", "sigmoid")


def worth(text: str) -> float:
    """Return the value of an expression as it is shown."""
    return float(eval(plain(text), {"__builtins__": {}}, FUNCTIONS))


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


def truth(trace: Trace, step: int, unit: int) -> dict[str, float]:
    """Return what each symbol of the equations stands for at one step of one unit."""
    values = {letter: gate[step, unit] for letter, gate in trace.gates.items()}
    for name, state in trace.states.items():
        if unit < state.shape[1]:
            values |= {
                name: trace.before(name)[step, unit],
                f"{name}'": trace.after(name)[step, unit],
            }
    for block, (from_input, from_state) in trace.products().items():
        values |= {f"Wx_{block}": from_input[step, unit], f"Wh_{block}": from_state[step, unit]}
    if trace.cell == "lstm":
        values["m"] = values["o"] * math.tanh(values["c'"])
    return {name: float(value) for name, value in values.items()}


@pytest.fixture(params=traces())
def shown(request: pytest.FixtureRequest, show: Show) -> tuple[Trace, list[dict[str, Any]]]:
    trace = traces()[request.param]
    return trace, read(show(trace), trace)


def test_every_number_shown_is_the_recordings(
    shown: tuple[Trace, list[dict[str, Any]]],
) -> None:
    trace, said = shown
    for one in said:
        check_equations(trace, one)
        check_arithmetic(trace, one)
        check_values(trace, one)
        check_words(trace, one)


def check_equations(trace: Trace, one: Mapping[str, Any]) -> None:
    """Each symbol's number is its own, and the line is true as it stands."""
    true = truth(trace, *one["at"])
    expressions = {e.target: e.expression for e in trace.kind.equations}
    if "m" in one["numbers"]:
        expressions |= {"m": expressions["h'"], "h'": ""}
    assert one["numbers"].keys() == expressions.keys()
    for target, text in one["numbers"].items():
        *line, result = text.removeprefix("= ").split(" = ")
        if target not in true:
            assert text == "= –"  # this unit of a projected LSTM has no h
            continue
        assert worth(result) == pytest.approx(true[target], abs=ROUNDED)
        expression = re.sub(r"(Wh_\w)\([^)]*\)", r"\1", expressions[target])  # of r * h, say
        symbols = re.findall(r"Wx_\w|Wh_\w|\b(?!tanh|sigmoid|relu)[a-z]\b'?|1", expression)
        wanted = [abs(true.get(symbol, 1.0)) for symbol in symbols]
        assert numbers_in("".join(line)) == pytest.approx(wanted, abs=ROUNDED), (target, text)
        if line:
            assert worth(line[0]) == pytest.approx(worth(result), abs=5e-3), (target, text)


def check_arithmetic(trace: Trace, one: Mapping[str, Any]) -> None:
    """The terms make the sums, the sums are the products, and their activation is the gate."""
    true = truth(trace, *one["at"])
    for target, lines in one["terms"].items():
        if not lines:
            continue
        block = target.replace("'", "")
        sums = []
        for line, name in zip(lines, (f"Wx_{block}", f"Wh_{block}"), strict=True):
            _, terms, total = re.sub(
                r" \(bias\)| \(\d+ smaller terms?\)| *\[[^]]*\]", "", line
            ).split(" = ")
            sums.append(worth(total))
            shown = [numbers_in(term) for term in re.split(r" [+−] ", terms)]
            rounding = 5e-4 * (1 + sum(sum(term) if len(term) > 1 else 1 for term in shown))
            assert worth(terms) == pytest.approx(sums[-1], abs=rounding), line
            assert sums[-1] == pytest.approx(true[name], abs=ROUNDED), line
        if trace.cell == "gru" and block == "n":
            sums[1] *= true["r"]
        act = {"g": "tanh", "n": "tanh", "h": trace.cell.removeprefix("rnn_")}.get(block, "sigmoid")
        assert FUNCTIONS[act](sum(sums)) == pytest.approx(true[target], abs=1e-3), lines


def check_values(trace: Trace, one: Mapping[str, Any]) -> None:
    """Beside each lane, and on the wires of the diagram, stand the same numbers."""
    true = truth(trace, *one["at"])
    for letter in (*trace.gates, *trace.states):
        wanted = true.get(letter if letter in trace.gates else f"{letter}'")
        text = one["values"][letter]
        assert text == "–" if wanted is None else worth(text) == pytest.approx(wanted, abs=ROUNDED)
    products = {}
    if trace.cell == "lstm":
        products = {"fc": true["f"] * true["c"], "ig": true["i"] * true["g"]}
        products["tc"] = math.tanh(true["c'"])
    elif trace.cell in GRUS:
        products = {"zh": true["z"] * true["h"], "zn": (1 - true["z"]) * true["n"]}
        after = true["Wh_n"] if trace.cell == "gru" else true["h"]
        products |= {"rh": true["r"] * after, "1-z": 1 - true["z"]}
        products |= {} if trace.cell == "gru" else {"hn": true["Wh_n"]}
    else:
        products = {"a": true["Wx_h"] + true["Wh_h"]}
    if trace.inputs.shape[1] == 1:
        products["x"] = float(trace.inputs[one["at"][0], 0])
    for name, text in one["diagram"].items():
        wanted = (true | products).get(name)
        if name != "x" or wanted is not None:
            shown_as = "–" if wanted is None else pytest.approx(wanted, abs=5.2e-3)
            assert (text if wanted is None else worth(text)) == shown_as, (name, text)


def check_words(trace: Trace, one: Mapping[str, Any]) -> None:
    """The sentence's numbers, in their order, are those of the step."""
    true, words = truth(trace, *one["at"]), one["words"].replace("−", "-")
    shares = [float(share) for share in re.findall(r"([\d.]+)\s%", words)]
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d{3}", words)]
    if trace.cell == "lstm":
        wanted = [true[k] for k in ("f", "c", "i", "g")]
        wanted += [true["i"] * true["g"], true["c'"], true["o"], math.tanh(true["c'"])]
        wanted += [] if "m" in one["numbers"] else [true["h'"]]
        kept = [true["f"], true["o"]]
    elif trace.cell in GRUS:
        wanted, kept = [true[k] for k in ("z", "h", "n", "r", "h'")], [true["z"], 1 - true["z"]]
        if trace.cell == "gru":
            kept.append(true["r"])
        else:
            wanted.insert(3, true["r"] * true["h"])
    else:
        wanted, kept = [true[k] for k in ("Wx_h", "Wh_h", "h", "h'")], []
        assert trace.cell.removeprefix("rnn_") in words
    assert numbers == pytest.approx(wanted, abs=ROUNDED), words
    assert shares == pytest.approx([100 * share for share in kept], abs=0.06), words


def test_a_character_stands_for_the_input_of_a_text(show: Show) -> None:
    trace = record(nn.LSTM(12, 3), torch.eye(12)).trace()
    root = show(trace, labels=list("abcdefghijkl"), text=True)
    root.focus()
    root.page.keyboard.press("ArrowRight")
    expect(root.locator("[data-label=x]")).to_have_text(re.compile("“b”"))
    expect(root.locator("[data-lane=x] .gv-lane-value")).to_have_text("“b”")


def test_a_layer_that_reads_no_characters_does_not_say_so(show: Show) -> None:
    root = show(traces()["lstm"], labels=list("abcdefghijkl"), text=True)
    expect(root.locator("[data-label=x]")).to_have_text(re.compile("3 values"))


def test_the_features_are_named_in_the_arithmetic(show: Show) -> None:
    root = show(traces()["lstm"], features=["warm", "wet", "<b>"])
    root.get_by_label("show the arithmetic").check()
    terms = root.locator("[data-target=f] .gv-terms").first
    for name in ("warm", "wet", "<b>"):
        expect(terms).to_contain_text(f"[{name}]")


def test_without_weights_it_says_so(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatesviz.player.network.WEIGHTS", 10)
    for name in ("lstm, projected", "gru", "rnn"):
        trace = traces()[name]
        root = show([Panel(trace)])
        root.get_by_label("show the arithmetic").check()
        count = sum(weight.size for weight in trace.weights.values())
        terms = root.locator(".gv-terms").first
        expect(terms).to_have_text(f"This player doesn't include the {count:,} weights.")
        projected = "The projection then makes h′." in root.locator(".gv-words").inner_text()
        assert projected == (name == "lstm, projected")
