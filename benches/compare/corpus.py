"""Text that looks like source code, the same bytes on every machine.

Lines come from templates and a word list. The words that secret scanners look for (token, key, password …) occur
as often as in real code, so that their first filters have the work they have in life; nothing here is a secret.
"""

import random
import string
import zlib
from collections.abc import Sequence

WORDS = """
account action active adapter address alias align amount anchor append apply archive array assert asset async attach
attempt attribute backend balance base batch begin binary bind block body bound branch bridge browser buffer build
bundle byte cache call cancel capacity capture cell chain change channel check child chunk class clean client clone
close cluster code collect column command commit compare compile component compute config connect const consumer
container content context convert copy core count counter create current cursor data date debug decode default define
delay delete delta depth derive detail device diff digest direct disable dispatch display document domain draft drive
drop edge edit effect element emit empty enable encode engine entry error escape event exact example except exclude
execute exit expand expect export extend extract factor fail feature fetch field file fill filter final find first
fixed flag flat flow flush folder font footer force fork format forward frame free front function future gather
generate global grant graph grid group guard handle handler hash head header heap height hidden hint history hook host
icon image import include index info init inline input insert instance integer invoke item iterate job join journal
jump keep kernel label lambda last layer layout leaf left length level library limit line link list listen load local
locate lock logger loop lower macro main manage manifest margin mask match measure member memory merge message meta
method metric middle minor mirror missing mode model module monitor mount move mutex name native network next node
normal notify null number object offset open operand option order origin output overflow owner package packet page
parent parse partial patch path pattern pause payload peer pending pipe pivot pixel place plain plan plugin point
policy pool port prefix prepare present print priority process produce profile progress project promise property proxy
public publish pull pulse push query queue quote range rate raw reader ready reason record redirect reduce reference
region register release reload remote remove render repeat replace report request reset resolve resource response
rest restore result resume retry return revision right role root rotate route row rule runtime sample scale scan
schedule schema scope screen script search section select sender sequence series server service session setting shadow
shape share shell shift signal size skip slice socket sort source space span spawn split stack stage start state
static status step stop store stream string struct style submit suffix summary support surface switch symbol sync
syntax system table tag target task template tenant term test text theme thread throttle timeout timer title toggle
total trace track trait transfer transform tree trigger trim tuple type union unique unit unpack update upper usage
user valid value variable vector verify version view visible visit wait walk warning watch weight widget width window
worker wrap writer yield zone
""".split()

# what scanners prefilter on; about one word in sixty
SENSITIVE = "token key secret password auth access api credential private client_id login bearer".split()

TEMPLATES = {
    "py": (
        "def {a}_{b}(self, {c}: {T}, {d}: int = {n}) -> {U}:",
        "    {a}_{b} = self.{c}.{d}({e}, {f})",
        "    if {a} is None or {b}.{c} > {n}:",
        '        raise {T}Error(f"{a} {b} of {{{c}}} is not {d}")',
        "    for {a}, {b} in enumerate({c}.{d}_{e}()):",
        "        {a}.append({b}[{n}])",
        "    return {a}.{b}({c}={d}, {e}={f})",
        "",
        "# {a} {b} must {c} the {d} before {e}",
        "",
        "    assert {a}_{b} == {n}, {c}",
        "from {a}.{b} import {T}, {U}",
        '    {a}_url = "https://{b}.example.com/{c}/{d}?{e}={n}"',
        '    "{a}": {{"id": "{hex:8}-{hex:4}-4{hex:3}-8{hex:3}-{hex:12}", "{b}": {n}}},',
    ),
    "rs": (
        "    pub fn {a}_{b}(&self, {c}: &{T}) -> Result<{U}, Error> {{",
        "        let {a} = self.{b}.{c}({d})?;",
        "        let mut {a}_{b} = Vec::with_capacity({n});",
        "        match {a}.{b}() {{",
        "            {T}::{U} => {a}.{b}({c}),",
        "        }}",
        "    }}",
        "/// The {a} of the {b}, {c} to the {d}.",
        "",
        "        if {a}.{b}() > {n} && !{c}.is_{d}() {{",
        "use crate::{a}::{b}::{T};",
        '        return Err({T}::new("{a} {b} {c}"));',
        "            .map(|{a}| {T} {{ {b}: {a}.{b}(), {c}: {n}, ..{U}::default() }})",
        "    const MAGIC: [u8; 4] = [0x{hex:2}, 0x{hex:2}, 0x{hex:2}, 0x{hex:2}];",
    ),
    "ts": (
        "export async function {a}{T}({b}: {U}): Promise<{T}> {{",
        "  const {a} = await this.{b}.{c}({{ {d}: {n}, {e} }});",
        "  return {a}?.{b} ?? {c}.{d};",
        "  if (!{a} || {b}.length > {n}) {{",
        '    throw new {T}Error("{a} {b} {c}");',
        "  }}",
        "}}",
        "  // {a} {b}: {c} the {d} of {e}",
        "",
        'import {{ {T}, {U} }} from "../{a}/{b}";',
        '  <{T} {a}="{b}" {c}={{{d}.{e}}} />',
        '    integrity: "sha256-{base64:43}=",',
    ),
    "yaml": (
        "{a}_{b}:",
        "  {a}: {b}",
        "  - name: {a} {b} {c}",
        "    {a}: true",
        "    {a}: {n}",
        "    {a}: /srv/{b}/{c}/{d}",
        "  # {a} {b} {c} {d}",
        "    {a}: [{b}, {c}, {d}]",
        "    image: registry.example.com/{a}/{b}@sha256:{hex:64}",
    ),
    "md": (
        "The {a} {b} {c} the {d} when the {e} is {f}; see `{b}_{d}`.",
        "## {T} and {U}",
        "",
        "- `{a}_{b}`: {c} {d} of the {e}, {n} by default",
        "",
        "A {a} without a {b} cannot {c}: {d} it first, then {e} the {f} again.",
        "- [{hex:7}](https://git.example.com/{a}/{b}/commit/{hex:40}): {c} {d}",
    ),
}
SUFFIXES = tuple(TEMPLATES)
ALPHABETS = {"hex": "0123456789abcdef", "base64": string.ascii_letters + string.digits + "+/"}
POOL_LINES = 20_000


