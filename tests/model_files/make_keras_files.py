"""Write the Keras files of the tests, with what Keras itself computes from them.

Run it where Keras is installed (no TensorFlow needed):
``KERAS_BACKEND=torch python tests/model_files/make_keras_files.py``. Made with Keras 3.15.1. With
names of models, only these are written.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

FOLDER = Path(__file__).parent / "keras_files"
T = 6


def text(*inner: layers.Layer, **embedding: bool) -> keras.Model:
    return keras.Sequential([keras.Input((T,)), layers.Embedding(11, 4, **embedding), *inner])


def numbers(*inner: layers.Layer) -> keras.Model:
    return keras.Sequential([keras.Input((T, 3)), *inner])


def functional() -> keras.Model:
    given = keras.Input((T, 3))
    first = layers.GRU(5, return_sequences=True, name="encoder")(given)
    second = layers.GRU(5, return_sequences=True, name="other")(given)
    both = layers.Concatenate()([first, second])
    return keras.Model(given, layers.Dense(2, name="answer")(both))


def encoder_decoder() -> keras.Model:
    given = keras.Input((T, 3))
    first = layers.LSTM(5, return_sequences=True, return_state=True, name="encoder")
    read, h, c = first(given)
    second = layers.LSTM(5, return_sequences=True, name="decoder")(read, initial_state=[h, c])
    return keras.Model(given, layers.Dense(2, name="answer")(second))


def masked_stack() -> keras.Model:
    given = keras.Input((T,), dtype="int32")
    first = layers.Embedding(11, 4, mask_zero=True)(given)
    second = layers.GRU(5, return_sequences=True, name="first")(first)
    return keras.Model(given, layers.GRU(5, return_sequences=True, name="second")(second))


def inner_stack() -> keras.Model:
    """An inner functional model of two GRUs, and a third one after it."""
    given = keras.Input((T, 4))
    inner = layers.GRU(5, return_sequences=True, name="a", trainable=False)(given)
    inner = layers.GRU(5, return_sequences=True, name="b")(layers.Dropout(0.1)(inner))
    encoder = keras.Model(given, inner, name="encoder")
    read = keras.Input((T,))
    last = layers.GRU(5, return_sequences=True)(encoder(layers.Embedding(11, 4)(read)))
    return keras.Model(read, layers.Dense(2)(last))


def inner_twice() -> keras.Model:
    given = keras.Input((T, 3))
    inner = keras.Sequential([keras.Input((T, 3)), layers.GRU(5, **SEQUENCES)], name="twin")
    both = layers.Concatenate()([inner(given), inner(layers.Dense(3)(given))])
    return keras.Model(given, layers.Dense(2)(both))


def inner_inputs() -> keras.Model:
    given, other = keras.Input((T, 3)), keras.Input((T, 3))
    added = layers.Add()([given, other])
    inner = keras.Model([given, other], layers.GRU(5, **SEQUENCES)(added), name="pair")
    read = keras.Input((T, 3))
    return keras.Model(read, inner([read, layers.Dense(3)(read)]))


def inner_answers() -> keras.Model:
    given = keras.Input((T, 3))
    first = layers.GRU(5, **SEQUENCES)(given)
    inner = keras.Model(given, [first, layers.Dense(5)(first)], name="fork")
    read = keras.Input((T, 3))
    return keras.Model(read, layers.Add()(inner(read)))


class Block(layers.Layer):
    """A layer of an author: a GRU and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = layers.GRU(5, return_sequences=True)
        self.to_next = layers.Dense(2)

    def build(self, shape: tuple[int, ...]) -> None:
        self.memory.build(shape)
        self.to_next.build((*shape[:-1], 5))
        self.built = True

    def call(self, x: object) -> object:
        return self.to_next(self.memory(x))


class Own(keras.Model):
    """A model of an author, whose layers have the author's names."""

    def __init__(self) -> None:
        super().__init__()
        self.look = layers.Embedding(11, 4)
        self.body = Block()

    def call(self, x: object) -> object:
        return self.body(self.look(x))


def write_own() -> dict[str, object]:
    """Write the weights of `Own`, and return what it computes."""
    keras.utils.set_random_seed(0)
    model, x = Own(), np.array([[1, 5, 2, 10, 0, 3]])
    model(x)
    for weight in model.weights:
        weight.assign(np.random.default_rng(0).normal(0, 0.5, weight.shape))
    model.save_weights(str(FOLDER / "own.weights.h5"))
    states = np.asarray(model.body.memory(model.look(x)).detach())[0]
    answers = np.asarray(model(x).detach())[0]
    return {
        "inputs": x[0].tolist(), "states": {"memory": states.tolist()}, "answers": answers.tolist()
    }  # fmt: skip


