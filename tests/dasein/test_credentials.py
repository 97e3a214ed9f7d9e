"""Who the client says it is, what it keeps of that, and that the key itself is never shown."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dasein import ApiError, BadCredential, Client, Unreachable
from dasein.cli import app
from dasein.profiles import profiles_path, read_profiles
from tests.dasein.certificates import certificate
from tests.dasein.scripted_server import JOB_ID, Seen, answers, job, me, refuses, scripted

KEY = "dsn_abcd1234_s3cr3t-s3cr3t"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"
Cli = Callable[..., Result]


def run(*arguments: object, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=typed)


def signed(seen: Seen) -> tuple[str | None, str | None]:
    """Return what a request was signed with: a key, a token."""
    return seen.headers.get("X-API-Key"), seen.headers.get("Authorization")


def test_a_key_is_sent_as_a_key_and_a_token_as_a_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{JWT}\n")

    with scripted(answers(me()), answers(me())) as farm:
        with Client(farm.url, api_key=KEY) as client:
            client.whoami()
        with Client(farm.url, api_key_file=file) as client:
            client.whoami()

    assert [signed(seen) for seen in farm.seen] == [(KEY, None), (None, f"Bearer {JWT}")]


def test_a_key_that_is_rotated_in_its_file_is_used_at_once(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("one")

    with scripted(answers(me()), answers(me())) as farm, Client(farm.url, api_key_file=file) as client:
        client.whoami()
        file.write_text("two")
        client.whoami()

    assert [signed(seen)[0] for seen in farm.seen] == ["one", "two"]


def test_what_a_call_says_goes_before_the_environment_and_that_before_a_login(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text("from-a-file")

    with scripted(*[answers(me())] * 5) as farm:
        assert run("login", "--url", farm.url, typed="kept").exit_code == 0
        run("whoami", "--url", farm.url)
        monkeypatch.setenv("DASEIN_API_KEY_FILE", str(file))
        run("whoami", "--url", farm.url)
        monkeypatch.setenv("DASEIN_API_KEY", "from-the-environment")
        run("whoami", "--url", farm.url)
        run("whoami", "--url", farm.url, "--api-key-file", file)

    keys = [signed(seen)[0] for seen in farm.seen[1:]]
    assert keys == ["kept", "from-a-file", "from-the-environment", "from-a-file"]


def test_a_login_is_kept_where_nobody_else_reads_and_says_who_one_is() -> None:
    with scripted(answers(me())) as farm:
        result = run("login", "--url", farm.url, typed=f"{KEY}\n")

    assert result.exit_code == 0, result.output
    assert "default (the farm itself)" in result.stdout
    assert signed(farm.seen[0])[0] == KEY
    path = profiles_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert read_profiles().farms[farm.url].key == KEY


def test_a_key_that_the_farm_does_not_take_is_not_kept() -> None:
    with scripted(refuses(401, "unauthenticated")) as farm:
        result = run("login", "--url", farm.url, typed=KEY)

    assert result.exit_code == 2
    assert not profiles_path().exists()
    assert KEY not in result.output


def test_a_key_goes_to_the_farm_it_was_kept_for_and_to_no_other() -> None:
    with scripted(answers(me()), answers(me())) as ours, scripted(answers(job()), answers(me())) as other:
        run("login", "--url", f"{ours.url}/", typed="ours")
        run("job", JOB_ID, "--url", other.url)
        run("login", "--url", other.url, typed="other")
        run("whoami", "--url", ours.url)

    assert signed(other.seen[0]) == (None, None)
    assert signed(ours.seen[-1])[0] == "ours"


def test_the_first_farm_is_meant_until_another_is_made_the_default() -> None:
    with scripted(*[answers(me())] * 3) as first, scripted(*[answers(me())] * 3) as second:
        run("login", "--url", first.url, typed="one")
        run("login", "--url", second.url, typed="two")
        run("whoami")
        run("login", "--url", second.url, "--default", typed="two")
        run("whoami")
        gone = run("logout", "--json")
        run("whoami")

    assert [signed(seen)[0] for seen in first.seen] == ["one", "one", "one"]
    assert [signed(seen)[0] for seen in second.seen] == ["two", "two", "two"]
    assert json.loads(gone.stdout)["forgotten"] == [second.url]


def test_after_signing_out_of_everything_nothing_is_kept() -> None:
    with scripted(answers(me())) as farm:
        run("login", "--url", farm.url, typed=KEY)

    assert run("logout", "--all").exit_code == 0
    assert KEY not in profiles_path().read_text()
    assert "No key of" in run("logout", "--url", farm.url).stdout


def test_logins_that_others_can_read_are_refused_with_the_cure() -> None:
    with scripted(answers(me())) as farm:
        run("login", "--url", farm.url, typed=KEY)
    profiles_path().chmod(0o644)

    result = run("whoami")

    assert result.exit_code == 2
    assert f"chmod 600 {profiles_path()}" in result.stderr


@pytest.mark.parametrize("content", [f'{{"{KEY}', f'["{KEY}"]', f'{{"farms": "{KEY}", "default": null}}'])
def test_logins_that_make_no_sense_are_refused_without_being_shown(content: str) -> None:
    profiles_path().parent.mkdir(parents=True, exist_ok=True)
    profiles_path().touch(mode=0o600)
    profiles_path().write_text(content)

    result = run("whoami", "--json")

    assert result.exit_code == 2
    assert json.loads(result.stdout)["error"]["code"] == "bad-credential"
    assert KEY not in result.output


def test_no_key_says_how_to_sign_in_and_a_bad_one_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted(refuses(401, "unauthenticated"), refuses(401, "unauthenticated")) as farm:
        without = run("jobs", "--url", farm.url)
        monkeypatch.setenv("DASEIN_API_KEY", KEY)
        bad = run("jobs", "--url", farm.url)

    assert (without.exit_code, bad.exit_code) == (2, 2)
    assert "dasein login" in without.stderr
    assert "does not take the key from DASEIN_API_KEY" in bad.stderr
    assert KEY not in bad.output


def test_a_key_without_the_role_is_told_how_to_find_out_which_one_it_has() -> None:
    with scripted(refuses(403, "forbidden", detail="This takes the role admin; yours is viewer.")) as farm:
        result = run("jobs", "--url", farm.url)

    assert result.exit_code == 2
    assert "takes the role admin" in result.stderr
    assert "dasein whoami" in result.stderr


def test_a_spent_limit_says_when_it_is_renewed() -> None:
    spent = refuses(429, "rate-limited", RateLimit='"queries";r=3;t=9, "address";r=0;t=90')

    with scripted(spent) as farm, Client(farm.url, patience_s=5) as client, pytest.raises(ApiError) as error:
        client.whoami()

    assert error.value.retry_after_s == 90
    assert error.value.hint == "Try again in 90 s."


@pytest.mark.parametrize("key", ["two words", "l\u00e4ng", "tab\tbed"])
def test_a_key_that_no_header_holds_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(BadCredential) as error:
        Client("http://127.0.0.1:1", api_key=key)

    assert key not in str(error.value)


def test_a_key_file_that_is_not_there_or_is_no_key_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"k" * 100_000)

    for name in ("absent", "large", "."):
        result = run("whoami", "--url", "http://127.0.0.1:1", "--api-key-file", tmp_path / name, "--json")

        assert result.exit_code == 2
        assert json.loads(result.stdout)["error"]["code"] == "bad-credential"


def test_a_password_in_a_url_is_refused_without_being_shown() -> None:
    result = run("whoami", "--url", "http://ada:pa55word@127.0.0.1:1")

    assert result.exit_code == 2
    assert "pa55word" not in result.output


def test_a_credential_does_not_show_itself(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)

    with Client("http://127.0.0.1:1", api_key_file=tmp_path / "key") as client:
        shown = repr(vars(client._http)) + repr(client._http._http.auth)

    assert KEY not in shown


def test_a_farm_with_a_certificate_of_its_own_is_trusted_by_its_file_alone(tmp_path: Path) -> None:
    context, trusted = certificate(tmp_path)

    with scripted(*[answers(me())] * 3, tls=context) as farm:
        with Client(farm.url) as client, pytest.raises(Unreachable) as error:
            client.whoami()
        kept = run("login", "--url", farm.url, "--ca-file", trusted, typed=KEY)
        again = run("whoami")

    assert "--ca-file" in str(error.value)
    assert kept.exit_code == 0, kept.output
    assert again.exit_code == 0, again.output


def test_a_file_without_certificates_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    result = run("whoami", "--url", "https://127.0.0.1:1", "--ca-file", tmp_path / "ca.pem")

    assert result.exit_code == 2
    assert "holds no certificates" in result.stderr


def test_login_without_tls_to_another_machine_is_warned_about() -> None:
    result = run("login", "--no-check", "--url", "http://farm.invalid", typed=KEY)

    assert result.exit_code == 0
    assert "without TLS" in result.stderr
    assert KEY not in result.output


@pytest.mark.parametrize("group", ["pools", "webhooks", "dead-letters"])
def test_a_list_without_its_name_takes_the_key_file_too(tmp_path: Path, group: str) -> None:
    (tmp_path / "key").write_text(KEY)
    empty = answers({"pools": [], "webhooks": [], "dead_letters": [], "cursor": None})

    with scripted(empty) as farm:
        result = run(group, "--url", farm.url, "--api-key-file", tmp_path / "key")

    assert result.exit_code == 0, result.output
    assert signed(farm.seen[0])[0] == KEY


def test_every_command_that_speaks_to_a_farm_takes_the_key_file_and_the_ca_file() -> None:
    for command in (("jobs",), ("keys", "create"), ("pools", "scale"), ("mcp",), ("whoami",), ("check",)):
        shown = run(*command, "--help").stdout

        assert "--api-key-file" in shown, command
        assert "--ca-file" in shown, command
