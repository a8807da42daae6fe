"""``kairan simulate``: a city's year through the whole path; ``faults``: many small worlds in which things fail."""

import typer

from hub.commandline.simulate.faults import faults_command
from hub.commandline.simulate.year import simulate

simulate_app = typer.Typer(invoke_without_command=True)
simulate_app.callback()(simulate)
simulate_app.command("faults")(faults_command)