class Noise:
    """Random letters, as many as the format says: `{hex:40}` is a digest."""

    def __init__(self, rng: random.Random, alphabet: str) -> None:
        self._rng = rng
        self._alphabet = alphabet

    def __format__(self, count: str) -> str:
        return draw(self._rng, self._alphabet, int(count))


def draw(rng: random.Random, alphabet: str, count: int) -> str:
    """`count` letters. Only random() is used, which gives the same numbers in every version of Python."""
    return "".join(alphabet[int(rng.random() * len(alphabet))] for _ in range(count))


class Corpus:
    """A stream of files; the same seed gives the same stream."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._pools = {suffix: self._pool(templates) for suffix, templates in TEMPLATES.items()}

    def lines(self, suffix: str, count: int) -> list[str]:
        """`count` lines of a language, each with its line feed."""
        return self._rng.choices(self._pools[suffix], k=count)

    def text(self, suffix: str, count: int) -> bytes:
        """A file of `count` lines."""
        return "".join(self.lines(suffix, count)).encode()

    def length(self, mean: int) -> int:
        """A number of lines: mostly below the mean, now and then far above, as in real trees."""
        return max(3, min(4 * mean, round(self._rng.expovariate(1 / mean))))

    def path(self, number: int, fan_out: int) -> str:
        """A path that is unique by its number, at most `fan_out` files a directory."""
        directory, file = divmod(number, fan_out)
        top, below = divmod(directory, 12)
        suffix = SUFFIXES[number % len(SUFFIXES)]
        return f"src/{WORDS[top % len(WORDS)]}{top}/{WORDS[below]}/{self._word()}_{file}.{suffix}"

    def shuffled_inserts(self, text: list[str], extra: list[str]) -> bytes:
        """`text` with `extra` put in, in blocks of five lines at even distances: an edit all over a file."""
        blocks = [extra[i : i + 5] for i in range(0, len(extra), 5)]
        step = max(1, len(text) // max(1, len(blocks)))
        out: list[str] = []
        for number, block in enumerate(blocks):
            out += text[number * step : (number + 1) * step] + block
        return "".join(out + text[len(blocks) * step :]).encode()

    def _word(self) -> str:
        words = SENSITIVE if self._rng.random() < 1 / 60 else WORDS
        return self._pick(words)

    def _pick(self, items: Sequence[str]) -> str:
        return items[int(self._rng.random() * len(items))]

    def _pool(self, templates: Sequence[str]) -> list[str]:
        return [self._line(self._pick(templates)) for _ in range(POOL_LINES)]

    def _line(self, template: str) -> str:
        words = {letter: self._word() for letter in "abcdef"}
        types = {letter: self._word().title().replace("_", "") for letter in "TU"}
        noise = {name: Noise(self._rng, alphabet) for name, alphabet in ALPHABETS.items()}
        return template.format(n=int(self._rng.random() * 10_000), **words, **types, **noise) + "\n"


def secrets(seed: int) -> list[str]:
    """Lines with credentials that were never valid. Put together here, so that no file of the project holds one."""
    rng = random.Random(seed)
    alphanumeric = string.ascii_letters + string.digits
    github = draw(rng, alphanumeric, 30)
    aws = draw(rng, string.ascii_uppercase + "234567", 16)
    stripe = draw(rng, alphanumeric, 24)
    return [
        f'GITHUB_TOKEN = "{"ghp"}_{github}{_github_checksum(github)}"\n',
        f'aws_access_key_id = "{"AKIA"}{aws}"\n',
        f'STRIPE_KEY = "{"sk"}_live_{stripe}"\n',
    ]


def _github_checksum(body: str) -> str:
    """The last six characters of a GitHub token: the CRC-32 of the others in base 62."""
    digits = string.digits + string.ascii_uppercase + string.ascii_lowercase
    value, out = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        out = digits[digit] + out
    return out
