"""The command `streamdesk`. Everything heavy is imported by the command that needs it, so that `--help` is light."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.console import Console

from bot.desk import Role, Work
from bot.errors import BadInput, BadSettings, StreamdeskError
from bot.privacy_commands import not_sealed, privacy_app
from bot.recommend_commands import recommend
from bot.redaction import redacted
from bot.settings import Settings
from bot.types import Language

if TYPE_CHECKING:
    import socket

    from bot.app import Loaded, Progress
    from bot.loads import Load
    from knowledge.index import LoadReport as DocumentReport

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print variables, and with them tokens
    help="Answers people in live shopping rooms and after the sale.",
)
audit_app = typer.Typer(no_args_is_help=True, help="What was said in live rooms.")
config_app = typer.Typer(no_args_is_help=True, help="The settings in force.")
desk_app = typer.Typer(no_args_is_help=True, help="Who answers customers at the desk.")
flows_app = typer.Typer(no_args_is_help=True, help="The bot's flows.")
keys_app = typer.Typer(no_args_is_help=True, help="API keys of programs that use the doors for machines.")
knowledge_app = typer.Typer(no_args_is_help=True, help="What the documents say, and what they should.")
nlu_app = typer.Typer(no_args_is_help=True, help="How well it understands.")
outbox_app = typer.Typer(no_args_is_help=True, help="Deliveries that could not be made.")
photos_app = typer.Typer(no_args_is_help=True, help="What photos show.")
room_app = typer.Typer(no_args_is_help=True, help="Live rooms.")
for name, group in {
    "audit": audit_app, "config": config_app, "desk": desk_app, "flows": flows_app, "keys": keys_app,
    "knowledge": knowledge_app, "nlu": nlu_app, "outbox": outbox_app, "photos": photos_app,
    "privacy": privacy_app, "room": room_app,
}.items():  # fmt: skip
    app.add_typer(group, name=name)
app.command("recommend")(recommend)
out = Console()
T = TypeVar("T")

Folder = Annotated[Path, typer.Argument(help="A shop folder, see docs/shop-folder.md.")]
Labelled = Annotated[Path, typer.Argument(metavar="FOLDER", help="One subfolder of photos a class, see docs/photos.md.")]


def main() -> None:
    """Run a command; what is wrong with its input is said in one sentence, a fault of ours as where it was raised."""
    if status := _told(app):
        sys.exit(status)


def _told(command: Callable[[], object]) -> int:
    """Run a command, say what was wrong, and return its exit status."""
    try:
        command()
    except typer.Exit as ended:  # of a worker; typer itself sees to that of a command
        return ended.exit_code
    except StreamdeskError as error:
        Console(stderr=True).print(f"[red]Error:[/] {redacted(str(error))}", soft_wrap=True, highlight=False)
        return 2 if isinstance(error, BadInput) else 1
    except Exception as error:
        from bot.logs import exception_text  # Python's own report would show addresses with their tickets

        Console(stderr=True).print(exception_text(error), markup=False, soft_wrap=True, highlight=False)
        return 1
    return 0


# ---------------------------------------------------------------- serving


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes behind the port; several need PostgreSQL.")] = 1,
) -> None:
    """Serve every channel that config.yml switches on, until stopped."""
    if workers > 1:
        _serve_with(workers)
    else:
        _run(_serve())


def _serve_with(count: int) -> None:
    from bot.logs import configure_logs
    from bot.workers import Workers, check_shareable, listen

    configure_logs()
    settings = Settings.load()
    check_shareable(count, settings)
    web = settings.channels.web
    Workers(count, listen(web.host, web.port), _work).run()


def _work(listening: socket.socket, ready: Callable[[], None]) -> int:
    """One worker. What it cannot start with is said as by every command."""
    return _told(lambda: _run(_serve(listening=listening, ready=ready)))


@keys_app.callback()
def keys() -> None:
    """API keys of programs that use the doors for machines."""


@keys_app.command("new")
def new_key(
    name: Annotated[str, typer.Argument(help="The program's name, such as shopfront.")],
    scope: Annotated[list[str], typer.Option(help="messages, parse, metrics or docs; may be given again.")],
) -> None:
    """Make an API key. It is shown this once; the settings keep its hash."""
    from bot.key_commands import made

    key, line = made(name, scope)
    out.print(f"The key, shown this once:\n{key}\n\nUnder channels.web.integrations in config.yml:", highlight=False)
    out.print(line, highlight=False, markup=False, soft_wrap=True)


@app.command()
def demo(
    shop: Annotated[Path, typer.Option(help="The shop folder to load first.")] = Path("demo/shop"),
) -> None:
    """Load the demo shop where it is not loaded yet, and serve it on this machine."""
    _run(_demo(shop))


@app.command()
def actions(
    host: Annotated[str, typer.Option(help="Where to listen. Other machines need STREAMDESK_ACTIONS_TOKEN.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 5055,
) -> None:
    """Serve the shop's actions to a Rasa server, in the protocol of rasa-sdk."""
    _run(_actions(host, port))


