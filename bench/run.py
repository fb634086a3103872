"""`make bench`: what the pages cost beside the least that Django costs, and how they grow.

Each size is an installation of its own in a temporary folder: of the scenario "pages" the
example county with more and more households, of "organisation" 1,500 units with more and
more people, of "campaign" a campaign of more and more units. "register" imports a register of
--register households on --database, beside python-calamine and a bare insert. "coverage" reads the
coverage of a city (bench/city.py) at every level, with --items households and with a hundredth of
them. "lists" reads the log of visits and the board of appeals of such a city at their first page,
at page 1,000 and at their last. "visiting" logs --visits visits in a city of --items households
through HTTP with 32 clients, for --for-seconds at most, and counts what was kept. Take the
ratios: milliseconds depend on the machine. "ledger" reads the ledger of problems and the queues of
reviewers, and "likeness" looks for like problems, among 10,000 and among --items, on --database.
"idle" starts worker and clock of the embedded size, gives them nothing to do and prints what that
costs. "concreteness" prints what the check of problem items catches of labelled ones, and what it
takes. With --keep FOLDER the databases of many problems and of cities stay there and are used
again, one city by all its scenarios: they take long to write, and are best measured when nothing
else runs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOUSEHOLDS = 1000
GROWTH = 4
REGISTER = 100_000
PEOPLE = 10_000
PEOPLE_GROWTH = 10
ITEMS = 5_000
ITEMS_GROWTH = 10
PROBLEMS = (10_000, 100_000)
LEDGER = (10_000, 20_000)
CITY = 200_000  # of coverage; a real one has ten times as many
CITY_GROWTH = 100
OF_A_CITY = ("coverage", "lists", "visiting")
VISITED = 20_000  # households of visiting
VISITS = 4_000  # of visiting
FOR_SECONDS = 60
UNITS = 150
UNITS_GROWTH = 10
SCENARIOS = (
    "pages",
    "organisation",
    "campaign",
    "register",
    "ledger",
    "notices",
    "likeness",
    "idle",
    "concreteness",
    "coverage",
    "lists",
    "visiting",
)
DATABASES = ("sqlite", "postgresql")
ROUNDS = 60
IDLE_SECONDS = 60
FLOOR = "floor"
Measured = dict[str, Any]


def main() -> None:
    options = _options()
    if "pages" in options.scenario:
        sizes = [options.households, options.households * GROWTH]
        results = [_measure(size, options.rounds) for size in sizes]
        _print(results, sizes, "households")
    if "organisation" in options.scenario:
        sizes = [options.people, options.people * PEOPLE_GROWTH]
        results = [_measure_filled("organisation", size, options.rounds) for size in sizes]
        _print(results, sizes, "people in 1,500 units")
    if "campaign" in options.scenario:
        sizes = [options.units, options.units * UNITS_GROWTH]
        results = [_measure_filled("campaign", size, options.rounds) for size in sizes]
        _print(results, sizes, "units of a campaign")
    if "idle" in options.scenario:
        _print_idle(_measure_idle(options.seconds), options.seconds)
    if "concreteness" in options.scenario:
        print(_run(dict(os.environ), "-m", "bench.concreteness"))
    if "notices" in options.scenario:
        items = options.items or ITEMS
        sizes = [items, items * ITEMS_GROWTH]
        _print_notices([_measure_notices(size) for size in sizes], sizes)
    _measure_problems(options)
    _measure_registers(options)


def _measure_registers(options: argparse.Namespace) -> None:
    """The scenarios of a register of a city, on one database."""
    if "register" in options.scenario:
        _print_register(options.register, options.database)
    if "coverage" in options.scenario:
        households = options.items or CITY
        sizes = [households // CITY_GROWTH, households]
        results = _measure_sizes("coverage", sizes, options)
        _print(results, sizes, f"households of a city, {options.database}")
        for result in results:
            _print_sql(result)
    if "lists" in options.scenario:
        households = options.items or CITY
        (found,) = _measure_sizes("lists", [households], options)
        _print_lists(found, f"{households:,} households of a city, {options.database}")
    if "visiting" in options.scenario:
        households = options.items or VISITED
        keep = _kept("visiting", options)
        with _database(options.database, keep) as address:
            found = _measure_filled(
                "visiting",
                households,
                options.visits,
                options.for_seconds,
                address=address,
                keep=keep,
            )
        title = f"visits through HTTP, {households:,} households of a city, {options.database}"
        _print_figures(title, found)


def _measure_problems(options: argparse.Namespace) -> None:
    """The scenarios that read many problems, each among few and many, on one database."""
    if "ledger" in options.scenario:
        sizes = [LEDGER[0], options.items or LEDGER[1]]
        results = _measure_sizes("ledger", sizes, options)
        _print(results, sizes, f"problems in 1,500 units, {options.database}")
    if "likeness" in options.scenario:
        sizes = [PROBLEMS[0], options.items or PROBLEMS[1]]
        _print_likeness(_measure_sizes("likeness", sizes, options), sizes, options.database)


def _measure_sizes(scenario: str, sizes: list[int], options: argparse.Namespace) -> list[Measured]:
    keep = _kept(scenario, options)
    with _database(options.database, keep) as address:
        return [
            _measure_filled(scenario, n, options.rounds, address=address, keep=keep) for n in sizes
        ]


def _kept(scenario: str, options: argparse.Namespace) -> Path | None:
    """The folder of the scenario's databases; those of a city share theirs."""
    name = "city" if scenario in OF_A_CITY else scenario
    return options.keep / f"{name}-{options.database}" if options.keep else None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", choices=SCENARIOS, nargs="+", default=SCENARIOS)
    parser.add_argument("--households", type=int, default=HOUSEHOLDS)
    parser.add_argument("--register", type=int, default=REGISTER, help="rows of register")
    parser.add_argument("--visits", type=int, default=VISITS, help="of visiting, at most")
    parser.add_argument("--for-seconds", type=int, default=FOR_SECONDS, help="of visiting")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seconds", type=int, default=IDLE_SECONDS, help="of idle")
    parser.add_argument("--items", type=int, help="how many of what is counted")
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0], help="of these")
    parser.add_argument("--keep", type=Path, help="folder for databases of many problems")
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    return parser.parse_args()


