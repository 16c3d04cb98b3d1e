"""Importing this before numpy makes its matrix products use one thread.

The matrices of one network's layers are small: threads gain nothing on them, and cost several
times the work itself when other programs are running.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