@app.command()
def chat(
    user: Annotated[str, typer.Option(help="Who is talking; the conversation goes on where it ended.")] = "terminal",
) -> None:
    """Talk to the bot here in the terminal."""
    from bot.terminal import talk

    _run(talk(Settings.load(), user, out))


@app.command()
def load(
    path: Folder,
    replace: Annotated[bool, typer.Option(help="Customers and orders of the folder win over the database's.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and load documents whenever they change.")] = False,
) -> None:
    """Load a shop: catalogue, offers, customers, orders, pictures and documents. Says per file what it took and why not."""
    loaded = _run(_load(path, replace=replace, watch=watch))
    if loaded.refused:
        raise typer.Exit(1)


@app.command("link-token")
def link_token(
    customer: Annotated[str, typer.Argument(help="The customer's id.")],
    minutes: Annotated[int, typer.Option(min=1, help="How long it holds.")] = 60,
    short: Annotated[bool, typer.Option("--short", help="For a start link of Telegram, rather than a JWT.")] = False,
) -> None:
    """A signed token as the merchant's site makes them (docs/verification.md), for trials."""
    from datetime import timedelta

    from actions.identity import jwt_for, short_for
    from bot.clock import SystemClock

    secret = Settings.load().shop.link_secret.get_secret_value()
    if not secret:
        raise BadSettings("there is no secret to sign with.", where="shop.link_secret", remedy="Set STREAMDESK_LINK_SECRET.")
    sign = short_for if short else jwt_for
    out.print(sign(customer, secret, SystemClock().now() + timedelta(minutes=minutes)), highlight=False, soft_wrap=True)


@app.command()
def settle(
    order_number: Annotated[str, typer.Argument(help="The order that it is of.")],
    return_id: Annotated[str, typer.Argument(help="The number of the return or exchange.")],
    reject: Annotated[
        bool, typer.Option("--reject", help="The goods are not as they should be: nothing is refunded.")
    ] = False,
    broken: Annotated[bool, typer.Option("--broken", help="The goods are not put on the shelf again.")] = False,
) -> None:
    """What came back was checked: refund a return, or finish an exchange. A repeat changes nothing."""
    status = _run(_settle(order_number, return_id, accepted=not reject, resellable=not broken))
    out.print(f"{return_id} is {status}.", highlight=False)


