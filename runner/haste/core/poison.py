"""What has no place in a text that engineers read: secrets, orders to the reader's tools, what can't be seen."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

SECRETS: tuple[tuple[str, str], ...] = (
    ("anthropic key", r"sk-ant-[A-Za-z0-9_-]{8,}"),
    ("key", r"\bsk-(?:proj-)?[A-Za-z0-9_-]{20,}"),
    ("github token", r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"),
    ("hugging face token", r"\bhf_[A-Za-z0-9]{20,}"),
    ("aws key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("google key", r"\bAIza[0-9A-Za-z_-]{30,}"),
    ("slack token", r"xox[abprs]-[A-Za-z0-9-]{10,}"),
    ("private key", r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    ("kaggle key", r"\"key\"\s*:\s*\"[0-9a-f]{32}\""),
    ("web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}"),
    ("password", r"(?i:\b(?:password|passwd|secret|token|api[_-]?key)\s*[:=]\s*[\"']?(?=\S*\d)[^\s\"'<>{}]{8,})"),
    ("login in a URL", r"[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@"),
)

ORDERS: Mapping[str, tuple[str, ...]] = {
    "overrides its reader": (
        r"(?:ignore|disregard|forget|override)\W+(?:\w+\W+){0,4}?"
        r"(?:instructions?|rules|prompts?|guardrails|guidelines|polic(?:y|ies))\b",
    ),
    "speaks as the system": (
        r"\b(?:system|developer) (?:prompt|message|note|override)\b",
        r"^\s*(?:system|assistant|human|user)\s*:",
        r"\byou are now\b",
        r"\bnew instructions\b",
        r"\bact as (?:an?|the) (?:admin|root|system|developer)",
    ),
    "imitates markup of a prompt": (
        r"</?(?:system|assistant|user|human|instructions?|skills?|tool[_a-z]*|function[_a-z]*|data|document"
        r"|thinking|antml:[a-z_]+|important)\b[^>]*>",
        r"<\|[a-z_]+\|>|\[/?INST\]|<<SYS>>",
    ),
    "hides text in a comment": (r"<!--",),
    "asks for secrecy": (
        r"\b(?:do not|don't|never|without) "
        r"(?:tell|mention|inform|reveal|show|report|log|warn|telling|mentioning|informing|asking)\b"
        r".{0,40}\b(?:user|human|anyone|operator|person|reviewer|them)\b",
    ),
    "gives orders to tools": (
        r"\b(?:run|execute|invoke|launch)\W+(?:\w+\W+){0,3}?(?:bash|shell|terminal|commands?|script below)\b",
        r"\b(?:bash|shell|terminal|browser|web ?fetch|web ?search) (?:tool|command)\b",
        r"\b(?:Bash|Read|Write|Edit|WebFetch)\(",
    ),
    "runs a shell": (
        r"\b(?:curl|wget)\s+\S",
        r"\|\s*(?:ba|z|da)?sh\b",
        r"\brm\s+-[a-z]*[rf]",
        r"\b(?:sudo|chmod|chown|nc|ncat|scp|ssh)\s+[-\w/@.]",
        r"\bbase64\s+(?:-d|--decode)|\bpowershell\b|\bcrontab\b",
        r"(?:^|\s)!`|\$\([a-z]+ ",
    ),
    "runs code of its own": (
        r"\bos\.(?:system|popen|environ|remove|exec)|\bsubprocess\b|\bpickle\.loads?\b",
        r"(?<![.\w])(?:eval|exec|__import__|compile)\s*\(",
        r"\bimport\s+(?:os|socket|requests|urllib|ctypes|shutil)\b",
    ),
    "installs software": (r"\b(?:pip3?|uv|conda|npm|apt(?:-get)?|brew|gem|cargo)\s+(?:install|add)\b",),
    "reaches for secrets": (
        r"~/\.|\$HOME\b|\.ssh\b|(?<!\w)\.env\b|\.aws\b|\.netrc\b|\.git/|/etc/|/proc/|\bid_rsa\b",
        r"\b[A-Z][A-Z0-9_]*_(?:API_KEY|TOKEN|SECRET|PASSWORD)\b",
        r"\b(?:read|print|dump|list|show)\W+(?:\w+\W+){0,2}?environment variables?\b",
    ),
    "sends data away": (
        r"\b(?:send|post|upload|exfiltrate|transmit|leak|forward|e-?mail)\b.{0,60}\b(?:to|at|via)\b.{0,30}"
        r"(?:https?:|\w@\w|\bserver\b|\bwebhook\b|\bendpoint\b|\burl\b)",
    ),
    "reads what it must not": (
        r"\b(?:read|open|load|look at|use|copy|find|leak)\b.{0,40}"
        r"(?:\banswers?\.csv|\bprivate folder|\bprivate/|\bhidden labels|\btest labels|\banswer key)",
    ),
    "changes the evaluation": (
        r"\b(?:overwrite|edit|patch|modify|disable|bypass|tamper with|fake|forge|monkey-?patch)\b.{0,40}"
        r"\b(?:scorer|grader|metric code|runner|evaluation|event log|sandbox|lint|reported score)\b",
    ),
    "praises itself to be chosen": (
        r"\b(?:always|must) (?:load|cite|apply|prefer|choose|use|pick) this skill\b",
        r"\b(?:delete|retire|remove|ignore|distrust) (?:all |the )?other skills\b",
    ),
}

_SECRETS = tuple((label, re.compile(pattern)) for label, pattern in SECRETS)
_ORDERS = tuple(
    (label, re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)) for label, patterns in ORDERS.items()
)
_ENCODED = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}|(?:\\x[0-9a-fA-F]{2}){8,}|(?:%[0-9a-fA-F]{2}){8,}")
_LINK = re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|mailto:|javascript:|data:[a-z]+/|git@)\S|\bwww\.\w")
_TARGET = re.compile(r"\]\(\s*<?([^)\s>]*)|^\s*\[[^\]]+\]:\s*(\S+)", re.M)
_LEAVES = re.compile(r"(?:^|[\s\"'`(=])(?:\.\.[/\\]|/(?:home|root|usr|var|tmp|etc|opt|mnt|data)/|[A-Za-z]:\\)")
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_MIXED = re.compile(r"\w*(?:[A-Za-z][\u0400-\u04ff\u03bf]|[\u0400-\u04ff\u03bf][A-Za-z])\w*")


def secrets(text: str) -> Iterator[str]:
    """What looks like a secret; the secret itself is never repeated."""
    yield from (f"holds what looks like a {label}" for label, pattern in _SECRETS if pattern.search(text))


def orders(text: str) -> Iterator[str]:
    """Instructions to the reader's tools and attempts to pose as somebody else. Read as the eye does."""
    plain = unicodedata.normalize("NFKC", text)
    for label, pattern in _ORDERS:
        if hit := pattern.search(plain):
            yield f"{label}: {_excerpt(hit.group())}"
    if hit := _ENCODED.search(plain):
        yield f"holds encoded data: {_excerpt(hit.group())}"


