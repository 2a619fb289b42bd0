"""Predict the next letters of an endless stream of embedded Reber strings.

An inner string follows the graph of Reber 1967, shown in Hochreiter and Schmidhuber 1997,
experiment 1. B and then T or P come before it; the same T or P and then E come after it. In the
stream of Gers, Schmidhuber and Cummins 2000 the strings follow each other, and no sign separates
them.

A text begins with a string and may end within one. In a continuing stream it also ends with a
string, and nothing else about it is conditioned.
"""

from functools import cache
from typing import TYPE_CHECKING

from gatesviz.tasks.batches import Batch, one_hot
from gatesviz.tasks.scores import commonest_set, of_numbers, rights, share_of_likeliest
from gatesviz.tasks.task import Task

if TYPE_CHECKING:
    from torch import Generator, Tensor

LETTERS = "BTPSXVE"
INNER = (  # from each node, two ways: letter and next node; a single way is listed twice
    (("B", 1), ("B", 1)),
    (("T", 2), ("P", 3)),
    (("S", 2), ("X", 4)),
    (("T", 3), ("V", 5)),
    (("X", 3), ("S", 6)),
    (("P", 4), ("V", 6)),
    (("E", 7), ("E", 7)),
)
"""Node 7 is the inner string's end."""
TRIED = 32
"""Walks tried for each text that ends with a string: one in twelve, a string's mean length."""

_INNER, _OUTER = len(INNER), 2 * len(INNER) + 2
Ways = tuple[tuple[str, int], tuple[str, int]]


def _always(letter: str, node: int) -> Ways:
    return (letter, node), (letter, node)


@cache
def graph() -> tuple[Ways, ...]:
    """Return the stream's graph: from each node, two equally likely ways.

    It has two copies of the inner graph, to remember T or P: nodes 0 to 7 after B T, where 7
    expects T, and 8 to 15 after B P; 16 expects B, 17 T or P, 18 E.
    """
    nodes: list[Ways] = []
    for letter in "TP":
        shift = len(nodes)
        nodes += [((a, m + shift), (b, n + shift)) for (a, m), (b, n) in INNER]
        nodes.append(_always(letter, _OUTER + 2))
    return (
        *nodes,
        _always("B", _OUTER + 1),
        (("T", 0), ("P", _INNER + 1)),
        _always("E", _OUTER),
    )


def _walk(generator: "Generator", batch: int, length: int) -> "tuple[Tensor, Tensor]":
    """Return the letters' indices and the node after each, both (T, B), from a string's start."""
    import torch

    letters = torch.tensor([[LETTERS.index(letter) for letter, _ in ways] for ways in graph()])
    follows = torch.tensor([[node for _, node in ways] for ways in graph()])
    coins = torch.randint(2, (length, batch), generator=generator)
    node, symbols, nodes = torch.full((batch,), _OUTER), [], []
    for coin in coins:
        symbols.append(letters[node, coin])
        node = follows[node, coin]
        nodes.append(node)
    return torch.stack(symbols), torch.stack(nodes)


def _closing(nodes: "Tensor") -> "Tensor":
    """Return at which steps the closing letter comes next."""
    import torch

    return torch.isin(nodes, torch.tensor([_INNER, _OUTER - 1]))


def _sample(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    symbols, nodes = _walk(generator, batch, length)
    while (without := ~_closing(nodes).any(0)).any():  # nothing to score, so draw again
        again = _walk(generator, int(without.sum()), length)
        symbols[:, without], nodes[:, without] = again
    return _batch(symbols, nodes)


def _stream(generator: "Generator", batch: int, length: int, held_out: bool) -> Batch:
    import torch

    found = torch.empty((2, length, 0), dtype=torch.long)
    while found.shape[-1] < batch:
        walks = torch.stack(_walk(generator, TRIED * batch, length))
        found = torch.cat([found, walks[:, :, walks[1, -1] == _OUTER]], -1)
    symbols, nodes = found[..., :batch]
    return _batch(symbols, nodes)


def _batch(symbols: "Tensor", nodes: "Tensor") -> Batch:
    import torch

    legal = torch.zeros(len(graph()), len(LETTERS))
    for node, ways in enumerate(graph()):
        legal[node, [LETTERS.index(letter) for letter, _ in ways]] = 1
    return Batch(one_hot(symbols, len(LETTERS)), legal[nodes], _closing(nodes))


@of_numbers
def share_of_strings(output: "Tensor", batch: Batch) -> float:
    """Return the share of strings with a complete inner string that are right at every step."""
    import torch

    starts = torch.zeros_like(batch.mask)
    starts[3:] = batch.mask[:-3]  # T or P, E and B come between
    string = starts.long().cumsum(0)
    counts = torch.zeros((int(string.max()) + 1, string.shape[1]), dtype=torch.long)
    wrong = counts.scatter_add(0, string, (~rights(output, batch)).long())
    complete = counts.scatter_add(0, string, batch.mask.long()) > 0
    return float((wrong == 0)[complete].double().mean())


TASK = Task(
    key="reber",
    title="Predict strings made by fixed rules (Reber grammar)",
    asks="A grammar says which letters may follow each letter. In each string, the second letter"
    " and the one before the last are the same. The strings follow each other without a gap.",
    answer="At each step, name the letters that may come next.",
    source=(
        "Gers, Schmidhuber and Cummins 2000, in texts of 100 steps instead of an endless one. Each"
        " begins with a string; with a carried state it also ends with one. Solved at 98 % of the"
        " closing letters, which a model without memory can only guess."
    ),
    vocabulary=tuple(LETTERS),
    answer_names=tuple(LETTERS),
    several=True,
    metric="accuracy on closing letters",
    unit="%",
    better="higher",
    solved_at=0.98,
    constant_answer="the more common letter",
    length=100,
    shortest=9,
    example="BTBTSSXXTVVETEBPBPVVEPEBPBTXSEPEBTBPTTVPSETE",
    learns="even",
    _sample=_sample,
    _score=share_of_likeliest,
    _constant=commonest_set,
    _measures=(("accuracy on whole strings", share_of_strings),),
    _stream=_stream,
)
