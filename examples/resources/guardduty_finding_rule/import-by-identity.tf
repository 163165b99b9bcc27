# Add `region` for a region other than the provider's.
import {
  to = guardduty_finding_rule.people
  identity = {
    name = "guardduty-alert"
  }
}
