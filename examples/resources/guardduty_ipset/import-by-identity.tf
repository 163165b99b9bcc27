# Add `region` for a region other than the provider's.
import {
  to = guardduty_ipset.trusted
  identity = {
    id = "12abc34d567e8fa901bc2d34e56789f0:0bc5dc7b3fe54bbd9f4bc0d9a8d0e2c1"
  }
}
