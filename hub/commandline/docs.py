"""``kairan docs``: reference pages that are made from what they describe."""

import typer

from hub.commandline.docs_failures import failures_command
from hub.commandline.docs_items import items_command
from hub.commandline.docs_matrix import matrix_command
from hub.commandline.docs_reasons import reasons_command
from hub.commandline.docs_recipients import recipients_command
from hub.commandline.docs_schema import asyncapi_command, schema_command

docs_app = typer.Typer(help="Reference pages, made from the declarations.", no_args_is_help=True)
docs_app.command("items")(items_command)
docs_app.command("reasons")(reasons_command)
docs_app.command("matrix")(matrix_command)
docs_app.command("recipients")(recipients_command)
docs_app.command("schema")(schema_command)
docs_app.command("asyncapi")(asyncapi_command)
docs_app.command("failures")(failures_command)
