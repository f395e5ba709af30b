"""Floor 3: HTTP. A strict transcoder of the contract's `google.api.http` annotations to JSON.

It owns no data and knows no sibling's code: what a call means is the service's to say, over gRPC.
"""

from __future__ import annotations