async def _settle(order_number: str, return_id: str, *, accepted: bool, resellable: bool) -> str:
    from getpass import getuser
    from zoneinfo import ZoneInfo

    from actions.policy import load_policy
    from actions.settlement import settle as settle_return
    from actions.shop.opening import open_shop_system
    from bot.clock import SystemClock
    from bot.pack import POLICY, Pack

    settings = Settings.load().shop
    shop = await open_shop_system(settings.url, settings.token.get_secret_value())
    try:
        settled = await settle_return(
            shop,
            load_policy(Pack(settings.pack_folder).own(POLICY)),
            ZoneInfo(settings.timezone),
            order_number=order_number,
            return_id=return_id,
            actor=f"staff {getuser()}",
            at=SystemClock().now(),
            accepted=accepted,
            resellable=resellable,
        )
    finally:
        await shop.close()
    return settled.status


async def _serve(
    *, demo: bool = False, listening: socket.socket | None = None, ready: Callable[[], None] | None = None
) -> None:
    from bot.app import open_service
    from bot.logs import configure_logs

    configure_logs()
    settings = Settings.load()
    with _Bars() as progress:
        opening = open_service(settings, progress, demo=demo)
        service = await opening.__aenter__()
    try:
        if ready:
            ready()
        _print_addresses(settings)
        out.print(not_sealed(settings) if not demo else "", highlight=False, soft_wrap=True)
        await service.run(listening)
    finally:
        await opening.__aexit__(None, None, None)


async def _actions(host: str, port: int) -> None:
    import uvicorn

    from bot.app import is_local, open_actions
    from bot.logs import configure_logs

    configure_logs()
    settings = Settings.load()
    if not is_local(host) and not settings.actions.token.get_secret_value():
        remedy = "Set STREAMDESK_ACTIONS_TOKEN, and the same `token` under action_endpoint in Rasa's endpoints.yml."
        raise BadInput(
            "whoever reaches this server says what is proven; it needs a token.", where=f"--host {host}", remedy=remedy
        )
    with _Bars() as progress:
        opening = open_actions(settings, progress)
        application = await opening.__aenter__()
    try:
        out.print(f"Rasa's action_endpoint is http://{host}:{port}/webhook\nStop it with Ctrl-C.", highlight=False)
        await uvicorn.Server(uvicorn.Config(application, host, port, log_config=None)).serve()
    finally:
        await opening.__aexit__(None, None, None)


async def _demo(shop: Path) -> None:
    from bot.demo import is_loaded, note_loaded
    from bot.desk_commands import demo_login

    settings = Settings.load()
    if not is_loaded(shop, settings):
        await _load(shop, replace=True)
        note_loaded(shop, settings)
    login = await demo_login(settings)
    if login:
        name, password = login
        out.print(
            f"\nThe desk's login, shown this once: name [bold]{name}[/], password [bold]{password}[/]", highlight=False
        )
    await _serve(demo=True)


async def _load(path: Path, *, replace: bool, watch: bool = False) -> Loaded:
    from contextlib import AsyncExitStack
    from datetime import timedelta

    from bot.app import load as load_shop
    from bot.app import open_shop, watch_documents
    from bot.clock import SystemClock
    from bot.load_commands import load_of, load_of_changes, load_that_failed

    settings, now, folder = Settings.load(), SystemClock().now, await asyncio.to_thread(path.resolve)
    async with AsyncExitStack() as closing:
        with _Bars() as progress:
            parts = await closing.enter_async_context(open_shop(settings, progress))
            try:
                loaded = await load_shop(path, parts, settings, replace=replace, progress=progress)
            except StreamdeskError as error:
                await _note(settings, load_that_failed(folder, error, now()))
                raise
        told = load_of(loaded, folder, now())
        _print_report(loaded, told)
        await _note(settings, told)
        if watch:
            out.print(f"Watching {path / 'documents'}; Ctrl+C ends.", highlight=False)
            async for report in watch_documents(path, parts, timedelta(days=loaded.shop.shifted_days)):
                _print_changes(report)
                told = load_of_changes(told, report, now())
                await _note(settings, told)
    return loaded


