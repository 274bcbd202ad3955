"""The looks of orders to a reader's tools, as data."""

from collections.abc import Mapping

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

HINTS: Mapping[str, tuple[str, ...]] = {
    "overrides its reader": ("ignore", "disregard", "forget", "override"),
    "speaks as the system": (
        "system", "developer", "assistant", "human", "user", "you are now", "new instructions", "act as a",
        "act as the",
    ),
    "imitates markup of a prompt": ("<", "[inst", "[/inst"),
    "hides text in a comment": ("<!--",),
    "asks for secrecy": ("user", "human", "anyone", "operator", "person", "reviewer", "them"),
    "gives orders to tools": (
        "bash", "shell", "terminal", "command", "script below", "tool", "read(", "write(", "edit(", "fetch(",
    ),
    "runs a shell": (
        "curl ", "wget ", "|", "rm -", "sudo ", "chmod ", "chown ", "nc ", "ncat ", "scp ", "ssh ", "base64",
        "powershell", "crontab", "!`", "$(",
    ),
    "runs code of its own": (
        "os.system", "os.popen", "os.environ", "os.remove", "os.exec", "subprocess", "pickle.load", "eval(",
        "eval (", "exec(", "exec (", "__import__", "compile(", "compile (", "import os", "import socket",
        "import requests", "import urllib", "import ctypes", "import shutil",
    ),
    "installs software": (
        "install", "pip add", "pip3 add", "uv add", "conda add", "npm add", "apt add", "apt-get add", "brew add",
        "gem add", "cargo add",
    ),
    "reaches for secrets": (
        "~/.", "$home", ".ssh", ".env", ".aws", ".netrc", ".git/", "/etc/", "/proc/", "id_rsa", "_api_key",
        "_token", "_secret", "_password", "environment variable",
    ),
    "sends data away": ("http", "@", "server", "webhook", "endpoint", "url"),
    "reads what it must not": (
        "answer.csv", "answers.csv", "answer key", "private folder", "private/", "hidden labels", "test labels",
    ),
    "changes the evaluation": (
        "scorer", "grader", "metric code", "runner", "evaluation", "event log", "sandbox", "lint", "reported score",
    ),
    "praises itself to be chosen": ("this skill", "other skills"),
}  # fmt: skip
"""One of these stands in every text that the pattern of a name can match: in lower case, single spaces."""
