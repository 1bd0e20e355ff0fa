"""Users' own tables in a query (TAP 1.1 §2.7.6): from a file of any form to a temporary table of the session.

`declarations` says what UPLOAD means, `fetching` brings what lies elsewhere, `reading` turns files into columns and
record batches on disk, `loading` puts those into the session that runs the query. All of it is hostile input: what is
wrong is a `UsageError` that names the fault, and what is held in memory is a block of it.
"""

from voserver.uploads.declarations import Declaration, declarations
from voserver.uploads.limits import Limits
from voserver.uploads.loading import Uploads
from voserver.uploads.reading import read_uploads

__all__ = ["Declaration", "Limits", "Uploads", "declarations", "read_uploads"]