async def _note(settings: Settings, load: Load) -> None:
    """Keep a load for the console; where that cannot be, it is said, and the load is what it is."""
    from bot.load_commands import note

    try:
        await note(settings, load)
    except StreamdeskError as error:
        out.print(f"[yellow]The console keeps nothing of this load[/]: {error}", highlight=False, soft_wrap=True)


# ---------------------------------------------------------------- looking


@config_app.command("show")
def config_show() -> None:
    """Print the settings in force, from config.yml and the environment; secrets are masked."""
    import io

    from ruamel.yaml import YAML

    text = io.StringIO()
    YAML().dump(Settings.load().masked(), text)
    out.print(text.getvalue().rstrip(), highlight=False, markup=False, soft_wrap=True)


@flows_app.command("check")
def flows_check() -> None:
    """Read every flow and say the first thing that cannot run."""
    flows = _flows()
    patterns = sum(flow.is_pattern for flow in flows.by_id.values())
    out.print(f"{len(flows.by_id) - patterns} flows and {patterns} patterns are sound.")


@flows_app.command("draw")
def flows_draw(
    folder: Annotated[Path, typer.Option(help="Where the pictures go: one SVG a flow.")] = Path("var/flows"),
    language: Annotated[str, typer.Option(help="Whose words the pictures show: zh or en.")] = "zh",
) -> None:
    """Draw a picture of each flow."""
    from bot.dialogue.drawing import svg
    from bot.pack import RESPONSES, Pack
    from bot.responding.templates import Templates
    from bot.types import Language

    if language not in (Language.ZH, Language.EN):
        raise BadInput(f"{language!r} is no language of the bot.", where="--language", remedy="Write zh or en.")
    templates = Templates(Pack(Settings.load().shop.pack_folder).layers(RESPONSES))

    def words(name: str) -> str:
        said = (way.text for way in templates.variations(name) if way.conditions.get("language", "zh") == language)
        return next(said, "")

    folder.mkdir(parents=True, exist_ok=True)
    flows = _flows().by_id.values()
    for flow in flows:
        (folder / f"{flow.id}.svg").write_text(svg(flow, words), encoding="utf-8")
    out.print(f"Drew {len(flows)} flows under {folder}.")


@app.command()
def train() -> None:
    """Train understanding on bot/data/nlu; done by itself when the data changed."""
    from bot.app import train as train_understanding

    with _Bars() as progress:
        examples, seconds = _run(train_understanding(Settings.load(), progress))
    out.print(f"Trained on {examples} examples in {seconds:.1f} s.")


@nlu_app.command("test")
def nlu_test(
    folds: Annotated[int, typer.Option(min=2, max=10, help="Parts of the data, each tested by a model of the others.")] = 5,
    picture: Annotated[Path, typer.Option(help="Where the picture of the confusions goes (SVG).")] = Path(
        "var/nlu/confusion.svg"
    ),
) -> None:
    """Cross-validate understanding: F1 of every intent, and what is taken for what, as a picture, too."""
    from evals.confusion import svg
    from evals.understanding import cross_validate, report

    with _Bars() as progress:
        result = _run(cross_validate(Settings.load(), folds, progress))
    report(result, out)
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.write_text(svg(result.true, result.predicted), encoding="utf-8")
    out.print(f"Drawn in {picture}", highlight=False)


@knowledge_app.command("gaps")
def knowledge_gaps(
    turns: Annotated[int, typer.Option(min=1, help="How many of the last turns to look through.")] = 10_000,
) -> None:
    """Questions that the documents did not answer, those that mean the same together, most often asked first."""
    from rich.table import Table

    from bot.app import unanswered

    found = _run(unanswered(Settings.load(), turns))
    if not found:
        out.print("Nothing was left unanswered.")
        return
    table = Table("asked", "language", "questions", title="What the documents should say")
    for gap in found:
        table.add_row(f"{gap.times} ×", gap.language, _hidden("\n".join(gap.examples)))
    out.print(table)


