"""`python -m assayer_executor` is the command."""

import sys

from assayer_executor.command import main

sys.exit(main())
