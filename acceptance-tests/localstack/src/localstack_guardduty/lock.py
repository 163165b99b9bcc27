"""The one lock of this plugin: held while an operation reads or changes the state of GuardDuty or ECS.

One for both, since coverage reads ECS and a task that starts asks GuardDuty.
"""

import threading

LOCK = threading.RLock()
