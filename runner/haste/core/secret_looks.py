"""How secrets look: what is refused in a skill, and what is taken out of a log."""

from typing import NamedTuple


class Look(NamedTuple):
    """One sort of secret."""

    label: str
    pattern: str
    parts: tuple[str, ...]
    """One of these stands in every secret of the sort: to look for those first costs next to nothing."""


TOKENS: tuple[Look, ...] = (
    Look("anthropic key", r"sk-ant-[A-Za-z0-9_-]{8,}", ("sk-ant-",)),
    Look("key", r"sk-(?=[A-Za-z_-]*[0-9])(?:[A-Za-z0-9]+[_-]){0,3}[A-Za-z0-9]{16}[A-Za-z0-9_-]{4,}", ("sk-",)),
    Look(
        "github token",
        r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    ),
    Look("hugging face token", r"hf_[A-Za-z0-9]{20,}", ("hf_",)),
    Look("aws key", r"(?:AKIA|ASIA)[0-9A-Z]{16}\b", ("AKIA", "ASIA")),
    Look("google key", r"AIza[0-9A-Za-z_-]{30,}", ("AIza",)),
    Look("slack token", r"xox[abprs]-[A-Za-z0-9-]{10,}", ("xox",)),
    Look("web token", r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}", ("eyJ",)),
    Look(
        "private key",
        r"-----BEGIN [A-Z ]*PRIVATE KEY[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        ("PRIVATE KEY",),
    ),
)
"""Nothing else looks like these. None asks for a word's boundary before it: in JSON, `\\n` may stand there."""

CLAIMS: tuple[Look, ...] = (
    Look("kaggle key", r"\"key\"\s*:\s*\"[0-9a-f]{32}\"", ('"key"',)),
    Look(
        "password",
        r"(?i:\b(?:password|passwd|secret|token|api[_-]?key)\s*[:=]\s*[\"']?(?=\S*\d)[^\s\"'<>{}]{8,})",
        ("password", "passwd", "secret", "token", "api"),
    ),
    Look("login in a URL", r"[a-z][a-z0-9+.-]*://[^\s/:@]+:[^\s/@]+@", ("://",)),
)
"""What honest text may look like too: enough to refuse a skill, too little to rewrite a log."""