@photos_app.command("train")
def photos_train(
    folder: Labelled,
    minutes: Annotated[float, typer.Option(min=1, help="The whole may take as long.")] = 30,
    linear: Annotated[
        bool, typer.Option("--linear", help="Leave the network as it is: seconds instead of minutes.")
    ] = False,
) -> None:
    """Learn from labelled photos beside the catalogue's pictures, instead of those of before; train the network on them."""
    from bot.photo_commands import train as train_photos
    from bot.photo_commands import trained_lines

    with _Bars() as progress:
        trained = _run(train_photos(Settings.load(), folder, progress, minutes=0 if linear else minutes))
    out.print("\n".join(trained_lines(trained)), highlight=False, markup=False, soft_wrap=True)


@photos_app.command("test")
def photos_test(folder: Labelled) -> None:
    """Measure on labelled photos: accuracy, calibration, confusions; rejection where a subfolder is called unknown."""
    from bot.photo_commands import test as test_photos
    from bot.photo_commands import tested_lines

    with _Bars() as progress:
        tested = _run(test_photos(Settings.load(), folder, progress))
    out.print("\n".join(tested_lines(tested)), highlight=False, markup=False, soft_wrap=True)


@outbox_app.command("list")
def outbox_list(
    limit: Annotated[int, typer.Option(min=1, help="How many of the last ones.")] = 100,
) -> None:
    """What was put aside, because its platform refused it for good or because it could not be read; newest first."""
    from bot.outbox_commands import line, put_aside

    letters = _run(put_aside(Settings.load(), limit))
    if not letters:
        out.print("Nothing was put aside.")
    for letter in letters:
        out.print(line(letter), highlight=False, markup=False, soft_wrap=True)


@outbox_app.command("retry")
def outbox_retry(
    delivery: Annotated[str, typer.Argument(metavar="ID", help="Which one, as `streamdesk outbox list` names it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
) -> None:
    """Try again what was put aside. A service that is running delivers it within a second or two."""
    from bot.outbox_commands import put_back

    count = _run(put_back(Settings.load(), delivery, everything=everything))
    out.print(f"Put back into the outbox: {count}.", highlight=False)


@audit_app.command("verify")
def audit_verify() -> None:
    """Check that nothing that was said in a room has been changed since; fails where something was."""
    from bot.audit_commands import line, verify

    chains = _run(verify(Settings.load()))
    if not chains:
        out.print("Nothing was said in a room yet.")
    for room, chain in chains.items():
        out.print(line(room, chain), highlight=False, markup=False, soft_wrap=True)
    if any(chain.broken is not None for chain in chains.values()):
        raise typer.Exit(1)


@room_app.command("replay")
def room_replay(
    file: Annotated[Path, typer.Argument(help="A recorded stream, one JSON object a line; see docs/live-sources.md.")],
    room: Annotated[str, typer.Option(help="The room into which it goes, by its gateway.")] = "main",
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="How many times as fast as it was.")] = 1.0,
    url: Annotated[str, typer.Option(help="Where the service is; by default as channels.web says.")] = "",
) -> None:
    """Show a recorded stream again, in a room of a service that is running."""
    from bot.room_commands import replay

    counts = _run(replay(Settings.load(), file, room, speed, url))
    out.print(", ".join(f"{name}: {counts[name]}" for name in ("taken", "doubled", "refused")), highlight=False)