def _measure(households: int, rounds: int) -> Measured:
    with _installation() as environment:
        _run(environment, "manage.py", "migrate", "--verbosity", "0")
        _run(environment, "manage.py", "demo", "--households", str(households))
        return json.loads(_run(environment, "-m", "bench.pages", str(rounds)).splitlines()[-1])


def _measure_filled(
    scenario: str,
    size: int,
    *more: int,
    address: Callable[[int], str] = lambda size: "",
    keep: Path | None = None,
) -> Measured:
    """Of a scenario that fills its own database; ``address`` gives one elsewhere."""
    with _installation(keep and keep / str(size)) as environment:
        if elsewhere := address(size):
            environment["BIANFANG_DATABASE_URL"] = elsewhere
        _run(environment, "manage.py", "migrate", "--verbosity", "0")
        found = _run(environment, "-m", f"bench.{scenario}", *map(str, (size, *more)))
        return json.loads(found.splitlines()[-1])


def _measure_idle(seconds: int) -> dict[str, float]:
    with _installation() as environment:
        _run(environment, "manage.py", "migrate", "--verbosity", "0")
        found = _run(environment, "-m", "bench.idle", str(seconds))
        return json.loads(found.splitlines()[-1])


def _measure_notices(items: int) -> dict[str, float]:
    with _installation() as environment:
        _run(environment, "manage.py", "migrate", "--verbosity", "0")
        _run(environment, "-m", "bench.notices", "fill", str(items))
        return json.loads(_run(environment, "-m", "bench.notices", "tell").splitlines()[-1])


@contextmanager
def _database(kind: str, keep: Path | None) -> Iterator[Callable[[int], str]]:
    """What gives the address of a size's database; of SQLite the installation's own file."""
    if kind == "sqlite":
        yield lambda size: ""
        return
    import psycopg

    from tests.services import postgres

    with postgres(keep and keep / "server") as server:

        def address(size: int) -> str:
            name = f"bench_{size}"
            with psycopg.connect(server, autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if not known.fetchone():
                    connection.execute(f"CREATE DATABASE {name}")
            return server.removesuffix("/postgres") + f"/{name}"

        yield address


@contextmanager
def _installation(keep: Path | None = None) -> Iterator[dict[str, str]]:
    """The environment of an installation; unless kept it is gone afterwards.

    Shares the static files.
    """
    prepared = Path(os.environ.get("BIANFANG_VAR") or ROOT / "var").resolve()
    own = {k: v for k, v in os.environ.items() if not k.startswith("BIANFANG_")}
    with _folder(keep) as folder:
        for name in ("static", "fonts"):
            if not (folder / name).exists():
                (folder / name).symlink_to(prepared / name)
        yield own | {"BIANFANG_VAR": str(folder)}


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="bianfang-bench-") as name:
        yield Path(name)


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def _print(results: list[Measured], sizes: list[int], what: str) -> None:
    _print_pages(results[0], f"{sizes[0]:,} {what}")
    _print_growth(results, [f"{size:,} {what}" for size in sizes])


