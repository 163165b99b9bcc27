# Add `region` for a region other than the provider's.
import {
  to = guardduty_ecs_runtime_monitoring.main
  identity = {
    detector_id = "12abc34d567e8fa901bc2d34e56789f0"
  }
}
