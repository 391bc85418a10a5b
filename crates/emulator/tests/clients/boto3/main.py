"""boto3: the runtime, the control plane, quotas, S3, and a whole batch job."""

import calls  # noqa: F401, each of these adds its checks to the list
import jobs  # noqa: F401
import control  # noqa: F401
import faults  # noqa: F401
import identity  # noqa: F401
from session import checks

checks.run()
