"""The services that are held to their models, and the list of checks."""

from checks import Checks
from wire import Service

checks = Checks()
runtime = Service("bedrock-runtime")
bedrock = Service("bedrock")
quotas = Service("service-quotas")
agents = Service("bedrock-agent-runtime")
s3 = Service("s3")

SERVICES = (runtime, agents, bedrock, quotas)


def says(*content):
    blocks = [{"text": part} if isinstance(part, str) else part for part in content]
    return [{"role": "user", "content": blocks}]


def held(*operations):
    """Fails with what the answers of these operations have that the model has not."""
    all_of = {name: coverage for service in SERVICES for name, coverage in service.coverage.items()}
    coverages = [all_of[name] for name in operations]
    breaches = sorted({breach for coverage in coverages for breach in coverage.breaches})
    assert not breaches, "; ".join(breaches)
    return f"{sum(len(coverage.seen) for coverage in coverages)} members"
