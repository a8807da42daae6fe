"""A role that talks as much as it can and then crashes with a person's data in hand; started by case 71 alone."""

import asyncio
import logging
import os
import resource
import warnings

from infra.runtime.log import configure_logging
from infra.runtime.service import Stop, serve


async def crash(_stop: Stop) -> None:
    """Say it in every way that a careless hand could, then fail."""
    number, name = os.environ["DRILL_NUMBER"], os.environ["DRILL_NAME"]
    log = configure_logging("DEBUG", "drill")
    log.debug(f"core {resource.getrlimit(resource.RLIMIT_CORE)[0]}", error=ValueError(number), person=name)
    logging.getLogger("aiokafka").debug("received %r", number)
    warnings.warn(f"{name} {number}", stacklevel=1)
    raise RuntimeError(f"{name} has {number}")


if __name__ == "__main__":
    asyncio.run(serve(crash))
