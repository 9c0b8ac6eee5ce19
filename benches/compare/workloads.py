"""What is measured: a repository a workload."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import Corpus, secrets
from repository import Repository

Files = Iterator[tuple[str, bytes]]


@dataclass(frozen=True)
class Sizes:
    """How large the repositories are."""

    tracked: int
    staged_many: int
    lines_many: int
    tracked_large: int


FULL = Sizes(tracked=2_000, staged_many=5_000, lines_many=580, tracked_large=50_000)
QUICK = Sizes(tracked=200, staged_many=100, lines_many=200, tracked_large=2_000)


@dataclass(frozen=True)
class Workload:
    """A repository to run in, and what its figures are compared with."""

    id: str
    title: Callable[[Sizes], str]
    build: Callable[[Path, Mapping[str, str], Sizes], Repository]
    start_up: bool = False

    @property
    def baseline(self) -> str:
        """The command of git's that the others are divided by."""
        return "git --version" if self.start_up else "git diff --cached"


def tracked_files(corpus: Corpus, count: int, mean: int) -> Files:
    """A tree of `count` files."""
    for number in range(count):
        path = corpus.path(number, fan_out=15)
        yield path, corpus.text(path.rpartition(".")[2], corpus.length(mean))


def base(path: Path, env: Mapping[str, str], sizes: Sizes) -> Repository:
    """Nothing staged."""
    return Repository.create(path, env, tracked_files(Corpus(1), sizes.tracked, 150))


def one(path: Path, env: Mapping[str, str], sizes: Sizes) -> Repository:
    """One small new file."""
    repo = base(path, env, sizes)
    repo.stage([("src/new_feature.py", Corpus(2).text("py", 40))])
    return repo


def one_secret(path: Path, env: Mapping[str, str], sizes: Sizes) -> Repository:
    """The same file with three credentials in it."""
    repo = base(path, env, sizes)
    content = Corpus(2).shuffled_inserts(Corpus(2).lines("py", 40), secrets(2))
    repo.stage([("src/new_feature.py", content)])
    return repo


def twenty(path: Path, env: Mapping[str, str], sizes: Sizes) -> Repository:
    """Twenty files, 150 lines added all over each."""
    corpus = Corpus(3)
    before = {f"src/edited/module_{n}.rs": corpus.lines("rs", 500) for n in range(20)}

    def tracked() -> Files:
        yield from tracked_files(Corpus(1), sizes.tracked, 150)
        yield from ((name, "".join(lines).encode()) for name, lines in before.items())

    repo = Repository.create(path, env, tracked())
    repo.stage((name, corpus.shuffled_inserts(lines, corpus.lines("rs", 150))) for name, lines in before.items())
    return repo


def many(path: Path, env: Mapping[str, str], sizes: Sizes) -> Repository:
    """A whole project is added at once."""
    repo = Repository.create(path, env, tracked_files(Corpus(1), 100, 150))
    corpus = Corpus(4)

    def added() -> Files:
        for number in range(sizes.staged_many):
            name = corpus.path(number, fan_out=15)
            yield f"added/{name}", corpus.text(name.rpartition(".")[2], sizes.lines_many)

    repo.stage(added())
    return repo


def large_index(path: Path, env: Mapping[str, str], sizes: Sizes) -> Repository:
    """Ten files in a very large tree."""
    repo = Repository.create(path, env, tracked_files(Corpus(5), sizes.tracked_large, 20))
    corpus = Corpus(6)
    repo.stage((f"src/edited/file_{n}.ts", corpus.text("ts", 60)) for n in range(10))
    return repo


WORKLOADS = (
    Workload("start-up", lambda _: "Start-up: `--version`", base, start_up=True),
    Workload("empty", lambda s: f"Nothing staged, {s.tracked:,} tracked files", base),
    Workload("one", lambda s: f"One small staged file, {s.tracked:,} tracked files", one),
    Workload("one-secret", lambda s: f"The same with secrets, {s.tracked:,} tracked files", one_secret),
    Workload("twenty", lambda s: f"20 staged files, {s.tracked + 20:,} tracked files", twenty),
    Workload("many", lambda s: f"{s.staged_many:,} staged files", many),
    Workload("large-index", lambda s: f"10 staged files, {s.tracked_large:,} tracked files", large_index),
)
