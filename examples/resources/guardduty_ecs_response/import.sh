# NAME; for a region other than the provider's NAME@REGION
tofu import guardduty_ecs_response.stop guardduty-stop-task
