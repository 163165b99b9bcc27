# GuardDuty with runtime monitoring of Fargate tasks, and nothing on (and paid for) that is not listed.
resource "guardduty_detector" "main" {
  finding_publishing_frequency = "FIFTEEN_MINUTES"
  unlisted_features            = "disable"

  features = {
    LAMBDA_NETWORK_LOGS = { status = "ENABLED" }
    RUNTIME_MONITORING = {
      status = "ENABLED"
      additional_configuration = {
        ECS_FARGATE_AGENT_MANAGEMENT = "ENABLED"
      }
    }
  }

  tags = { team = "security" }
}

# Takes over the detector that somebody has made in another region, and leaves it there on destroy.
resource "guardduty_detector" "west" {
  region         = "us-west-2"
  adopt_existing = true
  on_destroy     = "keep"
}
