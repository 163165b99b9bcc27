# GuardDuty for ECS on one page: detects attacks on the listed clusters, notifies people, and stops compromised tasks.

terraform {
  required_providers {
    guardduty = {
      source = "guardduty-rs/guardduty"
    }
  }
}

# The detector. Only features that are listed here or below are enabled (and paid for).
resource "guardduty_detector" "main" {
  unlisted_features = "disable"
  features = {
    LAMBDA_NETWORK_LOGS = { status = "ENABLED" }
  }
}

# Runtime Monitoring of the Fargate tasks of these clusters only.
resource "guardduty_ecs_runtime_monitoring" "main" {
  detector_id = guardduty_detector.main.id
  fargate     = { include = var.clusters }
}

# IP addresses that are known to be malicious.
resource "guardduty_threatintelset" "hostile" {
  detector_id = guardduty_detector.main.id
  name        = "hostile"
  activate    = true
  format      = "TXT"
  bucket      = var.bucket
  key         = "guardduty/hostile.txt"
  entries     = ["198.51.100.7", "203.0.113.0/24"]
}

# Notifies people of all serious findings.
resource "guardduty_finding_rule" "alert" {
  name  = "guardduty-alert"
  match = { severity = ["HIGH", "CRITICAL"] }
  targets = {
    people = {
      arn   = var.topic_arn
      input = { template = "<$.detail.title> (<$.detail.type>, severity <$.detail.severity>)" }
    }
  }
}

# Stops a compromised task. Its service starts a replacement.
resource "guardduty_ecs_response" "stop" {
  name             = "guardduty-stop-task"
  action           = "stop_task"
  clusters         = var.clusters
  match            = { severity = ["HIGH", "CRITICAL"] }
  notify_topic_arn = var.topic_arn
}
