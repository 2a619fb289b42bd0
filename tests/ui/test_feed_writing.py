"""Any text is read on "Feed a sequence", and the character model continues it."""

import pytest
from streamlit.testing.v1 import AppTest

from gatesviz.cells import CELLS
from gatesviz.trained import load_trained
from gatesviz.ui.feed.writing import UNEDITED
from tests.ui.test_feed import open_feed, player, said

MODEL = load_trained("characters-lstm")
KNOWN = "A B C D x y z . ?"


def labels(app: AppTest) -> str:
    return "".join(player(app)[0]["labels"]).replace("␣", " ")


def chosen(app: AppTest) -> tuple[str, str]:
    return app.segmented_control(key="cell").value, app.selectbox(key="weights").value


@pytest.mark.parametrize(
    "query",
    [{}, {"cell": "GRU"}, {"cell": "several cells"}, {"cell": "LSTM", "weights": "recall"}],
)
def test_a_text_that_the_recall_model_cannot_read_goes_to_the_character_model(
    query: dict[str, str],
) -> None:
    app = open_feed(text="Hello, Wörld 7!", **query)
    assert not app.exception
    assert not app.error
    assert chosen(app) == ("LSTM", "characters")
    assert labels(app) == "hello, world "
    beside = [block.value for block in app.sidebar.text]
    for sentence in (
        f"The model “recall” knows only “{KNOWN}”, so the model “characters” reads your text."
        " To go back, choose “recall” in the menu “Model”.",
        "Capital letters are read as small ones.",
        "Read as: “ö” as “o”.",
        "Left out, because the model doesn't know them: “7”, “!”.",
    ):
        assert sentence in beside
    assert not any("U+" in text or "□" in text for text in beside)


def test_typing_switches_and_a_text_that_is_known_does_not() -> None:
    app = open_feed()
    app.text_area(key="text").set_value("Axx?\n").run()  # Enter, by mistake
    assert chosen(app) == ("LSTM", "recall")
    assert "so the model “characters”" not in said(app)
    app.text_area(key="text").set_value("a list").run()
    assert chosen(app) == ("LSTM", "characters")
    assert labels(app) == "a list"
    assert "so the model “characters” reads your text" in said(app)
    app.text_area(key="text").set_value("a tuple").run()
    assert "so the model “characters”" not in said(app)


def test_a_text_without_any_known_character_is_refused_and_the_last_player_stays() -> None:
    app = open_feed()
    before = player(app)[0]["id"]
    app.text_area(key="text").set_value("你好").run()
    assert not app.exception
    assert "The model knows no character of “你好”." in said(app)
    assert player(app)[0]["id"] == before
    assert app.text_area(key="text").value == "你好"


def test_a_chosen_model_reads_its_example_and_gives_the_text_back_later() -> None:
    app = open_feed(text="hello there")
    app.selectbox(key="weights").select("recall").run()
    assert chosen(app) == ("LSTM", "recall")
    assert app.text_area(key="text").value == load_trained("recall-lstm").example
    assert "Your text comes back with the model “characters”" in said(app)
    app.selectbox(key="weights").select("characters").run()
    assert app.text_area(key="text").value == labels(app) == "hello there"


def test_a_cell_without_a_model_of_english_reads_it_with_fresh_weights() -> None:
    app = open_feed(text="hello there")
    app.segmented_control(key="cell").set_value("GRU").run()
    assert chosen(app) == ("GRU", "fresh")
    assert labels(app) == "hello there"
    assert any("no trained GRU for this input" in block.value for block in app.markdown)
    app.segmented_control(key="cell").set_value("LSTM").run()
    assert chosen(app) == ("LSTM", "characters")
    app.selectbox(key="weights").select("fresh").run()
    assert chosen(app) == ("LSTM", "fresh")


def test_the_model_continues_the_text_as_the_library_does() -> None:
    app = open_feed(text="the class has")
    assert "written" not in player(app)[0]
    app.slider(key="temp").set_value(0.5).run()
    app.number_input(key="textseed").set_value(3).run()
    app.button(key="write on").click().run()
    assert not app.exception
    found = MODEL.continue_text("the class has", 200, temperature=0.5, seed=3)
    model, arrays = player(app)
    assert labels(app) == str(found)
    assert model["written"]["first"] == 13
    assert model["written"]["temperature"] == 0.5
    assert model["written"]["chances"] == pytest.approx(found.chances, rel=1e-3)
    assert (model["select"]["step"], model["select"]["until"]) == (12, 13)
    assert model["select"]["playing"]
    assert arrays["0.f"].shape == (213, MODEL.hidden_size)
    assert app.text_area(key="text").value == "the class has"
    assert app.query_params["write"] == "200"


def test_more_letters_are_added_and_removed() -> None:
    app = open_feed(text="a class", write="30", temp="1.2", textseed="4")
    found = MODEL.continue_text("a class", 230, temperature=1.2, seed=4)
    assert labels(app) == str(found)[:37]
    assert not player(app)[0]["select"]["playing"] or player(app)[0]["select"]["until"] == 0
    app.button(key="write on").click().run()
    assert labels(app) == str(found)
    assert player(app)[0]["select"]["step"] == 36
    [another] = [button for button in app.button if button.label == "Write another text"]
    another.click().run()
    assert app.number_input(key="textseed").value == 5
    assert labels(app) == str(MODEL.continue_text("a class", 230, temperature=1.2, seed=5))
    [remove] = [button for button in app.button if button.label == "Remove the model's text"]
    remove.click().run()
    assert labels(app) == "a class"
    assert "write" not in app.query_params


def test_a_new_text_begins_without_letters_of_the_model() -> None:
    app = open_feed(text="a class", write="30")
    app.text_area(key="text").set_value("a list").run()
    assert labels(app) == "a list"
    assert "write" not in app.query_params


def test_letters_end_where_a_sequence_has_its_limit() -> None:
    app = open_feed(text="ab " * 330, write="600")
    assert not app.exception
    assert player(app)[0]["steps"] == 1_000
    assert not any(button.key == "write on" for button in app.button)


@pytest.mark.parametrize("query", [{}, {"weights": "fresh", "text": "hello"}, {"src": "wave"}])
def test_models_that_predict_no_characters_offer_nothing(query: dict[str, str]) -> None:
    app = open_feed(**query)
    assert not any(button.key == "write on" for button in app.button)


@pytest.mark.parametrize("value", ["601", "-1", "many", "1.5"])
def test_a_broken_number_of_letters_is_named(value: str) -> None:
    app = open_feed(text="a class", write=value)
    assert not app.exception
    assert f"write={value} was ignored: expected a whole number from 0 to 600." in said(app)
    assert labels(app) == "a class"


def test_only_the_lstm_ships_with_a_model_of_english() -> None:
    """Then the switch goes to the LSTM whatever cell was chosen."""
    assert MODEL.cell == "lstm"
    assert CELLS[MODEL.cell].name == "LSTM"


def test_beside_the_button_the_page_says_that_edits_do_not_change_what_is_written() -> None:
    app = open_feed(text="a list", edits="f=0", write="40")
    assert UNEDITED in [one.value for one in app.caption]
    plain = open_feed(text="a list", write="40")
    assert labels(app) == labels(plain) == str(MODEL.continue_text("a list", 40))
    assert UNEDITED not in [one.value for one in open_feed().caption]
