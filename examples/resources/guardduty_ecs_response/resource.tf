# Stops a compromised task of the shop cluster and notifies the security team.
resource "guardduty_ecs_response" "stop" {
  name             = "guardduty-stop-task"
  action           = "stop_task"
  clusters         = ["shop"]
  match            = { severity = ["HIGH", "CRITICAL"] }
  notify_topic_arn = aws_sns_topic.security.arn
}

# The same for all clusters, as a dry run to see what would happen.
resource "guardduty_ecs_response" "trial" {
  name             = "guardduty-stop-task-trial"
  action           = "stop_task"
  clusters         = ["*"]
  dry_run          = true
  match            = { finding_types = ["*:Runtime/*"], severity_minimum = 7 }
  notify_topic_arn = aws_sns_topic.security.arn
}
