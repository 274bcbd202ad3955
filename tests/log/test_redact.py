"""Secrets are known by their look and by their value."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haste.adapters.redact import Redactor

VALUE = 'pa"ss/w+rd with space'
REDACTOR = Redactor({"DB_PASSWORD": VALUE, "PATH": "/usr/bin:/bin", "SHORT_KEY": "abc", "KEYBOARD": "qwertzuiop"})


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("sk-ant-api03-AbCd_efgh-1234", "anthropic key"),
        ("sk-proj-" + "a1B2" * 10, "key"),
        ("ghp_" + "x" * 36, "github token"),
        ("hf_" + "y" * 34, "hugging face token"),
        ("AKIA" + "A1B2" * 4, "aws key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "private key"),
        (VALUE, "DB_PASSWORD"),
        (json.dumps(VALUE)[1:-1], "DB_PASSWORD"),
        ("pa%22ss%2Fw%2Brd%20with%20space", "DB_PASSWORD"),
    ],
)
def test_what_looks_or_is_secret_goes(text: str, label: str) -> None:
    assert REDACTOR.text(f"before {text} after") == f"before [redacted: {label}] after"
    assert REDACTOR.data(f"\n{text}\n".encode()) == f"\n[redacted: {label}]\n".encode()


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "/usr/bin:/bin",
        "qwertzuiop",
        "task-ant-colony",
        "sk-learn",
        "disk-antics",
        "on-disk-array-of-all-rows-read-in-pieces-of-1000",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert REDACTOR.text(text) == text


def test_json_values_are_cleaned_in_every_place() -> None:
    value = {VALUE: [1, None, {"deep": (VALUE)}], "n": 1.5}
    assert json.dumps(REDACTOR.value(value)).count("redacted") == 2
    assert VALUE not in str(REDACTOR.value(value))


def test_bytes_that_are_no_text_are_cleaned_too() -> None:
    assert REDACTOR.data(b"\xff\xfe" + VALUE.encode() + b"\x80") == b"\xff\xfe[redacted: DB_PASSWORD]\x80"


@given(st.text(min_size=8).filter(lambda s: len(s.strip()) >= 8), st.text())
def test_a_secret_is_suspected_in_json_too(secret: str, around: str) -> None:
    redactor = Redactor({"A_TOKEN": secret})
    for ascii_only in (True, False):
        text = json.dumps({"x": f"{around}{secret.strip()}{around}"}, ensure_ascii=ascii_only)
        assert redactor.suspects(text.encode("utf-8", "surrogatepass"))


@given(st.binary())
def test_bytes_without_a_secret_stay_as_they_are(data: bytes) -> None:
    assert Redactor().data(data) == data


@given(st.text(min_size=8).filter(lambda s: s == s.strip() and len(s) >= 8), st.text(), st.text())
def test_a_value_never_survives(secret: str, before: str, after: str) -> None:
    clean = Redactor({"A_TOKEN": secret}).text(f"{before} {secret} {after}")
    assert secret in f"{before} {after}" or secret in "[redacted: A_TOKEN]" or f" {secret} " not in clean
