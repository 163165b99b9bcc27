# Add `region` for a region other than the provider's.
import {
  to = guardduty_ecs_response.stop
  identity = {
    name = "guardduty-stop-task"
  }
}
