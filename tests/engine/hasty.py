"""nstui as a program that does not stay to see whether what it did has lasted.

It is run hundreds of times here, and would wait for seconds each time. Those tests that
are about that run the program as it is.
"""

from __future__ import annotations

from nstui.analysis import startable
from nstui.cli.main import main
from nstui.service import lasting, recompose

if __name__ == "__main__":
    lasting.LASTING_S = 0.0
    startable.TRIAL_S = startable.DOUBTFUL_S = 0
    recompose.STEADY_S, recompose.PAUSE_S = 0.2, 0.05
    main()
