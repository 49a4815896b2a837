"""`fieldsmith`: the command line. Each group's module adds its commands to `main`."""

from __future__ import annotations

import click

from fieldsmith import __version__
from fieldsmith.cli import audit, evaluating, explaining, packages, retired, retyping, revisions, running, transfer, translations, users


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="fieldsmith")
def main() -> None:
    """Fieldsmith: a CRM its own users shape.

    A workspace is a folder with a database, files and settings. `fieldsmith init` makes one, `fieldsmith serve` serves it.
    """


running.add_to(main)
users.add_to(main)
packages.add_to(main)
revisions.add_to(main)
retyping.add_to(main)
retired.add_to(main)
transfer.add_to(main)
audit.add_to(main)
evaluating.add_to(main)
explaining.add_to(main)
translations.add_to(main)