def _print_register(rows: int, database: str) -> None:
    """One import of so many households, beside the reading and the insert alone."""
    with _database(database, None) as address:
        found = _measure_filled("register", rows, address=address)
    _print_figures(f"{rows:,} households in one file, {database}", found)


def _print_figures(title: str, found: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, figure in found.items():
        print(f"{name:56}{figure:14,.2f}")


def _print_lists(result: Measured, what: str) -> None:
    """Each page beside the first of its own list."""
    times = result["milliseconds"]
    print(f"\n{what}; server time, median, and against the first page of the list")
    for name, milliseconds in times.items():
        first = times.get(f"{name.rpartition(', ')[0]}, first", milliseconds)
        print(f"{name:44}{milliseconds:8.2f}{milliseconds / first:8.2f}x")
    for name, value in result["figures"].items():
        print(f"{name:44}{value:12,.1f}")


def _print_notices(results: list[dict[str, float]], sizes: list[int]) -> None:
    print("\ndeadlines on one day, told in one run; floor = inserting the same rows alone")
    print(f"{'':24}" + "".join(f"{size:>12,}" for size in sizes))
    for name in results[0]:
        print(f"{name:24}" + "".join(f"{result[name]:12,.1f}" for result in results))


def _print_sql(result: Measured) -> None:
    print("\nSQL of the picture beside the bare read of the same counter rows, milliseconds")
    for level, found in result["sql"].items():
        print(
            f"{level:24}{found['picture']:8.2f}{found['bare']:8.2f}"
            f"{found['picture'] / found['bare']:7.1f}x{found['rows']:8.0f} rows"
        )
    for name, value in result["figures"].items():
        print(f"{name:24}{value:12,.1f}")


def _print_likeness(results: list[Measured], sizes: list[int], database: str) -> None:
    small, large = (result["milliseconds"] for result in results)
    floor = large[next(iter(large))]["median"]
    print(f"\nlike problems among {sizes[1]:,} against {sizes[0]:,}, {database}; milliseconds")
    print(f"{'the text is':24}{'median':>8}{'p95':>8}{'growth':>8}{'x row':>8}")
    for name, found in large.items():
        growth, ratio = found["median"] / small[name]["median"], found["median"] / floor
        print(f"{name:24}{found['median']:8.2f}{found['p95']:8.2f}{growth:7.2f}x{ratio:8.1f}")
    for name in results[0]["figures"]:
        print(f"{name:24}" + "".join(f"{result['figures'][name]:12,.1f}" for result in results))


def _print_pages(result: Measured, size: str) -> None:
    times, queries = result["milliseconds"], result["queries"]
    print(f"\n{size}; server time, median; floor = a bare view with one query")
    print(f"{'page':24}{'ms':>8}{'x floor':>9}{'queries':>9}")
    for name, milliseconds in times.items():
        ratio = milliseconds / times[FLOOR]
        print(f"{name:24}{milliseconds:8.2f}{ratio:9.1f}{queries[name]:9.0f}")


def _print_growth(results: list[Measured], sizes: list[str]) -> None:
    small, large = (result["milliseconds"] for result in results)
    first, second = (result["kilobytes"] for result in results)
    print(f"\n{sizes[1]} against {sizes[0]}, each beside its own floor")
    print("kB: a page that is larger than before shows more rows, and takes longer for that")
    print(f"{'page':24}{'ms':>8}{'growth':>9}{'queries':>9}{'kB':>6}{'before':>8}")
    for name in small:
        if name == FLOOR:
            continue
        growth = (large[name] / large[FLOOR]) / (small[name] / small[FLOOR])
        print(
            f"{name:24}{large[name]:8.2f}{growth:8.2f}x{results[1]['queries'][name]:9.0f}"
            f"{second[name]:6.0f}{first[name]:8.0f}"
        )


def _print_idle(shares: dict[str, float], seconds: int) -> None:
    print(f"\nidle, SQLite and the folder queue; share of one processor over {seconds} s")
    for part, share in (shares | {"together": sum(shares.values())}).items():
        print(f"{part:24}{share:8.2%}")


if __name__ == "__main__":
    main()