SEQUENCES = {"return_sequences": True}
MODELS = {
    "text_lstm": lambda: text(layers.LSTM(5, name="memory", **SEQUENCES), layers.Dense(11)),
    "stack": lambda: numbers(
        layers.LSTM(5, **SEQUENCES), layers.Dropout(0.3), layers.LSTM(5, **SEQUENCES),
        layers.Dense(5, activation="relu"), layers.Dense(2, activation="softmax"),
    ),
    "both_gru": lambda: numbers(
        layers.Bidirectional(layers.GRU(5, **SEQUENCES)),
        layers.Bidirectional(layers.GRU(5, **SEQUENCES)),
        layers.TimeDistributed(layers.Dense(2)),
    ),
    "gru_before": lambda: numbers(layers.GRU(5, reset_after=False, **SEQUENCES)),
    "gru_no_bias": lambda: numbers(
        layers.GRU(5, use_bias=False, reset_after=False, **SEQUENCES)
    ),
    "lstm_no_bias": lambda: numbers(layers.LSTM(5, use_bias=False, **SEQUENCES)),
    "rnn_relu": lambda: numbers(layers.SimpleRNN(5, activation="relu", **SEQUENCES)),
    "rnn_tanh": lambda: numbers(layers.SimpleRNN(5, **SEQUENCES)),
    "functional": functional,
    "hard_sigmoid": lambda: numbers(
        layers.LSTM(5, recurrent_activation="hard_sigmoid", **SEQUENCES)
    ),
    "elu": lambda: numbers(layers.SimpleRNN(5, activation="elu", **SEQUENCES)),
    "cells": lambda: numbers(layers.RNN([layers.LSTMCell(5), layers.LSTMCell(5)], **SEQUENCES)),
    "dense_only": lambda: numbers(layers.Dense(5)),
    "masked_backwards": lambda: text(
        layers.GRU(5, go_backwards=True, **SEQUENCES), mask_zero=True
    ),
    "encoder_decoder": encoder_decoder,
    "masked_stack": masked_stack,
    "both_last": lambda: numbers(layers.Bidirectional(layers.LSTM(5)), layers.Dense(2)),
    "nested": lambda: numbers(
        keras.Sequential([keras.Input((T, 3)), layers.LSTM(5, **SEQUENCES), layers.Dense(4)]),
        layers.Dense(2),
    ),
    "inner_text": lambda: text(
        keras.Sequential(
            [layers.LSTM(5, **SEQUENCES), keras.Sequential([layers.LSTM(5, **SEQUENCES)])],
            name="inner",
        ),
        layers.Dense(11),
    ),
    "inner_stack": inner_stack,
    "inner_twice": inner_twice,
    "inner_inputs": inner_inputs,
    "inner_answers": inner_answers,
    "inner_timed": lambda: keras.Sequential(
        [
            keras.Input((T, 3, 1)),
            layers.TimeDistributed(
                keras.Sequential([keras.Input((3, 1)), layers.LSTM(5)], name="word")
            ),
        ]
    ),
    "between": lambda: text(
        layers.SpatialDropout1D(0.1), layers.Conv1D(4, 3, padding="same"),
        layers.LSTM(5, **SEQUENCES), layers.LayerNormalization(), layers.Dense(11),
    ),
}  # fmt: skip
ENDINGS = {
    "text_lstm": ("keras", "h5", "weights.h5"),
    "both_gru": ("keras", "h5", "weights.h5"),
    "gru_before": ("keras", "h5", "weights.h5"),
    "rnn_relu": ("keras", "weights.h5"),
    "cells": ("keras", "weights.h5"),
    "gru_no_bias": ("keras", "weights.h5"),
    "nested": ("keras", "weights.h5"),
    "inner_text": ("keras", "h5"),
    "inner_stack": ("keras", "h5"),
}


def main(*only: str) -> None:
    written = FOLDER / "expected.json"
    expected = json.loads(written.read_text()) if only else {}
    for seed, (name, make) in enumerate(MODELS.items()):
        if only and name not in only:
            continue
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        model = make()
        for weight in model.weights:  # biases begin at 0
            weight.assign(np.random.default_rng(seed).normal(0, 0.5, weight.shape))
        recurrent = [
            k
            for k, layer in enumerate(model.layers)
            if isinstance(layer, (layers.RNN, layers.Bidirectional))
        ]
        shape = (1, *model.input_shape[1:])
        x = np.random.default_rng(seed).normal(size=shape).astype("float32")
        x = np.random.default_rng(seed).integers(1, 11, shape) if len(shape) == 2 else x
        states = {}
        for k in recurrent:
            part = keras.Model(model.inputs, model.layers[k].output)
            found = part.predict(x, verbose=0)
            found = found[0] if isinstance(found, list) else found  # states come after it
            states[model.layers[k].name] = found[0].tolist()
        expected[name] = {
            "inputs": x[0].tolist(),
            "states": states,
            "answers": model.predict(x, verbose=0)[0].tolist(),
        }
        for ending in ENDINGS.get(name, ("keras",)):
            path = str(FOLDER / f"{name}.{ending}")
            if ending == "weights.h5":
                model.save_weights(path)
            else:
                model.save(path)
    if not only:
        expected["own"] = write_own()
    written.write_text(json.dumps(expected))


if __name__ == "__main__":
    main(*sys.argv[1:])
