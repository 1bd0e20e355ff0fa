"""Parts of files: which pixels or rows a region, a band or a time selects, and a FITS file of just these.

A file is read by ranges of its bytes: headers first, then what the cut-out keeps. Values are passed on as they are.
"""
