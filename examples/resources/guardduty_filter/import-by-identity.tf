# Add `region` for a region other than the provider's.
import {
  to = guardduty_filter.test_noise
  identity = {
    detector_id = "12abc34d567e8fa901bc2d34e56789f0"
    name        = "test-noise"
  }
}
