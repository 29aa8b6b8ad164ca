"""Options that several commands share."""

from typing import Annotated

import typer

BrandOption = Annotated[str | None, typer.Option(help="The brand's key, if there are several. 品牌")]
