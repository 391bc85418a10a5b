"""Every member that the emulator sends, held to the service model that botocore has."""

import json

import calls  # noqa: F401, each of these adds its checks to the list
import jobs  # noqa: F401
import control  # noqa: F401
import faults  # noqa: F401
from services import SERVICES, checks


def table():
    """A line for each operation: what was seen of what there is."""
    yield "operation                       members  errors  members never sent"
    for service in SERVICES:
        for name, coverage in sorted(service.coverage.items()):
            errors = {shape.name for shape in coverage.operation.error_shapes}
            seen = f"{len(coverage.seen & coverage.all)}/{len(coverage.all)}"
            refused = f"{len(coverage.errors & errors)}/{len(errors)}"
            yield f"{name:31} {seen:>7}  {refused:>6}  {', '.join(coverage.never()) or '-'}"


checks.run()
for line in table():
    print(json.dumps({"note": line}))