def links(text: str) -> Iterator[str]:
    """Links and paths that lead out of the skill's folder."""
    targets = [a or b for a, b in _TARGET.findall(text)]
    for target in targets:
        if not re.fullmatch(r"#?[A-Za-z0-9_][A-Za-z0-9_./-]*", target) or ".." in target:
            yield f"links out of its folder: {_excerpt(target)}"
    if hit := _LINK.search(text):
        yield f"links out of its folder: {_excerpt(text[hit.start() : hit.start() + 40])}"
    if hit := _LEAVES.search(text):
        yield f"names a path outside its folder: {_excerpt(text[hit.start() : hit.start() + 40])}"


def unseen(text: str) -> Iterator[str]:
    """Characters that a reviewer can't see, or can't tell from others."""
    hidden = sorted({c for c in text if c not in "\n\t" and (not c.isprintable() or c in _BLANK or _selects(c))})
    if hidden:
        yield "has characters that can't be seen: " + ", ".join(f"U+{ord(c):04X}" for c in hidden[:5])
    if hit := _MIXED.search(text):
        yield f"mixes alphabets in one word: {_excerpt(hit.group())}"


def _selects(character: str) -> bool:
    return unicodedata.category(character) == "Mn" and not unicodedata.combining(character)


def _excerpt(text: str) -> str:
    return repr(" ".join(text.split())[:60])
