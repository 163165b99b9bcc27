# Notifies people of all serious findings on the production cluster.
resource "guardduty_finding_rule" "people" {
  name = "guardduty-alert"
  match = {
    finding_types = ["*:Runtime/*", "AttackSequence:*"]
    severity      = ["HIGH", "CRITICAL"]
    ecs_clusters  = ["prod"]
  }
  targets = {
    topic = {
      arn   = "arn:aws:sns:us-east-1:111122223333:alerts"
      input = { template = "<$.detail.title> (<$.detail.type>, severity <$.detail.severity>)" }
    }
  }
}

# Sends every finding to other systems, each in its own format. A dead-letter queue keeps tickets that cannot be
# delivered within an hour.
resource "guardduty_finding_rule" "machines" {
  name  = "guardduty-tickets"
  match = {}
  targets = {
    tickets = {
      arn = "arn:aws:states:us-east-1:111122223333:stateMachine:open-ticket"
      input = {
        template = jsonencode({
          id       = "<$.detail.id>"
          severity = "<$.detail.severity>" # sent as a number
          text     = "<$.detail.type> in <$.detail.accountId>"
        })
      }
      retry           = { maximum_age_seconds = 3600 }
      dead_letter_arn = "arn:aws:sqs:us-east-1:111122223333:undelivered"
    }
    archive = {
      arn = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/events/guardduty"
    }
    headquarters = {
      arn = "arn:aws:events:eu-central-1:111122223333:event-bus/security"
    }
  }
}
