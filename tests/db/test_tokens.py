"""What is found must not depend on width, case, script or on what stands beside a word."""

from __future__ import annotations

import pytest

from fieldsmith.db.tokens import MAX_TEXT, MAX_TOKEN, Tokenizer


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("Acme Corp. acme", ["acme", "corp"]),
        ("ann.lee@acme.com", ["ann", "lee", "acme", "com"]),
        ("1,234.50", ["1", "234", "50"]),
        ("snake_case", ["snake", "case"]),
        ("Straße MÜNCHEN", ["strasse", "münchen"]),
        ("ΣΑΣ σας", ["σασ"]),
        ("Ｆｕｌｌ　ｗｉｄｔｈ ﬁne", ["full", "width", "fine"]),
        ("北京", ["北", "京", "北京"]),
        ("北京大", ["北", "京", "大", "北京", "京大"]),
        ("軟體", ["软", "体", "软体"]),
        ("華為Mate60", ["华", "为", "华为", "mate60"]),
        ("ソフト", ["ソ", "フ", "ト", "ソフ", "フト"]),
        ("%_\\\"*'", []),
    ],
)
def test_document_tokens(tokenizer: Tokenizer, text: str, tokens: list[str]) -> None:
    assert tokenizer.document_tokens(text) == tokens


@pytest.mark.parametrize(
    ("text", "words", "prefix"),
    [
        ("", (), None),
        ("  %* ", (), None),
        ("acm", (), "acm"),
        ("Acme corp", ("acme",), "corp"),
        ("北", ("北",), None),
        ("北京大學", ("北京", "京大", "大学"), None),
        ("acme 軟體", ("acme", "软体"), None),
        ("軟體 acme", ("软体",), "acme"),
        ("x y x", ("y",), "x"),
        ("a OR b", ("a", "or"), "b"),
    ],
)
def test_question(tokenizer: Tokenizer, text: str, words: tuple[str, ...], prefix: str | None) -> None:
    assert tokenizer.question(text) == (words, prefix)


@pytest.mark.parametrize("pair", [("臺灣", "台湾"), ("開發", "开发"), ("乾坤", "干坤"), ("Ｈｕａｗｅｉ", "huawei"), ("ﾊﾝｶｸ", "ハンカク")])
def test_spellings_of_one_word_have_the_same_tokens(tokenizer: Tokenizer, pair: tuple[str, str]) -> None:
    assert tokenizer.document_tokens(pair[0]) == tokenizer.document_tokens(pair[1])


def test_long_words_are_cut_alike_in_records_and_questions(tokenizer: Tokenizer) -> None:
    word = "x" * 500
    assert tokenizer.document_tokens(word) == [tokenizer.question(word).prefix] == ["x" * MAX_TOKEN]


def test_only_the_beginning_of_endless_text_is_read(tokenizer: Tokenizer) -> None:
    assert len(tokenizer.document_tokens(" ".join(str(n) for n in range(100_000)))) < MAX_TEXT / 5