@room_app.command("report")
def room_report(
    *,
    room: Annotated[str, typer.Option(help="The room.")] = "main",
    since: Annotated[str, typer.Option(help="From when, e.g. 2026-06-18T19:00:00+08:00; with --until.")] = "",
    until: Annotated[str, typer.Option(help="Until when.")] = "",
    last: Annotated[bool, typer.Option("--last", help="The room's last show; so it is without a span, too.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write it to this file as a page of its own.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write it to this file as data.")] = None,
    language: Annotated[str, typer.Option(help="zh or en: what is printed, and what the page shows first.")] = "zh",
) -> None:
    """What was asked in a show, what became of it, and what the shop can learn from it. Nobody is named."""
    from zoneinfo import ZoneInfo

    from bot.room_commands import report
    from channels.live.report_html import LANGUAGES, Look, file_html, report_json
    from channels.live.report_text import tables

    if last and (since or until):
        raise BadInput("--last is given with a span.", where="--last", remedy="Give --last, or --since and --until.")
    if language not in LANGUAGES:
        raise BadInput(f"{language!r} is no language of reports.", where="--language", remedy="Give zh or en.")
    settings = Settings.load()
    made, names = _run(report(settings, room, since, until))
    zone = ZoneInfo(settings.shop.timezone)
    if html is not None:
        html.write_text(file_html(made, zone, names, language), encoding="utf-8")
    if json is not None:
        json.write_bytes(report_json(made))
    for table in tables(made, Look(language, zone, names)):
        out.print(table)
    for file in filter(None, (html, json)):
        out.print(f"Written to {file}", highlight=False, markup=False, soft_wrap=True)


@desk_app.command("add")
def desk_add(
    name: Annotated[str, typer.Argument(help="The name that customers see.")],
    role: Annotated[Role, typer.Option(help="owner and agent have the desk; a host leads live rooms.")] = Role.AGENT,
    generate: Annotated[bool, typer.Option("--generate", help="Make a password and print it.")] = False,
) -> None:
    """Add somebody who answers customers; for one who is there: a new role and password, and their sessions end."""
    from bot.desk_commands import add
    from channels.desk.accounts import new_password

    password = new_password() if generate else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    new = _run(add(Settings.load(), name, role, password))
    out.print(f"{name} {'was added' if new else 'was changed'} ({role.value}).", highlight=False, markup=False)
    if generate:
        out.print(f"Password: {password}", highlight=False, markup=False)


@desk_app.command("work")
def desk_work(
    name: Annotated[str, typer.Argument(help="As `streamdesk desk list` names them.")],
    most: Annotated[int | None, typer.Option(min=0, max=100, help="How many open conversations they are offered.")] = None,
    language: Annotated[list[Language] | None, typer.Option(help="A language they answer in.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A tag whose tickets are theirs.")] = None,
) -> None:
    """Say what somebody is offered at the desk; what is not named stays as it was."""
    from bot.desk_commands import set_work

    work = _run(set_work(Settings.load(), name, most=most, languages=language or (), skills=skill or ()))
    out.print(f"{name}: {_of_work(work)}", highlight=False, markup=False)


@desk_app.command("list")
def desk_list() -> None:
    """Everybody with an account."""
    from bot.desk_commands import everybody

    for one in _run(everybody(Settings.load())):
        out.print(f"{one.role.value:6} {one.name}  {_of_work(one.work)}", highlight=False, markup=False)


@desk_app.command("numbers")
def desk_numbers(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days back from now.")] = 30,
) -> None:
    """What customers thought of what agents resolved: how many were asked and rated, the mean, and the share of 4 and 5."""
    from datetime import UTC, datetime, timedelta

    from bot.desk_commands import line, numbers

    now = datetime.now(UTC)
    for agent, of in _run(numbers(Settings.load(), now - timedelta(days=days), now)).items():
        out.print(line(agent, of), highlight=False, markup=False, soft_wrap=True)


@desk_app.command("remove")
def desk_remove(name: Annotated[str, typer.Argument(help="As `streamdesk desk list` names them.")]) -> None:
    """Remove somebody's account."""
    from bot.desk_commands import remove

    _run(remove(Settings.load(), name))
    out.print(f"{name} was removed.", highlight=False, markup=False)


def _of_work(work: Work) -> str:
    languages = ", ".join(work.languages) or "all languages"
    skills = f"; skills: {', '.join(work.skills)}" if work.skills else ""
    return f"up to {work.most} at once; {languages}{skills}{'; away' if work.away else ''}"


