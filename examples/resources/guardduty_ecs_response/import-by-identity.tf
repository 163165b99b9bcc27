# `region` too, for one other than the provider's.
import {
  to = guardduty_ecs_response.stop
  identity = {
    name = "guardduty-stop-task"
  }
}
