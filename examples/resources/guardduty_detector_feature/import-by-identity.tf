# Add `region` for a region other than the provider's.
import {
  to = guardduty_detector_feature.runtime
  identity = {
    detector_id = "12abc34d567e8fa901bc2d34e56789f0"
    name        = "RUNTIME_MONITORING"
  }
}