def _hidden(text: str) -> str:
    """Without numbers that could be somebody's: telephones, orders, cards."""
    return re.sub(r"\d{6,}", "…", text)


# ---------------------------------------------------------------- helpers


class _Bars:
    """Progress bars: one a kind of work, made when its first step is done."""

    def __enter__(self) -> Progress:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bars = Progress(*columns, console=Console(stderr=True))
        self._tasks: dict[str, Any] = {}
        self._bars.__enter__()

        def progress(doing: str, done: int, total: int) -> None:
            if doing not in self._tasks:
                self._tasks[doing] = self._bars.add_task(doing, total=total or None)
            self._bars.update(self._tasks[doing], completed=done, total=total or None)

        return progress

    def __exit__(self, *details: object) -> None:
        for task in self._tasks.values():
            self._bars.stop_task(task)
        self._bars.__exit__(None, None, None)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, which comes with the web server where the platform has it: a sixth less work a turn. Else Python's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _flows() -> Any:
    from bot.app import writing_actions
    from bot.dialogue.policy import load_dialogue
    from bot.domain import load_domain
    from bot.pack import Pack

    pack = Pack(Settings.load().shop.pack_folder)
    return load_dialogue(load_domain(pack), writing_actions(pack), pack).flows


def _print_addresses(settings: Settings) -> None:
    from bot.storage.sole import form

    url = settings.channels.web.public_url
    out.print(f"\nStreamdesk is up at [bold]{url}[/]")
    out.print(f"  process {os.getpid()}, {form(settings.storage.url, settings.redis.url)}", highlight=False)
    for path, what in (
        ("/", "all pages"),
        ("/room", "the live room"),
        ("/chat", "the private chat"),
        ("/desk", "the agents' desk, unless Slack is it"),
        ("/console", "the owners' console beside it: why the bot said so, gaps, numbers"),
        ("/host", "the console of the live room's host"),
        ("/docs", "the API"),
        ("/metrics", "numbers for Prometheus"),
    ):
        out.print(f"  {url}{path:10} {what}", highlight=False)
    out.print("Stop it with Ctrl-C.\n")


def _print_changes(report: DocumentReport) -> None:
    """What became of the files that changed."""
    for file in report.files:
        if file.status != "unchanged":
            out.print(
                f"documents/{file.path}: {file.problem or _taken(file.status, file.entries)}",
                highlight=False,
                soft_wrap=True,
            )


def _taken(status: str, entries: int) -> str:
    """What became of a document."""
    return f"{entries} entries" if status == "taken" else status


def _print_pack(pack: Sequence[str]) -> None:
    """What the shop brings over the retail defaults; without rules of its own, which rules apply."""
    from actions.policy import figures, load_policy
    from bot.pack import POLICY

    if pack:
        out.print(f"Over the defaults: {', '.join(pack)}", highlight=False)
    if POLICY not in pack:
        out.print(f"No {POLICY}: these rules for after the sale apply (actions/policy.yml)", highlight=False)
        for work, told in figures(load_policy()).items():
            out.print(f"  {work}: {told}", highlight=False, soft_wrap=True)


def _print_report(loaded: Loaded, told: Load) -> None:
    from rich.table import Table

    table = Table("file", "taken", "kept", "refused", title="Loaded", title_justify="left")
    for file in told.files:
        taken = _taken(file.status, file.taken) if file.status else str(file.taken)
        table.add_row(file.name, taken, str(file.kept or ""), str(file.refused or ""))
    out.print(table)
    _print_pack(loaded.pack)
    for complaint in told.complaints:
        out.print(f"[red]{complaint.file}[/] {complaint}", highlight=False, soft_wrap=True)
    models = loaded.models
    for name, measure in models.taken.items():
        if measure and name not in models.noted:
            out.print(f"{name} {measure}", highlight=False, soft_wrap=True)
