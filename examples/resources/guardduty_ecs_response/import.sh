# The ID is NAME. In a region other than the provider's, it is NAME@REGION.
tofu import guardduty_ecs_response.stop guardduty-stop-task
