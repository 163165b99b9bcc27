# A detector with Runtime Monitoring of Fargate tasks. Only features that are listed are enabled (and paid for).
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

# Adopts a detector that already exists in another region. Destroy keeps it.
resource "guardduty_detector" "west" {
  region         = "us-west-2"
  adopt_existing = true
  on_destroy     = "keep"
}
