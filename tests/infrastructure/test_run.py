"""The test runner: what it keeps away from the tests, and what it says in the end."""

from pathlib import Path

import pytest

from tests import run, services


def test_operator_settings_do_not_reach_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANFANG_DATABASE_URL", "postgresql://production")
    monkeypatch.setenv("PORT", "80")
    monkeypatch.setenv("HOST", "0.0.0.0")
    with run.environment("embedded") as variables:
        assert "BIANFANG_DATABASE_URL" not in variables
        assert not {"HOST", "PORT"} & variables.keys()
        assert (Path(variables["BIANFANG_VAR"]) / "static").is_symlink()
    assert not Path(variables["BIANFANG_VAR"]).exists()


def test_failures_are_cut_out_of_the_log() -> None:
    log = "dots\n===== FAILURES =====\n__ test_x __\nboom\n==== 1 failed in 2s ====\n"
    assert run.failures(log).startswith("===== FAILURES")
    assert run.last_line(log) == "1 failed in 2s"


def test_missing_things_fail_only_in_continuous_integration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    class Passed:
        name, failed, text, log = "embedded", False, "== 3 passed in 1s ==", run.LOGS / "x.log"

    monkeypatch.delenv("CI", raising=False)
    assert run.report([Passed()], {"chromium": "the browser journeys"}, 1) == 0
    assert "chromium is missing: the browser journeys" in capsys.readouterr().out
    monkeypatch.setenv("CI", "true")
    assert run.report([Passed()], {"chromium": "the browser journeys"}, 1) == 1
    assert run.report([Passed()], {}, 1) == 0


@pytest.mark.parametrize("server", [services.postgres, services.redis])
def test_private_server_is_gone_after_the_block(server: object) -> None:
    try:
        with server() as address:  # type: ignore[operator]
            port = int(address.rpartition(":")[2].partition("/")[0])
            assert port_answers(port)
    except services.ServiceError as error:
        pytest.skip(str(error))
    assert not port_answers(port)


def port_answers(port: int) -> bool:
    try:
        services.socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
